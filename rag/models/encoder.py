"""Text to vectors: the Encoder protocol, and encoders named by the settings.

`load` gives the bundled encoder (`bilingual.encoder`) or any model that sentence-transformers
loads from this machine, with the model hub switched off. A text longer than a model's window is
encoded in even windows and the vectors are averaged, so that no character is left out.

Not here: caching, the choice of what is encoded together, anything about questions.
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
    """What an encoder must offer; vectors have norm 1.

    `languages` are the ISO 639-1 codes that it was measured to read; None means any.
    """

    @property
    def identity(self) -> EncoderIdentity: ...
    @property
    def languages(self) -> frozenset[str] | None: ...
    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension)."""
        ...

    def read(self, texts: Sequence[str]) -> list[EncodedText]:
        """Each text with its vector and its pieces in their context.

        The vector may be more exact than that of `encode`: compare it with its like.
        """
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class EncodedText:
    """`vector` float32 of norm 1, shape (dimension,); `pieces` (pieces, dimension), of norm 1
    each; `starts`, where in the text each piece begins."""

    vector: Vectors
    pieces: Vectors
    starts: tuple[int, ...]


def unit_rows(rows: Vectors, encoder: str) -> Vectors:
    """The rows with norm 1. Raises EncoderError for one without direction."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (norms == 0).any():
        raise EncoderError(f"encoder {encoder} returned a vector without direction")
    return np.asarray(rows / norms, dtype=np.float32)


def reads(encoder: Encoder, lang: str) -> bool:
    """Whether the encoder was measured to read this language."""
    return encoder.languages is None or lang in encoder.languages
