"""Learning the translation lexicon from open pairs."""
