"""Fusing the lists of several indexes and languages into one order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from index_store.types import ScoreStats, document_of
from rag.settings import FITTED

LIKELY = 1.5
"""What a passage of a likely document gains, in deviations of the fused lists."""

WEIGHTS = {**FITTED, "phrase": 1.0}
"""Share of each list, unless the encoder comes with others. One set of weights serves questions and
documents in one language or two, encyclopaedias and archives."""

SINGLE_PASSAGE_BOOST = 0.75
"""A passage's vector counts for so much more where passages are whole documents: there the words
of the document are but its own once more, and BM25 would count twice."""

BEST_OF_DOCUMENT = 3
"""A document's dense score is the mean of its best passages' scores, this many of them."""

PRIOR = 10
"""Passages of all languages that a language's own are weighed against, for mean and variance."""

MIN_DEVIATION_SHARE = 0.5
"""Least deviation of a language's scores, as a share of the largest of any language."""

_NO_SPREAD = 1e-9  # what rounding leaves of equal scores

_NOTHING = ScoreStats(0, 0.0, 0.0)
PRIOR_STATS = {True: ScoreStats(4, 0.1, 0.1), False: ScoreStats(4, 0.0, 0.0)}
"""Passages on other things, thought to be there, for few tell no spread: cosines, and BM25."""

PHRASE_STATS = ScoreStats(
    1, 0.0, 0.25
)  # a passage that holds the phrase stands four deviations above

COSINES = ("dense", "dense_document")

Lists = dict[str, dict[str, float]]
Spreads = dict[str, ScoreStats]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the indexes say to one question, before any weights.

    `languages`: the lists of each with how all its passages lie in them; `documents`: the scores
    of its documents; `likely`: the ids of those that are probably meant.
    """

    languages: Mapping[str, tuple[Lists, Spreads]]
    documents: Mapping[str, Mapping[str, float]]
    likely: frozenset[str]

    def order(self, weights: Mapping[str, float]) -> list[tuple[str, float]]:
        """Passages with their scores, the best first."""
        fused = fuse(self.languages, weights)
        return favoured(fused, self.likely) if self.likely else fused


def favoured(fused: Sequence[tuple[str, float]], likely: Set[str]) -> list[tuple[str, float]]:
    """Passages in their new order, those of likely documents raised by `LIKELY`."""
    raised = [(p, score + LIKELY * (document_of(p) in likely)) for p, score in fused]
    return sorted(raised, key=lambda item: (-item[1], item[0]))


def padded_with_zeros(scores: Mapping[str, float], count: int) -> ScoreStats:
    """How scores lie when those of `count` entries that are not listed are 0."""
    values = np.zeros(max(count, len(scores)))
    values[: len(scores)] = list(scores.values())
    return ScoreStats(len(values), float(values.mean()), float(values.std())) if count else _NOTHING


def fuse(
    languages: Mapping[str, tuple[Mapping[str, Mapping[str, float]], Mapping[str, ScoreStats]]],
    weights: Mapping[str, float],
) -> list[tuple[str, float]]:
    """Passages by the weighted mean of their z-scores in the lists of their own language.

    Each language comes with its lists and how the scores of all its passages lie in them; see
    `comparable`. A passage that a list lacks has the list's least cosine there, or 0 for BM25.
    The weights of lists that are not there go to the others. Ties by passage id. Pure.
    """
    spreads = comparable({lang: spreads for lang, (_, spreads) in languages.items()})
    fused: dict[str, float] = {}
    for lang, (lists, own) in languages.items():
        passages = sorted({passage for scores in lists.values() for passage in scores})
        dense = weights.get("dense", 0.0) * (1 + SINGLE_PASSAGE_BOOST * _wholeness(own) ** 2)
        present = {
            n: dense if n == "dense" else weights[n] for n, scores in lists.items() if scores
        }
        whole = sum(present.values()) or 1.0  # nothing where no list that counts has found any
        total = np.zeros(len(passages))
        for name, weight in present.items():
            spread = spreads[lang][name]
            least = min(lists[name].values()) if name in COSINES else 0.0
            values = np.array([*map(lists[name].get, passages, repeat(least))])
            if spread.deviation > _NO_SPREAD:
                total += weight / whole * (values - spread.mean) / spread.deviation
        fused |= zip(passages, np.round(total, 9).tolist(), strict=True)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def _wholeness(spreads: Mapping[str, ScoreStats]) -> float:
    """Documents by passages: 1 where each document is one passage, near 0 where they are long."""
    passages = spreads["lexical"].count if "lexical" in spreads else 0
    documents = spreads["document"].count if "document" in spreads else 0
    return min(1.0, documents / passages) if passages else 0.0


def comparable(
    languages: Mapping[str, Mapping[str, ScoreStats]],
) -> dict[str, dict[str, ScoreStats]]:
    """The spreads of each language by which scores of all can be compared. Pure.

    A language with a handful of passages has no spread of its own to go by: mean and variance
    of each list are drawn towards those of all languages together, as if `PRIOR` passages of
    them were added; `_SILENT` does the same where there is one language. And where a question
    has next to nothing in common with a language, small differences would count for much: no
    deviation is taken as less than `LEAST` of the largest.
    """
    out: dict[str, dict[str, ScoreStats]] = {lang: {} for lang in languages}
    for name in {name for spreads in languages.values() for name in spreads}:
        silent = PRIOR_STATS[name in COSINES]
        own = {
            lang: _pooled([spreads[name], silent])
            for lang, spreads in languages.items()
            if name in spreads
        }
        together = _pooled(list(own.values()))
        drawn = {lang: _pooled([s, replace(together, count=PRIOR)]) for lang, s in own.items()}
        used = drawn if len(own) > 1 else own
        largest = max(spread.deviation for spread in used.values())
        for lang, spread in used.items():
            deviation = max(spread.deviation, MIN_DEVIATION_SHARE * largest)
            out[lang][name] = replace(spread, deviation=deviation)
    return out


def _pooled(spreads: Sequence[ScoreStats]) -> ScoreStats:
    """Mean of the means and of the variances by their counts; both need not be one sample."""
    count = sum(spread.count for spread in spreads)
    if not count:
        return _NOTHING
    mean = sum(s.count * s.mean for s in spreads) / count
    variance = sum(s.count * (s.deviation**2 + (s.mean - mean) ** 2) for s in spreads) / count
    return ScoreStats(count, mean, float(np.sqrt(variance)))


def best_of_document(scores: Mapping[str, float]) -> dict[str, float]:
    """Each passage's document score: the mean of the document's best passages."""
    owners = {passage: document_of(passage) for passage in scores}
    by_document: dict[str, list[float]] = defaultdict(list)
    for passage, document in owners.items():
        by_document[document].append(scores[passage])
    means = {
        document: sum(best) / len(best)
        for document, all_scores in by_document.items()
        if (best := sorted(all_scores, reverse=True)[:BEST_OF_DOCUMENT])
    }
    return {passage: means[document] for passage, document in owners.items()}
