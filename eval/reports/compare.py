"""Comparison of two runs of the same suites, question by question.

Questions are paired by task and id; one missing from a run counts there as failed. All measures are
compared alike: the interval of the difference is by cluster bootstrap, p by a randomisation test,
with Holm's correction over everything compared. The gate looks at the interval: a measure has
a regression when even the upper bound of the difference is below the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.measures import resample, rows
from eval.measures.estimates import Floats
from eval.measures.rows import LOWER_IS_BETTER, NEUTRAL, Row
from eval.reports.results import QUESTIONS_SUFFIX, suite_names
from eval.reports.summary import ECE_MIN_QUESTIONS
from rag.errors import UsageError

GATE = -0.005
"""The fall that is allowed: half a point."""


def compare_folders(
    a: Path, b: Path, measures: Sequence[str] | None = None, half: str = "all"
) -> list[dict[str, Any]]:
    """The comparison of B with A: a line for each suite, task and measure that both have.

    Raises UsageError where the folders have no suite in common or no such measure.
    """
    names = sorted({*suite_names(a)} & {*suite_names(b)})
    if not names:
        raise UsageError(f"{a} and {b} have no suite in common; give two --out folders of runs")
    lines = []
    for name in names:
        lines += compare(
            name,
            rows.read(a / f"{name}{QUESTIONS_SUFFIX}"),
            rows.read(b / f"{name}{QUESTIONS_SUFFIX}"),
            measures,
            half,
        )
    if not lines:
        raise UsageError(f"no measure {', '.join(measures or ())} there; see a report for names")
    corrected = resample.holm({str(n): line["p"] for n, line in enumerate(lines)})
    return [line | {"p_holm": corrected[str(n)]} for n, line in enumerate(lines)]


def compare(
    suite: str,
    a: Sequence[Row],
    b: Sequence[Row],
    measures: Sequence[str] | None = None,
    half: str = "all",
) -> list[dict[str, Any]]:
    """The comparison of B with A in one suite: a line for each task and measure."""
    lines = []
    for task in dict.fromkeys(row.task for row in (*a, *b)):
        pairs = paired(
            [r for r in a if r.task == task and half in ("all", r.half)],
            [r for r in b if r.task == task and half in ("all", r.half)],
        )
        if not pairs:
            continue
        both = [x for x, _ in pairs] + [y for _, y in pairs]
        statistics = {
            name: of
            for name, of in rows.statistics(both).items()
            if (name in measures if measures else name not in NEUTRAL)
            and not (name == "ECE" and len(pairs) < ECE_MIN_QUESTIONS)
        }
        effects = {name: _differences(pairs, name) for name in rows.measures(both)}
        clusters = [x.cluster for x, _ in pairs]
        for name, found in resample.compare(statistics, clusters, effects).items():
            own = {"suite": suite, "task": task, "measure": name, **asdict(found)}
            lines.append(own | {"n": rows.count([x for x, _ in pairs], name)})
    return lines


def paired(a: Sequence[Row], b: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Pairs of rows of one question; a run without the row gets one with the worst values."""
    of_a, of_b = {row.id: row for row in a}, {row.id: row for row in b}
    pairs = []
    for name in dict.fromkeys((*of_a, *of_b)):
        x = of_a.get(name) or rows.missing(of_b[name])
        y = of_b.get(name) or rows.missing(of_a[name])
        pairs.append((_with_worst(x, y), _with_worst(y, x)))
    return pairs


def _with_worst(row: Row, other: Row) -> Row:
    """A failed row, with the worst values of the measures that the other run's row has."""
    if not row.failed:
        return row
    missing = {name: (rows.worst(name), weight) for name, (_, weight) in other.values.items()}
    return replace(row, values=missing | dict(row.values))


def _differences(pairs: Sequence[tuple[Row, Row]], name: str) -> Floats:
    """The differences B − A of the questions that have the measure in both runs."""
    found = [
        y.values[name][0] - x.values[name][0]
        for x, y in pairs
        if x.values.get(name, (0, 0))[1] and y.values.get(name, (0, 0))[1]
    ]
    return np.array(found, dtype=np.float64)


def regressions(lines: Sequence[dict[str, Any]], measure: str) -> list[dict[str, Any]]:
    """The lines of a measure whose whole interval is worse by more than half a point.

    Raises UsageError where no line has the measure.
    """
    own = [line for line in lines if line["measure"] == measure]
    if not own:
        raise UsageError(f"--gate {measure}: no such measure in these runs")
    if measure in LOWER_IS_BETTER:
        return [line for line in own if -line["low"] < GATE]
    return [line for line in own if line["high"] < GATE]


def table(lines: Sequence[dict[str, Any]]) -> str:
    """The comparison as a Markdown table."""
    head = "| suite | task | measure | A | B | B − A | 95 % | p | p (Holm) | d | n |"
    out = [head, "|---|---|---|---:|---:|---:|---|---:|---:|---:|---:|"]
    for line in lines:
        d = "–" if line["effect"] is None else f"{line['effect']:+.2f}"
        out.append(
            f"| {line['suite']} | {line['task']} | {line['measure']} | {line['a']:.3f} "
            f"| {line['b']:.3f} | {line['difference']:+.3f} "
            f"| {line['low']:+.3f} … {line['high']:+.3f} | {line['p']:.4f} "
            f"| {line['p_holm']:.4f} | {d} | {line['n']} |"
        )
    return "\n".join(out)
