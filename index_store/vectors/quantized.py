"""Vectors as int8 codes: how they are made, how far they may be off, how all are compared at once.

A code times its scale is nearly the vector, scaled to norm 1. How nearly is known of each, so a
scan of the codes leaves out nothing that belongs to the best. Not here: files (`mapped_vectors`),
which rows are searched (`exact`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from index_store.types import Vectors

Halves = NDArray[np.float16]
Rows = NDArray[np.int64]

_STEPS = 127
_BLOCK = 2_048  # codes widened to float32 at a time, to stay in the processor's cache
_SCANNED = 1 << 16  # codes multiplied at a time, so that the products need little memory
_MARGIN = 1.001  # of the error, for float32 sums


@dataclass(frozen=True, slots=True)
class Segment:
    """`n` passages in ascending order of their rows in the catalogue, as arrays of length `n`.

    `rows` and `documents`: catalogue rows. `halves` (n, dimension): the vectors as the catalogue
    keeps them. `codes` (n, dimension): `codes * scales` differs from the vector of norm 1 by at
    most `errors`, as the length of the difference. The arrays may be mapped files: nothing may
    write to them.
    """

    rows: Rows
    documents: Rows
    scales: NDArray[np.float32]
    errors: NDArray[np.float32]
    codes: NDArray[np.int8]
    halves: Halves

    def __len__(self) -> int:
        return len(self.rows)


def unit(halves: Halves) -> Vectors:
    """The vectors (n, dimension) as float32 of norm 1; one of zeros stays so."""
    vectors = halves.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(norms > 0, norms, 1)
    return np.asarray(vectors)


def quantized(
    halves: Halves,
) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """Codes (n, dimension), scales (n) and errors (n) of vectors (n, dimension)."""
    vectors = unit(halves)
    scales = np.abs(vectors).max(axis=1, initial=0.0) / np.float32(_STEPS)
    codes = np.rint(vectors / np.where(scales > 0, scales, 1)[:, np.newaxis]).astype(np.int8)
    off = np.linalg.norm(vectors - codes * scales[:, np.newaxis], axis=1)
    return codes, scales, np.asarray(off * _MARGIN, dtype=np.float32)


def segment(rows: Rows, documents: Rows, halves: Halves) -> Segment:
    """A segment in memory."""
    codes, scales, errors = quantized(halves)
    return Segment(rows, documents, scales, errors, codes, halves)


def joined(parts: Sequence[Segment]) -> Segment:
    """The parts, whose rows ascend, as one segment in memory."""
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Segment)
    }
    return Segment(**columns)


@dataclass(frozen=True, slots=True)
class Query:
    """A question's vector and its code: `codes * scale` is the vector but for one `error` long."""

    vector: Vectors
    codes: NDArray[np.int8]
    scale: float
    error: float
    length: float

    @classmethod
    def of(cls, vector: Vectors) -> Query:
        """With the code of a vector (dimension) of any length."""
        scale = float(np.abs(vector).max(initial=0.0)) / _STEPS
        codes = np.rint(vector / (scale or 1)).astype(np.int8)
        error = float(np.linalg.norm(vector - codes * np.float32(scale))) * _MARGIN
        return cls(vector, codes, scale, error, float(np.linalg.norm(vector)))

    def off(self, error: float) -> float:
        """How far `scan` can be off for a vector whose code is off by `error`, float sums aside."""
        return self.length * error + (1 + error) * self.error


def scan(part: Segment, query: Query, out: NDArray[np.float32]) -> None:
    """Writes to `out` (n) the products of the query's code with those of all vectors."""
    import numkong

    for start in range(0, len(part), _SCANNED):
        codes = part.codes[start : start + _SCANNED]
        out[start : start + len(codes)] = numkong.dot(query.codes, codes)
    out *= part.scales
    out *= np.float32(query.scale)


def scan_some(part: Segment, vector: Vectors, places: Rows, out: NDArray[np.float32]) -> None:
    """Writes to `out` (as long as `places`) the products of `vector` with the vectors there, as
    their codes tell them: off by the error times the length of `vector`, and by float32 sums.
    """
    for start in range(0, len(places), _BLOCK):
        codes = part.codes.take(places[start : start + _BLOCK], axis=0)
        np.dot(codes.astype(np.float32), vector, out=out[start : start + _BLOCK])
    out *= part.scales.take(places)
