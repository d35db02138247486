"""An archive's own terms: translations that its parallel texts teach beside the lexicon.

Of each pair of sentences that say the same, the words are kept that the lexicon has hardly seen
and that nothing on the other side explains. Those that stand together more often than chance has
it are translations of each other: log-likelihood ratio (Dunning, "Accurate Methods for the
Statistics of Surprise and Coincidence", Computational Linguistics 19, 1993) and Dice coefficient.
What is counted adds up, so sentences may come in any order and a few at a time. Common words are
left out, for the lexicon knows them better than a few letters do: with them a word of the "Letter
to a Hindoo" found its sentence less often.

Not here: which texts are parallel, and where the counts are kept (`rag.own_terms`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from index_store.analysis.stemming import query_stems
from rag.models.lexicon import Lexicon, other_language
from rag.text.phonetics import MIN_SKELETON_LENGTH, skeletons

RARE = 60
"""A stem seen in fewer training pairs may be a term of the archive."""

EXPLAINS = 0.05
"""Probability from which a stem of the other side explains one."""

LEAST_SEEN = 2
LEAST_RATIO = 12.0
LEAST_DICE = 0.5

RIVAL = 2 / 3
"""Share of the ratio of either stem's best link from which another is believed beside it."""

UnexplainedWords = tuple[tuple[str, ...], tuple[str, ...]]
"""The rare English and Russian stems of a pair of sentences that nothing explains."""

Terms = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Language → stem → stems of the other language, each with its weight, at most 1."""


def unexplained(en: str, ru: str, lexicon: Lexicon) -> UnexplainedWords:
    """What the lexicon cannot explain of two sentences that say the same."""
    sides = {"en": _stems(en), "ru": _stems(ru)}
    return tuple(  # type: ignore[return-value]
        tuple(
            stem
            for stem in stems
            if lexicon.seen(stem, lang) < RARE
            and not _explained(stem, lang, sides[other_language(lang)], lexicon)
        )
        for lang, stems in sides.items()
    )


def _stems(text: str) -> list[str]:
    return [stem for stem in dict.fromkeys(query_stems(text)) if stem.isalpha()]


def _explained(stem: str, lang: str, others: Iterable[str], lexicon: Lexicon) -> bool:
    """Whether one of the other side's stems is known to stand for it, or sounds like it."""
    known = _translations(stem, lang, lexicon)
    sounds = {skeleton for skeleton in skeletons(stem) if len(skeleton) >= MIN_SKELETON_LENGTH}
    back = other_language(lang)
    return any(
        other == stem
        or known.get(other, 0.0) >= EXPLAINS
        or not sounds.isdisjoint(skeletons(other))
        or _translations(other, back, lexicon).get(stem, 0.0) >= EXPLAINS
        for other in others
    )


@lru_cache(maxsize=1 << 15)
def _translations(stem: str, lang: str, lexicon: Lexicon) -> Mapping[str, float]:
    return lexicon.translations(stem, lang)


def mine_translations(leftovers: Iterable[UnexplainedWords], sentences: int) -> Terms:
    """The translations that the leftovers of this many pairs of sentences teach."""
    together: Counter[tuple[str, str]] = Counter()
    english: Counter[str] = Counter()
    russian: Counter[str] = Counter()
    for left in _once(leftovers):
        english.update(left[0])
        russian.update(left[1])
        together.update((en, ru) for en in left[0] for ru in left[1])
    links: dict[tuple[str, str], tuple[float, float]] = {}
    best: defaultdict[tuple[str, str], float] = defaultdict(float)  # ratio of its best link
    for (en, ru), both in together.items():
        dice = 2 * both / (english[en] + russian[ru])
        ratio = _ratio(both, english[en], russian[ru], sentences)
        if both >= LEAST_SEEN and dice >= LEAST_DICE and ratio >= LEAST_RATIO:
            # Drawn to nought as if the two had missed each other once more.
            links[en, ru] = ratio, round(dice * both / (both + 1), 4)
            for end in (("en", en), ("ru", ru)):
                best[end] = max(best[end], ratio)
    found: dict[str, dict[str, dict[str, float]]] = {"en": {}, "ru": {}}
    for (en, ru), (ratio, weight) in sorted(links.items()):
        if ratio >= RIVAL * max(best["en", en], best["ru", ru]):
            found["en"].setdefault(en, {})[ru] = weight
            found["ru"].setdefault(ru, {})[en] = weight
    return found


def _once(leftovers: Iterable[UnexplainedWords]) -> Iterator[UnexplainedWords]:
    """What several stems have left is the same sentence where it comes again, in a copy."""
    copies: set[UnexplainedWords] = set()
    for pair in leftovers:
        if max(map(len, pair)) == 1:
            yield pair
        elif pair not in copies:
            copies.add(pair)
            yield pair


def _ratio(both: int, first: int, second: int, total: int) -> float:
    """Twice the logarithm of how much likelier the counts are if the two depend on each other."""
    cells = (both, first - both, second - both, total - first - second + both)
    rows = (first, total - first)
    columns = (second, total - second)
    return 2 * (_plogp(*cells, total) - _plogp(*rows) - _plogp(*columns))


def _plogp(*counts: int) -> float:
    return sum(n * math.log(n) for n in counts if n > 0)
