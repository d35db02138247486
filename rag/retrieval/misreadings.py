"""Misreadings of a question's words: the stems that text recognition may have made of them.

Documents with the warning `ocr_noise` are searched for these as well. A stem of the store counts as
a misreading if it is near to the question's and the lexicon does not know it: known ones are other
words. In languages without a lexicon nothing is added. Not here: how near stems are found
(`index_store.analysis.near_stems`), how they are scored (`index_store.lexical_index`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rag.models.lexicon import LANGUAGES, Lexicon
from rag.retrieval.query_expansion import WeightedStems
from rag.text.detection import is_cyrillic

MIN_LETTERS = 4
"""Shorter stems are near to too many others."""

LONG = 8
"""Letters from which two may be misread; one in shorter stems."""

WEIGHTS: Mapping[int, float] = {1: 0.6, 2: 0.4}
"""Misread letters → weight of the stem, beside 1 for the right one. Tried on development sets with
10 % of the letters misread: .8 and .6 rank as well, .4 and .2 lose .01 of nDCG@10."""

MIN_SHARE = 0.5
"""Of the likeliest translation's weight: less likely ones are not looked for misread."""

MOST = 100
"""Stems that a word is looked for as, the likeliest; a bound on the time of a search."""

Near = Callable[[str, int], Mapping[str, int]]
"""(stem, letters) → the stems of the store that differ by so many letters at most."""


def misreadings(
    words: Sequence[WeightedStems], lang: str, lexicon: Lexicon, near: Near
) -> list[WeightedStems]:
    """For each word of an expanded question the stems that it may be misread as, with weights."""
    if lang not in LANGUAGES:
        return [{} for _ in words]
    return [_of_word(word, lexicon, near) for word in words]


def _of_word(word: WeightedStems, lexicon: Lexicon, near: Near) -> WeightedStems:
    least = MIN_SHARE * max(word.values(), default=0.0)
    found: dict[str, float] = {}
    for stem, weight in word.items():
        if weight < least or not stem.isalpha() or len(stem) < MIN_LETTERS:
            continue
        for other, letters in near(stem, 2 if len(stem) >= LONG else 1).items():
            if other not in word and not _is_known(other, lexicon):
                found[other] = max(found.get(other, 0.0), weight * WEIGHTS[letters])
    likeliest = sorted(found, key=lambda other: (-found[other], other))[:MOST]
    return {other: found[other] for other in likeliest}


def _is_known(stem: str, lexicon: Lexicon) -> bool:
    return lexicon.frequency(stem, "ru" if is_cyrillic(stem) else "en") > 0
