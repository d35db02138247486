"""Stems that differ from a given one by few letters: what a misread word may have become.

The stems are kept with a mask of their letters. One edit changes at most two bits of it, so that
the masks leave few stems to compare letter by letter, also of a million. Not here: which of the
near stems are misreadings (`rag.retrieval.misreadings`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rapidfuzz.distance import Levenshtein

_BITS = 63
"""Letters fall on 64 bits, by code point; those of one alphabet on different ones."""


class NearStems:
    """An unchanging set of stems; safe to share between threads."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._stems = sorted(filter(None, stems), key=len)
        self._lengths = np.fromiter(map(len, self._stems), dtype=np.int64, count=len(self._stems))
        self._masks = _masks(self._stems, self._lengths)

    def __len__(self) -> int:
        return len(self._stems)

    def near(self, stem: str, most: int) -> dict[str, int]:
        """The stems at an edit distance of 1 to `most` letters, each with its distance."""
        if not stem or not self._stems:
            return {}
        low = int(np.searchsorted(self._lengths, len(stem) - most, side="left"))
        high = int(np.searchsorted(self._lengths, len(stem) + most, side="right"))
        own = _masks([stem], np.array([len(stem)]))[0]
        changed = np.bitwise_count(self._masks[low:high] ^ own)
        found = {}
        for place in np.flatnonzero(changed <= 2 * most).tolist():
            other = self._stems[low + place]
            distance = Levenshtein.distance(stem, other, score_cutoff=most)
            if 0 < distance <= most:
                found[other] = distance
        return dict(sorted(found.items()))


def _masks(stems: list[str], lengths: np.typing.NDArray[np.int64]) -> np.typing.NDArray[np.uint64]:
    """uint64 of shape (len(stems),): for each stem the bits of its letters."""
    if not stems:
        return np.zeros(0, dtype=np.uint64)
    codes = np.frombuffer("".join(stems).encode("utf-32-le"), dtype=np.uint32)
    bits = np.uint64(1) << (codes & _BITS).astype(np.uint64)
    return np.bitwise_or.reduceat(bits, np.concatenate(([0], np.cumsum(lengths)[:-1])))
