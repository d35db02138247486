"""Text to vectors: what every encoder offers, and the values it gives.

Not here: the encoders themselves (`bundled`, `sentence_transformers`), caching, the choice of
what is encoded together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index_store.store import EncoderIdentity
from rag.errors import EncoderError

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """What an encoder must offer. All vectors are float32 and have norm 1.

    `languages` are the ISO 639-1 codes of the languages that it was measured to read; None means
    any. A model that wants queries and passages marked by prompts adds them itself.
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
        """The question and each sentence with its pieces in their context. Raises EncoderError.

        These vectors may be more exact than those of `encode_queries` and `encode_passages`:
        compare them with each other only.
        """
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text as an encoder reads it.

    `vector` is float32 of shape (dimension,), `pieces` of shape (pieces, dimension), all of norm
    1; `starts` are the offsets in the text at which the pieces begin.
    """

    vector: Vectors
    pieces: Vectors
    starts: tuple[int, ...]


def unit_rows(rows: Vectors, encoder: str) -> Vectors:
    """The rows scaled to norm 1. Raises EncoderError for a row that is zero or not finite."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (norms == 0).any():
        raise EncoderError(f"encoder {encoder} returned a vector without direction")
    return np.asarray(rows / norms, dtype=np.float32)
