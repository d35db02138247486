"""Fits when a passage supports a statement, in `rag/models/calibrations.json`.

`python -m eval fit-grounding DATA [--work DIR]`. Statements are the sentences of ClapNQ's human
answers, each of which rests on one passage. They are compared with that passage, which supports
them, and with the most similar other passages, which do not. The development half of the questions
(split by passage) is fitted on, the other half is reported. The threshold is the lowest that
accepts at most 2 % of the wrong pairs of the development half. Each clause must be covered too, by
a share that accepts 95 % of the right statements; it is reported beside statements to which a
clause of another answer was added.

Not here: the checks of numbers, dates, names and negation, which are applied as well.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from eval.sets.jsonl import read_lines
from eval.sets.suite import is_development
from eval.training.calibrations import fittable, put_grounding
from eval.training.data_hashes import data_sha256
from index_store.types import Hit
from rag import Archive
from rag.answers.grounding import Checker, clauses
from rag.models.calibration import FILE
from rag.settings import load
from rag.text.sentences import sentences

MAX_WRONG_ACCEPTED = 0.02
"""Share of wrong pairs that the threshold may accept."""

MIN_RIGHT_KEPT = 0.95
"""Share of right statements that the threshold of clauses must accept."""

OTHERS = 3
"""Other passages, and clauses of other answers, for each statement."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A statement and a passage; `spliced`: a clause of another answer was added.

    `least` is the smallest share covered of any clause.
    """

    development: bool
    right: bool
    spliced: bool
    cover: float
    cosine: float
    least: float


def fit(data: Path, work: Path, target: Path = FILE) -> dict[str, Any]:
    """Fits the model, writes it into `target` and returns it; `measured` are shares accepted.

    `data` has the folder `clapnq`; the store is made in `work`.
    """
    source = data / "clapnq"
    work.mkdir(parents=True, exist_ok=True)
    with Archive(load({"store": work / "store"})) as archive:
        archive.ingest([source / "passages.jsonl"])
        models = fittable(archive.models)
        rows = _rows(archive, Checker(archive.store, models), source / "questions.jsonl")
    result: dict[str, Any] = {}
    measured: dict[str, dict[str, float]] = {}
    clause, measured["clause"] = _fit_clause(rows)
    for mode, columns in (("dense", [0, 1]), ("lexical", [0])):
        fitted, shares = _fit_mode([row for row in rows if not row.spliced], columns)
        result[mode], measured[mode] = fitted, shares
    fitting = {
        "by": "python -m eval fit-grounding",
        "measured": measured,
        "data_sha256": data_sha256(source, ("passages.jsonl", "questions.jsonl")),
    }
    words = {"grounding": result["lexical"], "min_clause_coverage": clause}
    put_grounding(models.encoder.identity.name, result["dense"], words, fitting, target)
    return {**result, "min_clause_coverage": clause, **fitting}


def _rows(archive: Archive, checker: Checker, questions: Path) -> list[_Pair]:
    asked = read_lines(questions)
    statements = [
        (question["gold_passages"], question["answers"][0][start:end])
        for question in asked
        if question["answerable"] and question["answers"]
        for start, end in sentences(question["answers"][0])
    ]
    chance = random.Random(1)
    rows = []
    for gold, statement in statements:
        development = is_development(gold[0])
        own = archive.store.hits([(p.passage_id, 1.0, {}) for p in archive.store.passages(gold[0])])
        others = [
            hit
            for hit in archive.search(statement, 20).hits
            if hit.document.document_id not in gold
        ][:OTHERS]
        rows.append(_best(checker, statement, own, development, True))
        rows += [_best(checker, statement, [hit], development, False) for hit in others]
        other_answers = [other for passages, other in statements if passages[0] != gold[0]]
        for other in chance.sample(other_answers, OTHERS):
            for clause in clauses(other)[-1:]:
                spliced = f"{statement.rstrip('. ')}, and {clause.strip()}"
                rows.append(_best(checker, spliced, own, development, False, spliced=True))
    return rows


def _best(
    checker: Checker,
    statement: str,
    hits: Sequence[Hit],
    development: bool,
    right: bool,
    spliced: bool = False,
) -> _Pair:
    """The statement and the hit that supports it best."""
    compared = [checker.compare(statement, hit) for hit in hits]
    cover, cosine, least = max(compared, key=lambda found: found[0] + (found[1] or 0.0))
    return _Pair(development, right, spliced, cover, cosine or 0.0, least)


def _fit_clause(rows: Sequence[_Pair]) -> tuple[float, dict[str, float]]:
    """The share of each clause that must be covered, and the shares of pairs accepted."""
    whole = sorted(row.least for row in rows if row.development and row.right)
    enough = round(whole[int((1 - MIN_RIGHT_KEPT) * len(whole))], 4)
    shares = {}
    for name, development in (("development", True), ("reporting", False)):
        half = [row for row in rows if row.development is development]
        for kind, of in (
            ("supported", [row for row in half if row.right]),
            ("spliced", [row for row in half if row.spliced]),
        ):
            shares[f"{name}_{kind}"] = round(sum(r.least >= enough for r in of) / len(of), 4)
            shares[f"{name}_{kind}_statements"] = len(of)
    return enough, shares


def _fit_mode(
    rows: Sequence[_Pair], columns: list[int]
) -> tuple[dict[str, float], dict[str, float]]:
    development = np.array([row.development for row in rows])
    right = np.array([row.right for row in rows])
    features = np.array([(row.cover, row.cosine) for row in rows])[:, columns]
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
    model.fit(features[development], right[development])
    scores = model.predict_proba(features)[:, 1]
    wrong = np.sort(scores[development & ~right])
    enough = float(wrong[int(np.ceil((1 - MAX_WRONG_ACCEPTED) * len(wrong))) - 1]) + 1e-4
    fitted = {
        "intercept": round(float(model.intercept_[0]), 4),
        "cover": round(float(model.coef_[0][0]), 4),
        "cosine": round(float(model.coef_[0][1]), 4) if len(columns) > 1 else 0.0,
        "threshold": round(enough, 4),
    }
    shares = {}
    for name, half in (("development", development), ("reporting", ~development)):
        shares[f"{name}_supported"] = round(float((scores[half & right] >= enough).mean()), 4)
        shares[f"{name}_wrong"] = round(float((scores[half & ~right] >= enough).mean()), 4)
        shares[f"{name}_pairs"] = int(half.sum())
    return fitted, shares
