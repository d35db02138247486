"""Finished runs as Markdown tables for the docs: `python -m eval baseline OUT… --bench FILE`.

Everything is read from the JSON that `run` and `bench` wrote. A cell has the reporting half and
below it all questions, each with its interval. Not here: the report with its plots and worst
questions (`report`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.reports.report import figure, interval
from eval.reports.results import Result, read_results

TABLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Retrieval, documents",
        "retrieval",
        ("nDCG@10", "P@1", "R@5", "R@10", "R@100", "RR", "AP", "language bias"),
    ),
    ("Retrieval, passages", "passages", ("nDCG@10", "P@1", "R@5", "R@10", "R@100", "RR", "AP")),
    (
        "Sentences",
        "sentences",
        ("P@1 in the document", "RR in the document", "P@1 in the pool", "RR in the pool"),
    ),
    (
        "Answers",
        "answers",
        (
            "right document", "all right", "gold groups", "gold span quoted", "containment",
            "answer characters", "citation precision", "citation recall", "quotation fidelity",
            "provenance",
        ),
    ),
    (
        "Abstention",
        "answers",
        (
            "false-answer rate", "error rate", "balanced accuracy", "AUROC", "AURC", "C@95", "ECE",
            "Brier",
        ),
    ),
    (
        "Quotation checking",
        "verify",
        ("as expected", "precision", "recall", "document", "shelf-mark", "date"),
    ),
)  # fmt: skip
"""Heading, task, and the measures with a column each, left out where no suite has them."""

_HEAD = """# Baseline

Written by `python -m eval baseline`; not edited by hand. The suites are those that
`python -m eval make` writes over the development sets. Each cell has the reporting half and below
it all questions, with 95 % intervals (10,000 draws of whole documents or articles); n is the number
of questions behind the figure that has most of them. "Runs" says how many of a suite's questions
were asked; where not all were, they were drawn by hash. "Beside" are figures from elsewhere.
Measures and rules are in [evaluation.md](evaluation.md)."""


def as_markdown(folders: Sequence[Path], bench: str | None = None) -> str:
    """All tables of the runs in the folders, followed by the Markdown of a bench, if given.

    Raises UsageError where a folder has no finished run.
    """
    results = [result for folder in folders for result in read_results(folder)]
    out = [_HEAD, "", "## Runs", "", *_runs(results)]
    for heading, task, measures in TABLES:
        lines = list(_table(results, task, measures))
        if lines:
            out += ["", f"## {heading}", "", *lines]
    if bench:
        out += ["", "## Bench", "", bench]
    return "\n".join(out)


def _runs(results: Sequence[Result]) -> Iterator[str]:
    yield "| suite | documents | passages | questions | asked | loading, s | tasks, s | failed |"
    yield "|---|---:|---:|---:|---|---:|---:|---:|"
    for result in results:
        config = result["config"]
        corpus, seconds = config["corpus"], config["seconds"]
        asked = ", ".join(f"{task} {n}" for task, n in config["asked"].items())
        yield (
            f"| {result['suite']} | {corpus['documents']} | {corpus['passages']} "
            f"| {config['questions']} | {asked} "
            f"| {seconds['loading']:.0f} ({corpus['encoded']} encoded) | {seconds['tasks']:.0f} "
            f"| {len(result['failed'])} |"
        )


def _table(results: Sequence[Result], task: str, measures: Sequence[str]) -> Iterator[str]:
    """One table: a row for each suite and group, a column for each measure that occurs."""
    rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for result in results:
        for line in result["figures"]:
            if line["task"] == task and line["measure"] in measures:
                rows.setdefault((result["suite"], line["group"]), {})[line["measure"]] = line
    shown = [m for m in measures if any(m in row for row in rows.values())]
    if not shown:
        return
    beside = any(line["anchors"] for row in rows.values() for line in row.values())
    more = [*shown, "beside"] if beside else shown
    yield f"| suite | group | n | {' | '.join(more)} |"
    yield f"|---|---|---:|{'---|' * len(more)}"
    for (suite, group), row in rows.items():
        n = max(line["n"] for line in row.values())
        cells = [_cell(row[m]) if m in row else "–" for m in shown]
        if beside:
            cells.append(
                "<br>".join(_beside(row[m]) for m in shown if m in row and _beside(row[m]))
            )
        yield f"| {suite} | {group} | {n} | {' | '.join(cells)} |"


def _cell(line: Mapping[str, Any]) -> str:
    return "<br>".join(
        f"{figure(line, half)} <small>{interval(line, half)}</small>"
        for half in ("reporting", "all")
    )


def _beside(line: Mapping[str, Any]) -> str:
    """The figures of other systems for a measure, each with its value and source."""
    shown = "; ".join(f"{a['value']:g} {a['what']}" for a in line["anchors"])
    return f"<small>{line['measure']}: {shown}</small>" if shown else ""
