"""The figures of a suite, made from its rows, as JSON.

They are estimates with intervals by task, group and half, the data of the plots, latency, and the
worst questions. Not here: how they are shown (`report`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eval.measures import estimates, rows
from eval.measures.resample import Estimate, bootstrap
from eval.measures.rows import Row
from eval.measures.tasks import Outcome
from eval.sets.suite import Suite

MAX_WORST = 20
"""Questions listed as the worst."""

ECE_MIN_QUESTIONS = 300
"""With fewer the calibration error depends more on the size of the set than on calibration."""

_CURVE_POINTS = 200
_BIN_MIN_QUESTIONS = 10
"""Questions in a bin of the reliability plot; with fewer its shares are mostly noise."""

_HALVES = ("reporting", "development", "all")


def summary(suite: Suite, outcome: Outcome, config: Mapping[str, Any]) -> dict[str, Any]:
    """All figures of a suite that the report shows."""
    found = outcome.rows
    return {
        "suite": suite.name,
        "description": suite.description,
        "licence": suite.licence,
        "tasks": list(suite.tasks),
        "config": dict(config),
        "figures": figures(found, suite),
        "failed": [{"task": r.task, "id": r.id, "error": r.failed} for r in found if r.failed],
        "curves": _curves([r for r in found if r.judged]),
        "latency": {task: _latency(seconds) for task, seconds in outcome.seconds.items()},
        "worst": worst(found),
    }


def figures(found: Sequence[Row], suite: Suite) -> list[dict[str, Any]]:
    """A line for each task, group and measure: the estimates of both halves and of all."""
    anchors: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for a in suite.anchors:
        beside = {"value": a.value, "what": a.what}
        anchors.setdefault((a.task, a.group, a.measure), []).append(beside)
    lines = []
    for task, group, part in rows.parts(found):
        by_half = {half: _estimates(part, half) for half in _HALVES}
        for measure, whole in by_half["all"].items():
            line: dict[str, Any] = {"task": task, "group": group, "measure": measure}
            for half in _HALVES:
                estimate = by_half[half].get(measure)
                line[half] = estimate.to_dict() if estimate else None
            line["n"] = whole.n
            line["anchors"] = anchors.get((task, group, measure), [])
            lines.append(line)
    return lines


def _estimates(part: Sequence[Row], half: str) -> dict[str, Estimate]:
    chosen = [row for row in part if half in ("all", row.half)]
    found = bootstrap(rows.statistics(chosen), [row.cluster for row in chosen]) if chosen else {}
    if len(chosen) < ECE_MIN_QUESTIONS:
        found.pop("ECE", None)
    return {name: replace(e, n=rows.count(chosen, name)) for name, e in found.items()}


def _curves(judged: Sequence[Row]) -> dict[str, Any]:
    """Points of the risk-coverage curve and bins of reliability, of all rows with a judgement."""
    known = [row.judged for row in judged if row.judged]
    if not known:
        return {}
    confidence = [j.confidence for j in known]
    points = estimates.risk_coverage(confidence, [j.correct for j in known])
    step = max(1, len(points) // _CURVE_POINTS)
    kept = [*points[::step], points[-1]]
    count = min(estimates.ECE_BINS, max(2, len(known) // _BIN_MIN_QUESTIONS))
    bins = estimates.reliability(confidence, [j.answerable for j in known], count)
    return {
        "risk_coverage": [[round(a, 4), round(b, 4)] for a, b in kept],
        "reliability": [[round(a, 4), round(b, 4), n] for a, b, n in bins],
    }


def _latency(seconds: Sequence[float]) -> dict[str, Any]:
    """Median, 95th percentile and a histogram over bins of equal width on a log scale."""
    ms = np.array(seconds) * 1e3
    low, high = max(float(ms.min()), 0.01), float(ms.max()) + 0.01
    counts, edges = np.histogram(
        np.log10(np.maximum(ms, 0.01)), 24, (np.log10(low), np.log10(high))
    )
    return {
        "n": len(ms),
        "p50_ms": round(float(np.percentile(ms, 50)), 1),
        "p95_ms": round(float(np.percentile(ms, 95)), 1),
        "counts": counts.tolist(),
        "edges_ms": [round(float(10**e), 3) for e in edges],
    }


def worst(found: Sequence[Row]) -> list[dict[str, Any]]:
    """The questions with the greatest loss; equal losses in order of task and id.

    First errors, then confident wrong answers, abstentions where there is an answer, and gold that
    was ranked low.
    """
    losses = sorted(
        ((-_loss(row), row.task, row.id, row) for row in found if _loss(row) > 0),
        key=lambda item: item[:3],
    )
    return [
        {
            "task": row.task,
            "id": row.id,
            "group": row.group,
            "text": row.text,
            "loss": round(-negative, 4),
            "failed": row.failed,
            **row.details,
        }
        for negative, _, _, row in losses[:MAX_WORST]
    ]


def _loss(row: Row) -> float:
    """2 for an error, 1 + confidence for a wrong answer, below 1 for what was not found."""
    if row.failed:
        return 2.0
    if row.task == "answers":
        if row.details["right"]:
            return 0.0
        confidence = float(row.details["confidence"])
        return 1 + confidence if row.details["status"] == "answered" else 1 - confidence
    if row.task == "retrieval":
        return (1 - row.values["nDCG@10"][0]) * 0.9
    if row.task == "verify":
        values = [v for name, (v, w) in row.values.items() if w and name != "document by search"]
        return 0.95 if values and not all(values) else 0.0
    return 0.0
