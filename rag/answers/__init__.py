"""Answer kinds, evidence, language-model prose and its check, messages."""
