"""Two runs of the same suites, question by question.

Questions are paired by task and id; one that a run lacks counts there as a failure. Means,
ratios and the figures of abstention are compared alike: cluster bootstrap for the interval of
the difference, randomisation test for p, Holm over everything compared at once. The gate looks
at the interval: it fails only where even the upper bound says that the measure fell.
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
from eval.reports.summary import ECE_FEWEST
from rag.errors import UsageError

GATE = -0.005
"""Half a point."""

_SUFFIX = ".questions.jsonl"


def compare_folders(
    a: Path, b: Path, measures: Sequence[str] | None = None, half: str = "all"
) -> list[dict[str, Any]]:
    """A line for each suite, task and measure that both folders have.

    Raises UsageError where the folders have no suite in common or no such measure.
    """
    names = sorted(_suites(a) & _suites(b))
    if not names:
        raise UsageError(f"{a} and {b} have no suite in common; give two --out folders of runs")
    lines = []
    for name in names:
        lines += compare(
            name,
            rows.read(a / f"{name}{_SUFFIX}"),
            rows.read(b / f"{name}{_SUFFIX}"),
            measures,
            half,
        )
    if not lines:
        raise UsageError(f"no measure {', '.join(measures or ())} there; see a report for names")
    corrected = resample.holm({str(n): line["p"] for n, line in enumerate(lines)})
    return [line | {"p_holm": corrected[str(n)]} for n, line in enumerate(lines)]


def _suites(folder: Path) -> set[str]:
    return {path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}")}


def compare(
    suite: str,
    a: Sequence[Row],
    b: Sequence[Row],
    measures: Sequence[str] | None = None,
    half: str = "all",
) -> list[dict[str, Any]]:
    """B against A in one suite."""
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
            and not (name == "ECE" and len(pairs) < ECE_FEWEST)
        }
        effects = {name: _differences(pairs, name) for name in rows.measures(both)}
        clusters = [x.cluster for x, _ in pairs]
        for name, found in resample.compare(statistics, clusters, effects).items():
            own = {"suite": suite, "task": task, "measure": name, **asdict(found)}
            lines.append(own | {"n": rows.count([x for x, _ in pairs], name)})
    return lines


def paired(a: Sequence[Row], b: Sequence[Row]) -> list[tuple[Row, Row]]:
    """The rows of both runs by question; the worst there is for a row that one run lacks."""
    of_a, of_b = {row.id: row for row in a}, {row.id: row for row in b}
    pairs = []
    for name in dict.fromkeys((*of_a, *of_b)):
        x = of_a.get(name) or rows.missing(of_b[name])
        y = of_b.get(name) or rows.missing(of_a[name])
        pairs.append((_owing(x, y), _owing(y, x)))
    return pairs


def _owing(row: Row, other: Row) -> Row:
    """A failed row owes what the other run's row was measured by."""
    if not row.failed:
        return row
    owed = {name: (rows.worst(name), weight) for name, (_, weight) in other.values.items()}
    return replace(row, values=owed | dict(row.values))


def _differences(pairs: Sequence[tuple[Row, Row]], name: str) -> Floats:
    """B − A of the questions that both runs measure."""
    found = [
        y.values[name][0] - x.values[name][0]
        for x, y in pairs
        if x.values.get(name, (0, 0))[1] and y.values.get(name, (0, 0))[1]
    ]
    return np.array(found, dtype=np.float64)


def fallen(lines: Sequence[dict[str, Any]], measure: str) -> list[dict[str, Any]]:
    """The lines of a measure that is worse by more than half a point, interval and all.

    Raises UsageError where the measure is not there.
    """
    own = [line for line in lines if line["measure"] == measure]
    if not own:
        raise UsageError(f"--gate {measure}: no such measure in these runs")
    if measure in LOWER_IS_BETTER:
        return [line for line in own if -line["low"] < GATE]
    return [line for line in own if line["high"] < GATE]


def table(lines: Sequence[dict[str, Any]]) -> str:
    """Markdown, a row for each line."""
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
