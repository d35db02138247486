"""Measures of rankings of documents and passages, by ir_measures.

A document's rank is that of its first passage. The gold passages are those of the store that
contain the gold spans, so they depend on how Fonds cuts texts. A judged question that
is missing from a run scores 0. Not here: intervals (`resample`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import AP, RR, P, R, nDCG

from eval.sets.spans import Span
from eval.sets.suite import EvalQuestion
from index_store.types import Passage

DEPTH = 100
"""Ranks that are looked at."""

WORST_BIAS = float(DEPTH)
"""The language bias of a question that finds neither document."""

MEASURES = (P @ 1, nDCG @ 10, R @ 1, R @ 5, R @ 10, R @ 20, R @ 100, RR, AP)


def scores(
    grades: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Every measure of every judged question; 0 for those without a ranking."""
    out = {question: {str(m): 0.0 for m in MEASURES} for question, g in grades.items() if g}
    qrels = [ir_measures.Qrel(q, d, g) for q in out for d, g in grades[q].items()]
    run = [
        ir_measures.ScoredDoc(q, name, float(-rank))
        for q in out
        for rank, name in enumerate(rankings.get(q, ())[:DEPTH])
    ]
    if qrels and run:
        for metric in ir_measures.iter_calc(MEASURES, qrels, run):
            out[metric.query_id][str(metric.measure)] = float(metric.value)
    return out


def gold_passages(
    spans: Sequence[Span], passages: Mapping[str, Sequence[Passage]]
) -> dict[str, int]:
    """Passages with more than half of a gold span, else those with any of it; grade 1."""
    found: dict[str, int] = {}
    for span in spans:
        shares = {
            p.passage_id: min(p.end, span.end) - max(p.start, span.start)
            for p in passages.get(span.document, ())
        }
        touching = [name for name, share in shares.items() if share > 0]
        holding = [name for name in touching if 2 * shares[name] > span.end - span.start]
        found |= dict.fromkeys(holding or touching, 1)
    return found


def language_bias(question: EvalQuestion, ranking: Sequence[str]) -> float | None:
    """The difference in rank of the same evidence in two languages; what is not found has 101.

    None without parallel evidence. The worst value, 100, where neither is found, so that finding
    less never improves it.
    """
    if len(question.parallel) != 2:
        return None
    found = {name: rank for rank, name in enumerate(ranking[:DEPTH], 1)}
    if not found.keys() & set(question.parallel):
        return WORST_BIAS
    first, second = (found.get(name, DEPTH + 1) for name in question.parallel)
    return float(abs(first - second))
