"""Fusing the lists of several indexes and languages into one order.

Scores of different languages and indexes cannot be compared as they are, so each becomes a z-score
over all passages of its language, and the lists are fused by weighted sums (Bruch et al., arXiv
2210.11934, found convex combinations to beat rank fusion where tuned).

Not here: where the lists come from (`lists`), what the weights are (`rag.models.calibration`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from index_store.types import Spread, document_of
from rag.models import calibration

PHRASE_WEIGHT = 1.0
"""Share of the list of passages that hold a phrase of the question."""

PHRASE_STATS = Spread(1, 0.0, 0.25)
"""By these a passage that holds the phrase stands four deviations above the others."""

BEST_OF_DOCUMENT = 3
"""A document's dense score is the mean of the scores of its best passages, this many of them."""

COSINES = ("dense", "dense_document")

_NOTHING = Spread(0, 0.0, 0.0)
_BM25_PRIOR = Spread(4, 0.0, 0.0)
"""Pseudo-observations that stabilize mean and variance when there are few passages."""

_EQUAL = 1e-9  # deviations below this are rounding of equal scores

Lists = dict[str, dict[str, float]]
Spreads = dict[str, Spread]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the indexes say to one question, before any weights.

    `languages` holds for each language its lists and the statistics of all its passages in them;
    `documents` the scores of its documents; `likely` the ids of documents that are probably meant.
    `cosine_prior` are pseudo-observations of cosines, None where the encoder has none.
    """

    languages: Mapping[str, tuple[Lists, Spreads]]
    documents: Mapping[str, Mapping[str, float]]
    likely: frozenset[str]
    cosine_prior: Spread | None = None

    def order(self, weights: Mapping[str, float]) -> list[tuple[str, float]]:
        """Passages with their scores, the best first."""
        fused = fuse(self.languages, weights, self.cosine_prior)
        return favoured(fused, self.likely) if self.likely else fused


def favoured(fused: Sequence[tuple[str, float]], likely: Set[str]) -> list[tuple[str, float]]:
    """Passages in their new order, those of likely documents raised."""
    boost = calibration.thresholds().likely_boost
    raised = [(p, score + boost * (document_of(p) in likely)) for p, score in fused]
    return sorted(raised, key=lambda item: (-item[1], item[0]))


def padded_with_zeros(scores: Mapping[str, float], count: int) -> Spread:
    """Statistics of the scores of `count` entries; those that are not listed have 0."""
    values = np.zeros(max(count, len(scores)))
    values[: len(scores)] = list(scores.values())
    return Spread(len(values), float(values.mean()), float(values.std())) if count else _NOTHING


def fuse(
    languages: Mapping[str, tuple[Mapping[str, Mapping[str, float]], Mapping[str, Spread]]],
    weights: Mapping[str, float],
    cosine_prior: Spread | None = None,
) -> list[tuple[str, float]]:
    """Passages by the weighted mean of their z-scores in the lists of their own language.

    Each language comes with its lists and the statistics of all its passages in them; see
    `comparable`. A passage that a list lacks has the list's lowest cosine there, or 0 for BM25.
    The weights of missing lists go to the others. When each document is one passage, document BM25
    repeats passage BM25, so the dense score is boosted. Ties by passage id. Pure.
    """
    weights = {**weights, "phrase": PHRASE_WEIGHT}
    boost = calibration.thresholds().single_passage_boost
    spreads = comparable({lang: own for lang, (_, own) in languages.items()}, cosine_prior)
    fused: dict[str, float] = {}
    for lang, (lists, own) in languages.items():
        passages = sorted({passage for scores in lists.values() for passage in scores})
        dense = weights.get("dense", 0.0) * (1 + boost * _passages_are_documents(own) ** 2)
        present = {
            n: dense if n == "dense" else weights[n] for n, scores in lists.items() if scores
        }
        whole = sum(present.values()) or 1.0  # 0 where no list with a weight has found any
        total = np.zeros(len(passages))
        for name, weight in present.items():
            spread = spreads[lang][name]
            lowest = min(lists[name].values()) if name in COSINES else 0.0
            values = np.array([*map(lists[name].get, passages, repeat(lowest))])
            if spread.deviation > _EQUAL:
                total += weight / whole * (values - spread.mean) / spread.deviation
        fused |= zip(passages, np.round(total, 9).tolist(), strict=True)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def _passages_are_documents(spreads: Mapping[str, Spread]) -> float:
    """Documents by passages: 1 where each document is one passage, near 0 where they are long."""
    passages = spreads["lexical"].count if "lexical" in spreads else 0
    documents = spreads["document"].count if "document" in spreads else 0
    return min(1.0, documents / passages) if passages else 0.0


def comparable(
    languages: Mapping[str, Mapping[str, Spread]], cosine_prior: Spread | None = None
) -> dict[str, dict[str, Spread]]:
    """The statistics of each language by which scores of all can be compared. Pure.

    A language with few passages has no reliable statistics of its own: mean and variance of each
    list are drawn towards those of all languages together, as if some passages of them were added,
    and pseudo-observations stabilize them where there is one language. Where a question has almost
    nothing in common with a language, small differences would count for much: no deviation is taken
    as less than a share of the largest.
    """
    thresholds = calibration.thresholds()
    out: dict[str, dict[str, Spread]] = {lang: {} for lang in languages}
    for name in {name for spreads in languages.values() for name in spreads}:
        prior = (cosine_prior or _NOTHING) if name in COSINES else _BM25_PRIOR
        own = {
            lang: _pooled([spreads[name], prior])
            for lang, spreads in languages.items()
            if name in spreads
        }
        together = replace(_pooled(list(own.values())), count=thresholds.pooled_passages)
        used = {lang: _pooled([s, together]) for lang, s in own.items()} if len(own) > 1 else own
        least = thresholds.min_deviation_share * max(spread.deviation for spread in used.values())
        for lang, spread in used.items():
            out[lang][name] = replace(spread, deviation=max(spread.deviation, least))
    return out


def _pooled(spreads: Sequence[Spread]) -> Spread:
    """Mean of the means and of the variances by their counts; both need not be one sample."""
    count = sum(spread.count for spread in spreads)
    if not count:
        return _NOTHING
    mean = sum(s.count * s.mean for s in spreads) / count
    variance = sum(s.count * (s.deviation**2 + (s.mean - mean) ** 2) for s in spreads) / count
    return Spread(count, mean, float(np.sqrt(variance)))


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
