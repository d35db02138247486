"""Language models: protocol, providers, HTTP, prompts, and reading what they write."""
