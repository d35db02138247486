"""Whether two words sound alike, by which surnames are paired in training."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from rag.text.phonetics import MIN_SKELETON_LENGTH, skeletons

MIN_DICE = 0.65
"""Smallest Dice coefficient of the bigrams of two sound codes of one name."""


def dice(a: str, b: str) -> float:
    """Dice coefficient, 0 to 1, of the letter bigrams of two sound codes, including their ends."""
    left, right = _bigrams(a), _bigrams(b)
    total = left.total() + right.total()
    return 2.0 * (left & right).total() / total if total else 0.0


def alike(a: str, b: str) -> bool:
    """Whether two words sound alike in any of their pronunciations."""
    return any(
        dice(x, y) >= MIN_DICE
        for x in skeletons(a)
        for y in skeletons(b)
        if min(len(x), len(y)) >= MIN_SKELETON_LENGTH - 1
    )


@lru_cache(maxsize=1 << 15)
def _bigrams(skeleton: str) -> Counter[str]:
    marked = f"^{skeleton}$"
    return Counter(marked[i : i + 2] for i in range(len(marked) - 1))
