"""Rows: the measures of one question in one task, and the statistics of a set of rows.

Each measure is a pair of value and weight, so that a mean over questions (weight 1) and a ratio of
sums (weight: its part of the denominator) are computed alike. A row that failed has the worst value
of every measure of its task.

Not here: measuring a question (`retrieval`, `answers`, `quotations`), resampling (`resample`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from eval.measures import estimates
from eval.measures.estimates import Statistic
from eval.measures.retrieval import WORST_BIAS
from eval.sets.suite import Half
from rag.errors import UsageError

Values = Mapping[str, tuple[float, float]]
"""Value and weight by the name of the measure."""

LOWER_IS_BETTER = frozenset(
    {
        "false-answer rate",
        "clear false-answer rate",
        "error rate",
        "ECE",
        "Brier",
        "AURC",
        "language bias",
    }
)
NEUTRAL = frozenset({"answer characters", "quotations"})
"""Measures that are neither good nor bad when high."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the measures of abstention need; `correct`: an answer was given and is right, `clear`:
    it was given without doubt."""

    answerable: bool
    answered: bool
    correct: bool
    confidence: float
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One question of one task; `details` are shown in the report."""

    task: str
    id: str
    group: str
    half: Half
    cluster: str
    text: str
    values: Values
    judged: Judged | None = None
    failed: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line of a `*.questions.jsonl` file."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read(path: Path) -> list[Row]:
    """The rows of a `*.questions.jsonl` file. Raises UsageError for a file of another kind."""
    rows = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        try:
            data = json.loads(line)
            values = {name: (float(v), float(w)) for name, (v, w) in data.pop("values").items()}
            judged = data.pop("judged")
            rows.append(Row(**data, values=values, judged=judged and Judged(**judged)))
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{path}: not written by `eval run` ({error})") from error
    return rows


def missing(row: Row) -> Row:
    """The row that a question gets in a run that does not have it: as bad as a failure."""
    values = {name: (worst(name), weight) for name, (_, weight) in row.values.items()}
    judged = row.judged and failure(row.judged.answerable)
    return replace(row, values=values, judged=judged, failed="missing from the run")


def worst(measure: str) -> float:
    """The value of a failed question: 0, or the greatest bias."""
    return WORST_BIAS if measure == "language bias" else 0.0


def failure(answerable: bool) -> Judged:
    """The judgement of a failed question: neither a right answer nor a right abstention."""
    return Judged(answerable, not answerable, False, 0.0 if answerable else 1.0, not answerable)


def measures(rows: Sequence[Row]) -> list[str]:
    """The names of the measures that occur, in order."""
    return list(dict.fromkeys(name for row in rows for name in row.values))


def count(rows: Sequence[Row], measure: str) -> int:
    """The number of questions with a part in the denominator of a statistic."""
    if measure in ("false-answer rate", "clear false-answer rate"):
        return sum(row.judged is not None and not row.judged.answerable for row in rows)
    if measure in ("error rate", "clear, of answerable"):
        return sum(row.judged is not None and row.judged.answerable for row in rows)
    if measure == "right among clear":
        return sum(row.judged is not None and row.judged.clear for row in rows)
    weights = [row.values.get(measure, (0.0, 0.0))[1] for row in rows]
    return sum(w > 0 for w in weights) if any(weights) else len(rows)


def statistics(rows: Sequence[Row]) -> dict[str, Statistic]:
    """The statistics of rows of one task: means of the measures, and those of abstention."""
    out: dict[str, Statistic] = {}
    for name in measures(rows):
        pairs = [row.values.get(name, (0.0, 0.0)) for row in rows]
        out[name] = estimates.mean([v for v, _ in pairs], [w for _, w in pairs])
    judged = [row.judged for row in rows if row.judged]
    if judged and len(judged) == len(rows):
        out |= abstention(judged)
    return out


def abstention(judged: Sequence[Judged]) -> dict[str, Statistic]:
    """The statistics of abstention: false answers, errors, and how good the confidence is."""
    answerable = [j.answerable for j in judged]
    answered = [j.answered for j in judged]
    confidence = [j.confidence for j in judged]
    correct = [j.correct for j in judged]
    silent = [not a for a in answerable]
    clear = [j.clear for j in judged]
    squares = [(j.confidence - j.answerable) ** 2 for j in judged]
    return {
        "false-answer rate": estimates.mean(answered, silent),
        "error rate": estimates.mean([not a for a in answered], answerable),
        "balanced accuracy": estimates.balanced_accuracy(answered, answerable),
        "clear false-answer rate": estimates.mean(clear, silent),
        "right among clear": estimates.mean(correct, clear),
        "clear, of answerable": estimates.mean(clear, answerable),
        "balanced accuracy of clear": estimates.balanced_accuracy(clear, answerable),
        "AUROC": estimates.auroc(confidence, answerable),
        "AURC": estimates.aurc(confidence, correct),
        "C@95": estimates.coverage_at(0.95, confidence, correct),
        "ECE": estimates.ece(confidence, answerable),
        "Brier": estimates.mean(squares, [1.0] * len(judged)),
    }


def parts(rows: Sequence[Row]) -> Iterator[tuple[str, str, list[Row]]]:
    """(task, group, rows) for each group, and for all of a task where it has several."""
    for task in dict.fromkeys(row.task for row in rows):
        own = [row for row in rows if row.task == task]
        groups = list(dict.fromkeys(row.group for row in own))
        if len(groups) > 1:
            yield task, "all", own
        for group in groups:
            name = group if len(groups) > 1 else "all"
            yield task, name, [row for row in own if row.group == group]
