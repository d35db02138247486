"""A conversation as a Markdown, DOCX or JSON file."""
