"""A small deterministic encoder for tests: words hashed to directions, no model, no download."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.models.encoder import EncodedText


class HashingEncoder:
    """A unit vector for each text: the sum of one fixed random direction for each word."""

    def __init__(self, dimension: int = 64, name: str = "hashing") -> None:
        self.dimension = dimension
        self.name = name
        self._known: dict[str, NDArray[np.float64]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 of shape (len(texts), dimension), rows of norm 1."""
        out = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            words = re.findall(r"\w+", text.lower()) or ["\0"]
            total = np.sum([self._direction(word) for word in words], axis=0)
            out[row] = total / np.linalg.norm(total)
        return out

    def read(self, texts: Sequence[str]) -> list[EncodedText]:
        """Each text with the direction of each of its words."""
        return [
            EncodedText(vector, self._directions(words), tuple(word.start() for word in words))
            for text, vector in zip(texts, self.encode(texts), strict=True)
            for words in [list(re.finditer(r"\w+", text.lower()))]
        ]

    def _directions(self, words: Sequence[re.Match[str]]) -> NDArray[np.float32]:
        rows = np.zeros((len(words), self.dimension), dtype=np.float32)
        for row, word in enumerate(words):
            direction = self._direction(word.group())
            rows[row] = direction / np.linalg.norm(direction)
        return rows

    def _direction(self, word: str) -> NDArray[np.float64]:
        if word not in self._known:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            self._known[word] = np.random.default_rng(seed).normal(size=self.dimension)
        return self._known[word]
