"""A small deterministic encoder for tests: words hashed to directions, no model, no download."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.store import EncoderIdentity
from rag.models.encoder import EncodedText


class HashingEncoder:
    """An Encoder whose vector of a text is the sum of one fixed random direction for each word."""

    languages: frozenset[str] | None = None

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

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(self.name, self.dimension)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `encode`: it needs no prompts."""
        return self.encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `encode`: it needs no prompts."""
        return self.encode(texts)

    def read(
        self, question: str, sentences: Sequence[str]
    ) -> tuple[EncodedText, list[EncodedText]]:
        """Each text with the direction of each of its words."""
        asked, *read = (self._read(text) for text in (question, *sentences))
        return asked, read

    def _read(self, text: str) -> EncodedText:
        words = list(re.finditer(r"\w+", text.lower()))
        vector = HashingEncoder.encode(self, [text])[0]
        return EncodedText(vector, self._directions(words), tuple(w.start() for w in words))

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
