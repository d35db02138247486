"""What the chat shows: HTML from templates, words, tables."""
