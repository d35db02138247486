"""Which of many stored names may mean one that is given, without comparing it with each.

Names are found by their keys: two that may be the same have one in common. Not here: whether two
names are one (`matching`), who is meant (`authority`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rag.names.matching import keys
from rag.names.parsing import _INITIAL, _WORD, parse_name


def likely(given: Iterable[str], stored: Sequence[str]) -> list[str]:
    """Those of the stored names, in their order, that may be the same as one of those given.

    The first call for a list of names takes a second for some ten thousand; lists that were seen
    lately are remembered.
    """
    index = _by_key(tuple(stored))
    wanted = frozenset[str]().union(*map(_given_keys, given))
    return [stored[n] for n in sorted({n for key in wanted for n in index.get(key, ())})]


@lru_cache(maxsize=16)
def _by_key(stored: tuple[str, ...]) -> dict[str, list[int]]:
    """The numbers of the names that have each key."""
    index: dict[str, list[int]] = {}
    for number, name in enumerate(stored):
        # The words that are compared are those between initials; the authority file's are all.
        words = {*re.findall(_WORD, name), *re.findall(_WORD, _INITIAL.sub(" ", name))}
        for key in frozenset[str]().union(*map(_word_keys, words)):
            index.setdefault(key, []).append(number)
    return index


def _given_keys(name: str) -> frozenset[str]:
    return keys(name).union(*map(_word_keys, parse_name(name.replace(",", " ")).words))


@lru_cache(maxsize=1 << 16)
def _word_keys(word: str) -> frozenset[str]:
    return keys(word)
