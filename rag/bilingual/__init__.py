"""Russian for an English encoder and an English archive, learned offline (see PROVENANCE.md).

- `lexicon`: translation probabilities of stems, both ways, from a file of a few megabytes
- `transliterate`: names that sound alike across the alphabets
- `gloss`: Russian text as input rows of the English encoder
- `terms`: a question's words as weighted stems in each language of the store
- `metonyms`: capitals that stand for governments
- `own`: what an archive's parallel texts teach
- `pairs`, `ibm1`, `train`: how the lexicon is learned; `python -m rag.bilingual train DATA`

Nothing here opens a store or loads a model.
"""
