"""Fit `rag/support.json`: when does a passage bear a statement out?
`python -m eval.fit_support DATA [--work DIR]`

Statements are the sentences of ClapNQ's human answers, which rest on one passage. Beside their
own passage (borne out) they are tried on the most similar other passages (not borne out). Half
of the questions, split by passage, is fitted on; the level is the lowest that lets through at
most 2 % of the wrong pairs of that half; the other half is reported. Each clause must be covered
too, by the share that keeps 95 % of the statements whole; it is reported beside statements to which
a clause of another answer was sewn. Not here: the hard checks of numbers, dates, names and
negation, which come on top.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from eval.sets.suite import is_development
from eval.training.calibrations import fittable, put
from index_store.types import Hit
from rag import Archive
from rag.answers.grounding import Checker, clauses
from rag.models.calibration import FILE
from rag.settings import load
from rag.text.sentences import sentences

WRONG_LET_THROUGH = 0.02
WHOLE_KEPT = 0.95
OTHERS = 3


@dataclass(frozen=True, slots=True)
class _Pair:
    """A statement beside a passage; `sewn` has a clause of another answer at its end."""

    development: bool
    right: bool
    sewn: bool
    cover: float
    cosine: float
    least: float


def fit(data: Path, work: Path, target: Path = FILE) -> dict[str, Any]:
    """Fit, write `target`, and return it; its `measured` are shares let through."""
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
        fitted, shares = _fit_mode([row for row in rows if not row.sewn], columns)
        result[mode], measured[mode] = fitted, shares
    fitting = {
        "by": "python -m eval fit-grounding",
        "measured": measured,
        "data_sha256": {
            name: hashlib.sha256((source / name).read_bytes()).hexdigest()
            for name in ("passages.jsonl", "questions.jsonl")
        },
    }
    words = {"grounding": result["lexical"], "min_clause_coverage": clause}
    put("grounding", models.encoder.identity.name, result["dense"], words, fitting, target)
    return {**result, "min_clause_coverage": clause, **fitting}


def _rows(archive: Archive, checker: Checker, questions: Path) -> list[_Pair]:
    asked = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    told = [
        (question["gold_passages"], question["answers"][0][start:end])
        for question in asked
        if question["answerable"] and question["answers"]
        for start, end in sentences(question["answers"][0])
    ]
    chance = random.Random(1)
    rows = []
    for gold, statement in told:
        development = is_development(gold[0])
        own = archive.store.hits([(p.passage_id, 1.0, {}) for p in archive.store.passages(gold[0])])
        others = [
            hit
            for hit in archive.search(statement, 20).hits
            if hit.document.document_id not in gold
        ][:OTHERS]
        rows.append(_best(checker, statement, own, development, True))
        rows += [_best(checker, statement, [hit], development, False) for hit in others]
        strange = [other for passages, other in told if passages[0] != gold[0]]
        for other in chance.sample(strange, OTHERS):
            for clause in clauses(other)[-1:]:
                sewn = f"{statement.rstrip('. ')}, and {clause.strip()}"
                rows.append(_best(checker, sewn, own, development, False, sewn=True))
    return rows


def _best(
    checker: Checker,
    statement: str,
    hits: Sequence[Hit],
    development: bool,
    right: bool,
    sewn: bool = False,
) -> _Pair:
    """The pair with the hit that bears the statement out best."""
    compared = [checker.compare(statement, hit) for hit in hits]
    cover, cosine, least = max(compared, key=lambda found: found[0] + (found[1] or 0.0))
    return _Pair(development, right, sewn, cover, cosine or 0.0, least)


def _fit_clause(rows: Sequence[_Pair]) -> tuple[float, dict[str, float]]:
    """The share to be covered of each clause, and the shares let through."""
    whole = sorted(row.least for row in rows if row.development and row.right)
    enough = round(whole[int((1 - WHOLE_KEPT) * len(whole))], 4)
    shares = {}
    for name, development in (("development", True), ("reporting", False)):
        half = [row for row in rows if row.development is development]
        for kind, of in (
            ("borne_out", [row for row in half if row.right]),
            ("sewn", [row for row in half if row.sewn]),
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
    enough = float(wrong[int(np.ceil((1 - WRONG_LET_THROUGH) * len(wrong))) - 1]) + 1e-4
    fitted = {
        "intercept": round(float(model.intercept_[0]), 4),
        "cover": round(float(model.coef_[0][0]), 4),
        "cosine": round(float(model.coef_[0][1]), 4) if len(columns) > 1 else 0.0,
        "threshold": round(enough, 4),
    }
    shares = {}
    for name, half in (("development", development), ("reporting", ~development)):
        shares[f"{name}_borne_out"] = round(float((scores[half & right] >= enough).mean()), 4)
        shares[f"{name}_wrong"] = round(float((scores[half & ~right] >= enough).mean()), 4)
        shares[f"{name}_pairs"] = int(half.sum())
    return fitted, shares


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development sets")
    parser.add_argument("--work", type=Path, default=Path("out/fit-support"))
    given = parser.parse_args()
    print(json.dumps(fit(given.data, given.work), indent=2))
