"""Words of texts and questions: letter folding, stop words, stems, rarity."""
