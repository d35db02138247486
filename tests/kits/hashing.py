"""A small deterministic encoder for tests: words hashed to directions, no model, no download."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.store import EncoderIdentity


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

    def _direction(self, word: str) -> NDArray[np.float64]:
        if word not in self._known:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            self._known[word] = np.random.default_rng(seed).normal(size=self.dimension)
        return self._known[word]
