"""Fuses the search lists of several indexes and languages into one ranking.

Raw scores of different languages and indexes cannot be compared, so each score becomes a z-score
over all passages of its language, and the lists are combined by a weighted mean (Bruch et al. 2022,
arXiv 2210.11934, found tuned convex combinations better than rank fusion).

Not here: making the lists (`candidates`), their weights (`rag.models.calibration`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from index_store.types import ScoreStats, document_of
from rag.models import calibration

PHRASE_WEIGHT = 1.0
"""Weight of the list of passages that contain a phrase of the question."""

PHRASE_STATS = ScoreStats(1, 0.0, 0.25)
"""With these a passage that contains the phrase is four standard deviations above the others."""

TOP_PASSAGES = 3
"""A document's dense score is the mean over this many of its best passages."""

COSINE_LISTS = ("dense", "dense_document")
WORD_LISTS = ("lexical", "document")

_NO_STATS = ScoreStats(0, 0.0, 0.0)
_BM25_PRIOR = ScoreStats(4, 0.0, 0.0)
"""Pseudo-observations that stabilize mean and variance when there are few passages."""

_MIN_DEVIATION = 1e-9
"""A smaller deviation comes from rounding of equal scores."""

Lists = dict[str, dict[str, float]]
"""Name of a list → passage id → score."""

StatsByList = dict[str, ScoreStats]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The search results for one question before they are weighted.

    `languages` maps each language to its lists and to the statistics of all its passages in them,
    `documents` each language to the BM25 scores of its documents. `likely` are the ids of documents
    that the question probably means. `cosine_prior` are pseudo-observations of cosines, None for an
    encoder without any. `foreign` are languages into which the question's words are not translated.
    """

    languages: Mapping[str, tuple[Lists, StatsByList]]
    documents: Mapping[str, Mapping[str, float]]
    likely: frozenset[str]
    cosine_prior: ScoreStats | None = None
    foreign: frozenset[str] = frozenset()

    def ranked(self, weights: Mapping[str, float]) -> list[tuple[str, float]]:
        """Passage ids with fused scores, best first; `weights` are the shares of the lists."""
        fused = fuse(self.languages, weights, self.cosine_prior, self.foreign)
        return boost_likely(fused, self.likely) if self.likely else fused


def boost_likely(ranked: Sequence[tuple[str, float]], likely: Set[str]) -> list[tuple[str, float]]:
    """The passages ranked again, with a constant added to the scores of likely documents."""
    boost = calibration.thresholds().likely_boost
    raised = [(p, score + boost * (document_of(p) in likely)) for p, score in ranked]
    return sorted(raised, key=lambda item: (-item[1], item[0]))


def padded_with_zeros(scores: Mapping[str, float], count: int) -> ScoreStats:
    """Statistics of `count` scores, of which those not listed are 0."""
    values = np.zeros(max(count, len(scores)))
    values[: len(scores)] = list(scores.values())
    return (
        ScoreStats(len(values), float(values.mean()), float(values.std())) if count else _NO_STATS
    )


def fuse(
    languages: Mapping[str, tuple[Mapping[str, Mapping[str, float]], Mapping[str, ScoreStats]]],
    weights: Mapping[str, float],
    cosine_prior: ScoreStats | None = None,
    foreign: Set[str] = frozenset(),
) -> list[tuple[str, float]]:
    """Passage ids ranked by the weighted mean of their z-scores; ties by passage id.

    `languages` maps each language to its lists and the statistics of all its passages in them,
    which are adjusted by `comparable_stats`. A passage missing from a list gets the list's lowest
    cosine, or 0 for BM25. Weights of empty lists are distributed over the others. When each
    document is one passage, document BM25 repeats passage BM25, so the dense weight is boosted. In
    `foreign` languages, where names and numbers are all that the question's words can meet, the
    lists of words have less weight.
    """
    weights = {"phrase": PHRASE_WEIGHT, **weights}
    thresholds = calibration.thresholds()
    boost, share = thresholds.single_passage_boost, thresholds.foreign_words_share
    stats = comparable_stats({lang: own for lang, (_, own) in languages.items()}, cosine_prior)
    fused: dict[str, float] = {}
    for lang, (lists, own) in languages.items():
        passages = sorted({passage for scores in lists.values() for passage in scores})
        factors = {"dense": 1 + boost * _documents_per_passage(own) ** 2}
        if lang in foreign:
            factors |= dict.fromkeys(WORD_LISTS, share)
        present = {n: weights[n] * factors.get(n, 1.0) for n, scores in lists.items() if scores}
        whole = sum(present.values()) or 1.0  # no list with a weight found anything
        total = np.zeros(len(passages))
        for name, weight in present.items():
            of_list = stats[lang][name]
            lowest = min(lists[name].values()) if name in COSINE_LISTS else 0.0
            values = np.array([*map(lists[name].get, passages, repeat(lowest))])
            if of_list.deviation > _MIN_DEVIATION:
                total += weight / whole * (values - of_list.mean) / of_list.deviation
        fused |= zip(passages, np.round(total, 9).tolist(), strict=True)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def _documents_per_passage(stats: Mapping[str, ScoreStats]) -> float:
    """1 when each document is one passage, near 0 when documents have many passages."""
    passages = stats["lexical"].count if "lexical" in stats else 0
    documents = stats["document"].count if "document" in stats else 0
    return min(1.0, documents / passages) if passages else 0.0


def comparable_stats(
    languages: Mapping[str, Mapping[str, ScoreStats]], cosine_prior: ScoreStats | None = None
) -> dict[str, dict[str, ScoreStats]]:
    """Statistics of each language's lists that make scores comparable between languages.

    A language with few passages has no reliable statistics of its own. Mean and variance of each
    list are therefore shrunk towards those of all languages together, and pseudo-observations
    stabilize them. Where a question has almost nothing in common with a language, small differences
    would count too much, so that each deviation is at least a share of the largest one.
    """
    thresholds = calibration.thresholds()
    out: dict[str, dict[str, ScoreStats]] = {lang: {} for lang in languages}
    for name in {name for stats in languages.values() for name in stats}:
        prior = (cosine_prior or _NO_STATS) if name in COSINE_LISTS else _BM25_PRIOR
        own = {
            lang: _pooled([stats[name], prior])
            for lang, stats in languages.items()
            if name in stats
        }
        together = replace(_pooled(list(own.values())), count=thresholds.pooled_passages)
        used = {lang: _pooled([s, together]) for lang, s in own.items()} if len(own) > 1 else own
        least = thresholds.min_deviation_share * max(stats.deviation for stats in used.values())
        for lang, stats in used.items():
            out[lang][name] = replace(stats, deviation=max(stats.deviation, least))
    return out


def _pooled(samples: Sequence[ScoreStats]) -> ScoreStats:
    """The statistics of several samples together."""
    count = sum(s.count for s in samples)
    if not count:
        return _NO_STATS
    mean = sum(s.count * s.mean for s in samples) / count
    variance = sum(s.count * (s.deviation**2 + (s.mean - mean) ** 2) for s in samples) / count
    return ScoreStats(count, mean, float(np.sqrt(variance)))


def mean_of_top_passages(scores: Mapping[str, float]) -> dict[str, float]:
    """For each passage the score of its document: the mean of the document's best passages."""
    owners = {passage: document_of(passage) for passage in scores}
    by_document: dict[str, list[float]] = defaultdict(list)
    for passage, document in owners.items():
        by_document[document].append(scores[passage])
    means = {
        document: sum(best) / len(best)
        for document, all_scores in by_document.items()
        if (best := sorted(all_scores, reverse=True)[:TOP_PASSAGES])
    }
    return {passage: means[document] for passage, document in owners.items()}
