"""Mines translations of an archive's own terms from its parallel sentences.

From each pair of aligned sentences it takes the words that are rare in the lexicon and that no word
of the other sentence explains. Words that occur together more often than chance predicts are taken
as translations of each other, by log-likelihood ratio (Dunning, "Accurate Methods for the
Statistics of Surprise and Coincidence", Computational Linguistics 19, 1993) and Dice coefficient.
Only counts are used, so the order of the sentences does not matter. Frequent words are left out,
because the lexicon knows them better than a small archive does: with them, words of the "Letter to
a Hindoo" found their sentences less often.

Not here: which texts are parallel, and where the words are kept (`archive_terms`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from index_store.analysis.stemming import query_stems
from rag.models.lexicon import Lexicon, TermTranslations, other_language
from rag.retrieval.query_expansion import RARE_BELOW
from rag.text.phonetics import MIN_SKELETON_LENGTH, skeletons

MIN_EXPLAINING_PROBABILITY = 0.05
"""Translation probability from which a stem of the other sentence explains a stem."""

MIN_COOCCURRENCES = 2
"""Sentence pairs in which two stems must occur together."""

MIN_LIKELIHOOD_RATIO = 12.0
MIN_DICE = 0.5

MIN_SHARE_OF_BEST = 2 / 3
"""Log-likelihood ratio that a pair of stems needs, as a share of either stem's highest ratio."""

UnexplainedWords = tuple[tuple[str, ...], tuple[str, ...]]
"""The rare English and the rare Russian stems of a sentence pair that no other stem explains."""


def unexplained(en: str, ru: str, lexicon: Lexicon) -> UnexplainedWords:
    """The words of two parallel sentences that the lexicon does not explain."""
    sides = {"en": _stems(en), "ru": _stems(ru)}
    return tuple(  # type: ignore[return-value]
        tuple(
            stem
            for stem in stems
            if lexicon.frequency(stem, lang) < RARE_BELOW
            and not _explained(stem, lang, sides[other_language(lang)], lexicon)
        )
        for lang, stems in sides.items()
    )


def _stems(text: str) -> list[str]:
    return [stem for stem in dict.fromkeys(query_stems(text)) if stem.isalpha()]


def _explained(stem: str, lang: str, others: Iterable[str], lexicon: Lexicon) -> bool:
    """Whether one of the other sentence's stems is a known translation, or sounds alike."""
    known = _translations(stem, lang, lexicon)
    sounds = {skeleton for skeleton in skeletons(stem) if len(skeleton) >= MIN_SKELETON_LENGTH}
    back = other_language(lang)
    return any(
        other == stem
        or known.get(other, 0.0) >= MIN_EXPLAINING_PROBABILITY
        or not sounds.isdisjoint(skeletons(other))
        or _translations(other, back, lexicon).get(stem, 0.0) >= MIN_EXPLAINING_PROBABILITY
        for other in others
    )


@lru_cache(maxsize=1 << 15)
def _translations(stem: str, lang: str, lexicon: Lexicon) -> Mapping[str, float]:
    return lexicon.translations(stem, lang)


def mine_translations(pairs: Iterable[UnexplainedWords], sentences: int) -> TermTranslations:
    """The translations found in the unexplained words of `sentences` sentence pairs.

    A weight is the Dice coefficient, shrunk towards zero where there are few pairs.
    """
    together: Counter[tuple[str, str]] = Counter()
    english: Counter[str] = Counter()
    russian: Counter[str] = Counter()
    for left in _without_copies(pairs):
        english.update(left[0])
        russian.update(left[1])
        together.update((en, ru) for en in left[0] for ru in left[1])
    links: dict[tuple[str, str], tuple[float, float]] = {}
    best: defaultdict[tuple[str, str], float] = defaultdict(float)  # ratio of a stem's best pair
    for (en, ru), both in together.items():
        dice = 2 * both / (english[en] + russian[ru])
        ratio = _ratio(both, english[en], russian[ru], sentences)
        if both >= MIN_COOCCURRENCES and dice >= MIN_DICE and ratio >= MIN_LIKELIHOOD_RATIO:
            # Shrink towards zero: count one extra non-co-occurrence.
            links[en, ru] = ratio, round(dice * both / (both + 1), 4)
            for end in (("en", en), ("ru", ru)):
                best[end] = max(best[end], ratio)
    found: dict[str, dict[str, dict[str, float]]] = {"en": {}, "ru": {}}
    for (en, ru), (ratio, weight) in sorted(links.items()):
        if ratio >= MIN_SHARE_OF_BEST * max(best["en", en], best["ru", ru]):
            found["en"].setdefault(en, {})[ru] = weight
            found["ru"].setdefault(ru, {})[en] = weight
    return found


def _without_copies(pairs: Iterable[UnexplainedWords]) -> Iterator[UnexplainedWords]:
    """The pairs without repeated ones that have several stems: those are copies of a sentence."""
    seen: set[UnexplainedWords] = set()
    for pair in pairs:
        if max(map(len, pair)) == 1:
            yield pair
        elif pair not in seen:
            seen.add(pair)
            yield pair


def _ratio(both: int, first: int, second: int, total: int) -> float:
    """The log-likelihood ratio of dependence and independence of two stems.

    `both` counts sentence pairs with both stems, `first` and `second` those with each, `total` all.
    """
    cells = (both, first - both, second - both, total - first - second + both)
    rows = (first, total - first)
    columns = (second, total - second)
    return 2 * (_plogp(*cells, total) - _plogp(*rows) - _plogp(*columns))


def _plogp(*counts: int) -> float:
    return sum(n * math.log(n) for n in counts if n > 0)
