"""Language models: providers, HTTP client, prompts, parsing of their output."""
