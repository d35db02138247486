"""Which of many texts may be nearly the same: sketches of them, and the pairs these propose.

A text is seen as the set of its runs of eight letters, spaces and marks left out, so that neither
a line's end nor a word misread takes much of it away. A sketch keeps the least hash of the set in
each of 96 bins (one permutation hashing: Li, Owen and Zhang, NeurIPS 2012); texts that agree in
three neighbouring bins are proposed (MinHash banding: Broder 1997). All in numpy, because a store
is sketched anew after each change: datasketch took ten times as long.

Deterministic, and true of the texts alone. Not here: whether a pair is one text (`alike`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.analysis.folding import MODERN_LETTERS

Sketch = NDArray[np.uint64]

BINS, BAND = 96, 3
AHEAD = 20
"""Texts of a band compared with each: only of forms, of which an archive may hold thousands, do
more agree in one."""

LIKELY = 0.3
"""Share of the bins in which copies agree at the least."""

BEST = 10
"""Pairs of one text that are proposed at the most, the likeliest."""

_OLD = MODERN_LETTERS | {"ъ": ""}
_RUN = 8
_PAGE = 1 << 14  # pairs compared at once
_SLICE = 1 << 18  # letters hashed at once, so that memory stays bounded
_EMPTY = np.uint64(np.iinfo(np.uint64).max)
_PRIME, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)


def sketch(key: str) -> Sketch:
    """The sketch of a text from its letters and digits (`form.key`)."""
    key = key.lower()
    for letter, modern in _OLD.items():
        key = key.replace(letter, modern)
    letters = np.frombuffer(key.encode("utf-32-le"), dtype="<u4")
    least = np.full(BINS, _EMPTY, dtype=np.uint64)
    for start in range(0, max(1, len(letters) - _RUN + 1), _SLICE):
        hashes = _hashes(letters[start : start + _SLICE + _RUN - 1].astype(np.uint64))
        np.minimum.at(least, ((hashes >> np.uint64(32)) * np.uint64(BINS)) >> np.uint64(32), hashes)
    return least


def _hashes(letters: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of each run of letters."""
    runs = max(0, len(letters) - _RUN + 1)
    hashes = np.zeros(runs, dtype=np.uint64)
    for place in range(_RUN):
        hashes *= _PRIME
        hashes += letters[place : place + runs]
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX
    return hashes


def pairs(sketches: Sequence[Sketch]) -> list[tuple[int, int]]:
    """Numbers of the texts that may be nearly the same, the smaller first, in order."""
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
        for ahead in range(1, AHEAD + 1):
            (at,) = np.nonzero(ranked[:-ahead] == ranked[ahead:])
            if not len(at):
                break
            first, second = order[at], order[at + ahead]
            found.append(np.minimum(first, second) * count + np.maximum(first, second))
    proposed = np.unique(np.concatenate(found))
    first, second = proposed // count, proposed % count
    return _likeliest(first, second, _agreement(table, first, second))


def _band(bins: Sketch) -> Sketch:
    """What texts must agree in to be proposed; nothing where a bin of theirs is empty."""
    key = np.zeros(len(bins), dtype=np.uint64)
    for column in bins.T:
        key = (key ^ column) * _MIX
        key ^= key >> np.uint64(32)
    key[(bins == _EMPTY).any(axis=1)] = _EMPTY
    return key


def _agreement(
    table: Sketch, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The share of the bins in which the texts of each pair agree, found page by page."""
    shares = [np.empty(0)]
    for start in range(0, len(first), _PAGE):
        one, other = (table[side[start : start + _PAGE]] for side in (first, second))
        filled = (one != _EMPTY) | (other != _EMPTY)
        shares.append(((one == other) & filled).sum(axis=1) / np.maximum(1, filled.sum(axis=1)))
    return np.concatenate(shares)


def _likeliest(
    first: NDArray[np.int64], second: NDArray[np.int64], share: NDArray[np.float64]
) -> list[tuple[int, int]]:
    """The pairs that agree enough and are among the best of either text."""
    out, taken = set[tuple[int, int]](), Counter[int]()
    for n in np.lexsort((second, first, -share)):
        if share[n] < LIKELY:
            break
        pair = int(first[n]), int(second[n])
        if min(taken[i] for i in pair) < BEST:
            out.add(pair)
            taken.update(pair)
    return sorted(out)
