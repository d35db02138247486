"""The interface of text encoders.

Not here: the encoders themselves (`bundled`, `sentence_transformers`), caching, batching.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.errors import EncoderError


class Encoder(Protocol):
    """Turns texts into vectors. All vectors are float32 and have norm 1.

    `languages` are the ISO 639-1 codes of the languages that it was measured to read, None for any.
    An encoder whose model needs prompts before queries and passages adds them itself.
    """

    @property
    def identity(self) -> EncoderIdentity: ...
    @property
    def languages(self) -> frozenset[str] | None: ...
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), dimension). Raises EncoderError."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension). Raises EncoderError."""
        ...


def unit_rows(rows: Vectors, encoder: str) -> Vectors:
    """The rows scaled to norm 1. Raises EncoderError for a row that is zero or not finite."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (norms == 0).any():
        raise EncoderError(f"encoder {encoder} returned a vector that is zero or not finite")
    return np.asarray(rows / norms, dtype=np.float32)
