"""A text as an encoder reads it: its vector, and each piece of it in its context."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
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
