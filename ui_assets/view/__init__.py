"""What the chat shows: HTML from templates, texts in each language, the table of documents."""
