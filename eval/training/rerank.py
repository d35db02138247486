"""Fit how much the reader counts beside a hit's score: `python -m eval fit-rerank SUITE…`.

Each question is searched once and its best hits are read once; several weights are then tried. The
one with the best mean over suites and groups of nDCG@10 of documents, on the questions that
`Suite.fitting` gives, is written into `rag/models/calibrations.json`. The reporting half measures
all of them.

Not here: the weights of the lists (`fusion_weights`).
"""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.measures import retrieval
from eval.run import load_corpus
from eval.sets.suite import EvalQuestion, Suite
from eval.training.calibrations import put_rerank
from rag import Archive
from rag.models.bundle import Models
from rag.models.calibration import FILE
from rag.questions.query import understand
from rag.retrieval.search import MAX_READ, Searches, to_read
from rag.settings import load

WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 3.0)
MEASURES = ("nDCG@10", "P@1")


@dataclass(frozen=True, slots=True)
class _Read:
    """A question, and of each of its hits the document, the score and the reader's log-odds."""

    group: str
    question: EvalQuestion
    hits: tuple[tuple[str, float, float], ...]

    def ranking(self, weight: float) -> list[str]:
        """The documents by their best hit; ties keep the order of the search."""
        ordered = sorted(self.hits, key=lambda hit: -(hit[1] + weight * hit[2]))
        return list(dict.fromkeys(document for document, _, _ in ordered))


def fit(
    suites: Sequence[Suite],
    models: Models,
    cache: Path | None,
    limit: int,
    target: Path = FILE,
) -> dict[str, Any]:
    """Writes the best weight; returns it with the figures of all."""
    found: dict[str, list[_Read]] = {"fitting": [], "reporting": []}
    for suite in suites:
        fitting = {q.id for q in suite.fitting()}
        for read in _read(suite, models, cache, limit):
            half = "fitting" if read.question.id in fitting else "reporting"
            found[half].append(read)
    figures = {
        half: {str(weight): _figures(own, weight) for weight in WEIGHTS}
        for half, own in found.items()
    }
    best = max(WEIGHTS, key=lambda weight: figures["fitting"][str(weight)]["mean nDCG@10"])
    put_rerank(best, target)
    return {"rerank": best, **figures}


def _read(suite: Suite, models: Models, cache: Path | None, limit: int) -> Iterator[_Read]:
    """Questions to fit on and of the reporting half, `limit` of each."""
    silent = replace(models, rerank=False)
    with (
        tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
        Archive(load({"store": Path(folder) / "store"}), models=models) as archive,
    ):
        load_corpus(archive, suite, cache)
        fitting = {q.id for q in suite.fitting()}
        asked = [q for q in suite.questions if q.gold]
        drawn = [
            question
            for own in (
                [q for q in asked if q.id in fitting],
                [q for q in asked if q.half == "reporting"],
            )
            for question in random.Random(0).sample(own, min(limit, len(own)))
        ]
        for question in drawn:
            query = understand(question.text, question.filters, archive.store)
            likely = query.filter if query.filter != query.user_filter else None
            hits = Searches(archive.store, silent).find(query.relaxed(), MAX_READ, likely).hits
            readings = models.read(query.search_text, [to_read(hit) for hit in hits])
            found = tuple(
                (hit.document.document_id, hit.score, reading.answers)
                for hit, reading in zip(hits, readings, strict=True)
            )
            yield _Read(f"{suite.name} {question.group}", question, found)


def _figures(read: Sequence[_Read], weight: float) -> dict[str, float]:
    """Each group's measures, and their means over the groups."""
    by_group: dict[str, list[_Read]] = defaultdict(list)
    for one in read:
        by_group[one.group].append(one)
    figures: dict[str, float] = {}
    for group, own in sorted(by_group.items()):
        grades = {one.question.id: one.question.grades for one in own}
        scores = retrieval.scores(grades, {one.question.id: one.ranking(weight) for one in own})
        for measure in MEASURES:
            values = [of[measure] for of in scores.values()]
            figures[f"{group} {measure}"] = round(sum(values) / len(values), 4)
    for measure in MEASURES:
        values = [value for name, value in figures.items() if name.endswith(f" {measure}")]
        figures[f"mean {measure}"] = round(sum(values) / len(values), 4) if values else 0.0
    return figures
