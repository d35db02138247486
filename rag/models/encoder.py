"""The interface of text encoders, and the values that they return.

Not here: the encoders themselves (`bundled`, `sentence_transformers`), caching, batching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    def read(
        self, question: str, sentences: Sequence[str]
    ) -> tuple[EncodedText, list[EncodedText]]:
        """The question and each sentence with contextual vectors of their word pieces.

        These vectors may be more exact than those of `encode_queries` and `encode_passages`, so
        compare them only with each other. Raises EncoderError.
        """
        ...


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text with its vector and the contextual vectors of its word pieces.

    `vector` is float32 of shape (dimension,), `pieces` float32 of shape (pieces, dimension), all
    rows with norm 1; `starts` are the offsets in the text at which the pieces begin.
    """

    vector: Vectors
    pieces: Vectors
    starts: tuple[int, ...]


def unit_rows(rows: Vectors, encoder: str) -> Vectors:
    """The rows scaled to norm 1. Raises EncoderError for a row that is zero or not finite."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (norms == 0).any():
        raise EncoderError(f"encoder {encoder} returned a vector that is zero or not finite")
    return np.asarray(rows / norms, dtype=np.float32)
