"""Russian text as input rows of the English encoder, which is not changed.

Each Russian word becomes one row: the weighted mean of the word-piece embeddings of its most
probable English translations, scaled to their mean norm. Words that the lexicon does not know,
such as names, are transliterated and split into word pieces; Latin words, digits and punctuation
are split as usual. The rows replace the encoder's word embeddings, before positions are added.

Not here: running the encoder, start and end pieces, windows, English text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.analysis.folding import fold
from index_store.analysis.stemming import stems
from rag.models.lexicon import Lexicon
from rag.text.phonetics import spell

Rows = NDArray[np.float32]
Pieces = Callable[[str], Sequence[tuple[int, int]]]
"""Text → index and text offset of each word piece, without start and end pieces."""

PROBABILITY_EXPONENT = 1.5
"""A translation's weight is its probability to this power."""

MAX_TRANSLATIONS = 4
"""Translations per word that enter the mean."""

_MAX_CACHED = 1 << 16
_PART = re.compile(r"([а-яѐ-џѣіѳѵ\u0301]+)|[^а-яѐ-џѣіѳѵ\u0301\s]+", re.I)


class Glosser:
    """Makes input rows from Russian text; safe to share between threads.

    `table` is the encoder's word embeddings, float32 of shape (vocabulary, dimension); it is not
    copied. `pieces` splits a text into word pieces.
    """

    def __init__(self, lexicon: Lexicon, table: Rows, pieces: Pieces) -> None:
        self._lexicon = lexicon
        self._table = table
        self._pieces = pieces
        self._known: dict[str, Rows] = {}

    def gloss_rows(self, text: str) -> Rows:
        """The rows, float32 (rows, dimension): one for each Russian word and other piece."""
        return self.placed_rows(text)[0]

    def placed_rows(self, text: str) -> tuple[Rows, list[int]]:
        """The same rows, and the text offset of each row's word or piece."""
        rows, starts = [self._table[:0]], []
        for part in _PART.finditer(text):
            word, start = part.group(), part.start()
            if part.lastindex:
                rows.append(self._word(fold(word)))
                starts += [start] * len(rows[-1])
            else:
                pieces = self._pieces(word)
                rows.append(self._table[[piece for piece, _ in pieces]])
                starts += [start + at for _, at in pieces]
        return np.concatenate(rows), starts

    def _read(self, text: str) -> Rows:
        return self._table[[piece for piece, _ in self._pieces(text)]]

    def _word(self, word: str) -> Rows:
        rows = self._known.get(word)
        if rows is None:
            rows = self._gloss(word)
            if len(self._known) < _MAX_CACHED:
                self._known[word] = rows
        return rows

    def _gloss(self, word: str) -> Rows:
        found = stems(word)
        glosses = self._lexicon.translations(found[0], "ru") if found else {}
        if not glosses:
            return self._read(spell(word))
        likely = list(glosses.items())[:MAX_TRANSLATIONS]
        weights = np.array([p**PROBABILITY_EXPONENT for _, p in likely], dtype=np.float32)
        rows = np.stack([self._read(self._lexicon.surface_form(e)).mean(axis=0) for e, _ in likely])
        weights /= weights.sum()
        mean = weights @ rows
        norm = weights @ np.linalg.norm(rows, axis=1)
        return np.asarray(mean * (norm / np.linalg.norm(mean)), dtype=np.float32)[None]
