"""MinHash: which pairs of many texts may be near duplicates, by sketches of the texts.

A text is the set of its shingles, runs of eight letters without spaces and punctuation, so that
line ends and single misread words change little of it. A sketch has the least hash of the set in
each of 96 bins (one permutation hashing: Li, Owen and Zhang, NeurIPS 2012). Texts that agree in
three neighbouring bins are candidates (MinHash: Broder, "On the resemblance and containment of
documents", 1997). In numpy, because all sketches of a store are compared after each change:
datasketch took ten times as long.

Deterministic: a sketch depends on its text alone. Not here: whether a candidate pair is one text
(`rag.records.similarity`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.analysis.folding import MODERN_LETTERS

Sketch = NDArray[np.uint64]

BINS, BAND = 96, 3
MAX_NEIGHBOURS = 20
"""Texts with the same band that each text is compared with. More of them agree in one only where
an archive has a printed form filled in thousands of times."""

MIN_AGREEMENT = 0.3
"""Share of the bins in which copies agree."""

MAX_PAIRS_PER_TEXT = 10
"""Candidates for one text, the most similar ones."""

_OLD_LETTERS = MODERN_LETTERS | {"ъ": ""}
_SHINGLE_LETTERS = 8
_PAIRS_AT_ONCE, _LETTERS_AT_ONCE = 1 << 14, 1 << 18  # so that memory stays bounded
_EMPTY = np.uint64(np.iinfo(np.uint64).max)
_PRIME, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)


def sketch(key: str) -> Sketch:
    """The sketch (96) of a text, given by its letters and digits (`rag.text.normalization.key`)."""
    key = key.lower()
    for letter, modern in _OLD_LETTERS.items():
        key = key.replace(letter, modern)
    letters = np.frombuffer(key.encode("utf-32-le"), dtype="<u4")
    least = np.full(BINS, _EMPTY, dtype=np.uint64)
    for start in range(0, max(1, len(letters) - _SHINGLE_LETTERS + 1), _LETTERS_AT_ONCE):
        hashes = _hashes(
            letters[start : start + _LETTERS_AT_ONCE + _SHINGLE_LETTERS - 1].astype(np.uint64)
        )
        np.minimum.at(least, ((hashes >> np.uint64(32)) * np.uint64(BINS)) >> np.uint64(32), hashes)
    return least


def _hashes(letters: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of each shingle, from code points."""
    runs = max(0, len(letters) - _SHINGLE_LETTERS + 1)
    hashes = np.zeros(runs, dtype=np.uint64)
    for place in range(_SHINGLE_LETTERS):
        hashes *= _PRIME
        hashes += letters[place : place + runs]
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX
    return hashes


def pairs(sketches: Sequence[Sketch]) -> list[tuple[int, int]]:
    """Candidate pairs as numbers of texts, the smaller first, in order."""
    count = len(sketches)
    if count < 2:
        return []
    table = np.stack(sketches)
    bands = [_band(table[:, n : n + BAND]) for n in range(0, BINS, BAND)]
    found = [np.empty(0, dtype=np.int64)]
    for n, key in enumerate(bands):
        order = np.lexsort((bands[n - 1], key))
        order = order[key[order] != _EMPTY]
        ranked = key[order]
        for ahead in range(1, MAX_NEIGHBOURS + 1):
            (at,) = np.nonzero(ranked[:-ahead] == ranked[ahead:])
            if not len(at):
                break
            first, second = order[at], order[at + ahead]
            found.append(np.minimum(first, second) * count + np.maximum(first, second))
    proposed = np.unique(np.concatenate(found))
    first, second = proposed // count, proposed % count
    return _likeliest(first, second, _agreement(table, first, second))


def _band(bins: Sketch) -> Sketch:
    """The key of a band for each text, from its bins (n, 3); `_EMPTY` where a bin is empty."""
    key = np.zeros(len(bins), dtype=np.uint64)
    for column in bins.T:
        key = (key ^ column) * _MIX
        key ^= key >> np.uint64(32)
    key[(bins == _EMPTY).any(axis=1)] = _EMPTY
    return key


def _agreement(
    table: Sketch, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The share of the bins in which the texts of each pair agree."""
    shares = [np.empty(0)]
    for start in range(0, len(first), _PAIRS_AT_ONCE):
        one, other = (table[side[start : start + _PAIRS_AT_ONCE]] for side in (first, second))
        filled = (one != _EMPTY) | (other != _EMPTY)
        shares.append(((one == other) & filled).sum(axis=1) / np.maximum(1, filled.sum(axis=1)))
    return np.concatenate(shares)


def _likeliest(
    first: NDArray[np.int64], second: NDArray[np.int64], share: NDArray[np.float64]
) -> list[tuple[int, int]]:
    """The pairs that agree enough and are among the best of both texts."""
    out, taken = set[tuple[int, int]](), Counter[int]()
    for n in np.lexsort((second, first, -share)):
        if share[n] < MIN_AGREEMENT:
            break
        pair = int(first[n]), int(second[n])
        if min(taken[i] for i in pair) < MAX_PAIRS_PER_TEXT:
            out.add(pair)
            taken.update(pair)
    return sorted(out)
