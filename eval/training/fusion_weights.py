"""Fit the weights of the lists to an encoder: the setting `weights`, on suites of one's own.

Every judged question is searched once; weights are then tried on the lists that came back. From the
current weights, each weight in turn is moved by steps as long as the mean over suites and groups
(mostly pairs of languages) of nDCG@10 rises on `Suite.fitting`, which leaves out what the encoder
was trained on; the reporting half measures the result. Each list alone is measured too: where the
encoder's list finds almost nothing, the encoder does not read that language (`encoder_languages`).

Not here: the weights of sentences (`evidence`).
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.measures import retrieval
from eval.run import load_corpus
from eval.sets.suite import EvalQuestion, Suite
from index_store.types import document_of
from rag import Archive
from rag.models.bundle import Models
from rag.questions.query import understand
from rag.retrieval.candidates import gather
from rag.retrieval.fusion import Candidates
from rag.settings import LISTS, load, weights_text

MEASURE = "nDCG@10"
STEP = 0.05
LEAST_GAIN = 0.0005
"""Less is left to chance: the fitting ends."""

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and what the indexes say to it."""

    suite: str
    question: EvalQuestion
    gathered: Candidates

    def ranking(self, weights: Weights) -> list[str]:
        """Documents by their first passage."""
        ordered = self.gathered.ranked(weights)
        return list(dict.fromkeys(document_of(p) for p, _ in ordered))[: retrieval.DEPTH]


def fit(suites: Sequence[Suite], models: Models, cache: Path | None) -> dict[str, Any]:
    """The best shares, and the figures of these, of those in force and of each list alone."""
    judged = [one for suite in suites for one in _gathered(suite, models, cache)]
    held = {(suite.name, q.id) for suite in suites for q in suite.fitting()}
    development = [one for one in judged if (one.suite, one.question.id) in held]
    reporting = [one for one in judged if one.question.half == "reporting"]
    before = models.fusion_weights
    best = _climb(before, development or judged)
    found: dict[str, Any] = {"weights": weights_text(best), "in_force": weights_text(before)}
    for half, own in (("development", development), ("reporting", reporting)):
        found[half] = {"fitted": figures(own, best), "in_force": figures(own, before)}
    found["alone"] = {name: figures(judged, _alone(name)) for name in LISTS}
    return found


def _gathered(suite: Suite, models: Models, cache: Path | None) -> Iterator[Judged]:
    with (
        tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
        Archive(load({"store": Path(folder) / "store"}), models=models) as archive,
    ):
        load_corpus(archive, suite, cache)
        for question in suite.asked("retrieval"):
            query = understand(question.text, question.filters, archive.store)
            likely = query.filter if query.filter != query.user_filter else None
            query = query.relaxed()
            read = models.reads(query.lang)
            vector = models.encoder.encode_queries([query.search_text])[0] if read else None
            gathered = gather(query, archive.store, models, vector, likely)
            yield Judged(suite.name, question, gathered)


def _climb(start: Weights, judged: Sequence[Judged]) -> Weights:
    """Each share moved up and down in turn, until no move helps. Deterministic."""
    best, value = dict(start), _mean(judged, start)
    moved = True
    while moved:
        moved = False
        for name in LISTS:
            for step in (STEP, -STEP):
                while 0 <= (share := round(best[name] + step, 4)) <= 1:
                    tried = {**best, name: share}
                    if not tried["lexical"] + tried["document"]:
                        break
                    reached = _mean(judged, tried)
                    if reached < value + LEAST_GAIN:
                        break
                    best, value, moved = tried, reached, True
    return best


def _mean(judged: Sequence[Judged], weights: Weights) -> float:
    found = figures(judged, weights)
    return sum(found.values()) / len(found) if found else 0.0


def figures(judged: Sequence[Judged], weights: Weights) -> dict[str, float]:
    """The mean measure of each suite and group."""
    by_group: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_group[f"{one.suite} {one.question.group}"].append(one)
    return {group: _group(own, weights) for group, own in sorted(by_group.items())}


def _group(judged: Sequence[Judged], weights: Weights) -> float:
    grades = {one.question.id: one.question.grades for one in judged}
    found = retrieval.scores(grades, {one.question.id: one.ranking(weights) for one in judged})
    return round(sum(scores[MEASURE] for scores in found.values()) / len(found), 4)


def _alone(name: str) -> Weights:
    return {**dict.fromkeys((*LISTS, "phrase"), 0.0), name: 1.0}
