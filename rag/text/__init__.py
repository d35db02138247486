"""Text as written: characters, layout, sentences, passages, languages. No meaning."""
