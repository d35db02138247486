"""Words of the two alphabets that sound alike: consonant skeletons and how far they agree.

Эйзенштейн and Eisenstein share most bigrams of their consonants; so do Ворошилову and
Voroshilov. Pre-reform spelling is folded first.

Not here: whether two names are the same person's (`rag.names` is stricter), or meaning.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, lru_cache

from index_store.folding import fold
from rag.name_sounds import consonants, readings, transliterate

ALIKE = 0.65
"""Least Dice coefficient of two skeletons' bigrams at which words are taken for one name."""

SHORTEST = 3
"""Consonants that a skeleton must have: shorter ones agree by chance."""

_SOUND_ALIKE = (
    "а a", "б b", "в vw", "г gh", "д dj", "еёэ aeyoi", "ж jgz", "з zs", "ий iyj", "к ckq",
    "л l", "м m", "н n", "о oa", "п p", "р r", "с sc", "т t", "у uwo", "ф fpt", "х hck",
    "ц ctz", "ч ct", "шщ s", "ы y", "ю jyu", "я jyi",
)  # fmt: skip
"""Cyrillic letters and the Latin ones that may begin the same name."""

__all__ = ["alike", "dice", "initials", "skeletons", "spell"]


def spell(word: str) -> str:
    """The word in Latin letters, lower case."""
    return transliterate(fold(word))


@cache
def _initials() -> dict[str, str]:
    both: dict[str, str] = {}
    for line in _SOUND_ALIKE:
        cyrillic, latin = line.split()
        for a in cyrillic:
            for b in latin:
                both[a] = both.get(a, "") + b
                both[b] = both.get(b, "") + a
    return both


def initials(word: str) -> str:
    """Letters of the other alphabet that may begin a word which sounds like this one."""
    return _initials().get(fold(word)[:1], "")


@lru_cache(maxsize=1 << 18)
def skeletons(word: str) -> tuple[str, ...]:
    """The word's consonants in every reading, the likeliest first."""
    return tuple(dict.fromkeys(consonants(sounds) for sounds in readings(fold(word))))


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
        if min(len(x), len(y)) >= SHORTEST - 1
    )


@lru_cache(maxsize=1 << 15)
def _bigrams(skeleton: str) -> Counter[str]:
    marked = f"^{skeleton}$"
    return Counter(marked[i : i + 2] for i in range(len(marked) - 1))
