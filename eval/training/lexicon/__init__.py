"""Training the translation lexicon from open pairs of texts."""
