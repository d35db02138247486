"""How far two words sound alike: the training of the lexicon pairs names by it."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from rag.text.phonetics import MIN_SKELETON_LENGTH, skeletons

ALIKE = 0.65
"""Least Dice coefficient of two skeletons' bigrams at which words are taken for one name."""


def dice(a: str, b: str) -> float:
    """Dice coefficient of the letter bigrams of two skeletons, ends counted; 0 to 1."""
    left, right = _bigrams(a), _bigrams(b)
    total = left.total() + right.total()
    return 2.0 * (left & right).total() / total if total else 0.0


def alike(a: str, b: str) -> bool:
    """Do two words sound alike in some reading of either?"""
    return any(
        dice(x, y) >= ALIKE
        for x in skeletons(a)
        for y in skeletons(b)
        if min(len(x), len(y)) >= MIN_SKELETON_LENGTH - 1
    )


@lru_cache(maxsize=1 << 15)
def _bigrams(skeleton: str) -> Counter[str]:
    marked = f"^{skeleton}$"
    return Counter(marked[i : i + 2] for i in range(len(marked) - 1))
