"""Fit `rag/support.json`: when does a passage bear a statement out?
`python -m eval.fit_support DATA [--work DIR]`

Statements are the sentences of ClapNQ's human answers, which rest on one passage. Beside their
own passage (borne out) they are tried on the most similar other passages (not borne out). Half
of the questions, split by passage, is fitted on; the level is the lowest that lets through at
most 2 % of the wrong pairs of that half; the other half is reported. Not here: the hard checks of
numbers, dates, names and negation, which come on top.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from eval.suite import is_development
from rag import Archive
from rag.sentences import sentences
from rag.settings import load
from rag.support import LEVELS_FILE, Checker

WRONG_LET_THROUGH = 0.02
OTHERS = 3


def fit(data: Path, work: Path, target: Path = LEVELS_FILE) -> dict[str, Any]:
    """Fit, write `target`, and return it; its `measured` are shares let through."""
    source = data / "clapnq"
    work.mkdir(parents=True, exist_ok=True)
    with Archive(load({"store": work / "store"})) as archive:
        archive.ingest([source / "passages.jsonl"])
        rows = _rows(archive, source / "questions.jsonl")
    result: dict[str, Any] = {}
    measured: dict[str, dict[str, float]] = {}
    for mode, columns in (("dense", [0, 1]), ("lexical", [0])):
        fitted, shares = _fit_mode(rows, columns)
        result[mode], measured[mode] = fitted, shares
    result["measured"] = measured
    result["made_by"] = "python -m eval.fit_support"
    result["data_sha256"] = {
        name: hashlib.sha256((source / name).read_bytes()).hexdigest()
        for name in ("passages.jsonl", "questions.jsonl")
    }
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return result


def _rows(archive: Archive, questions: Path) -> list[tuple[bool, bool, float, float]]:
    """For each pair: whether of the development half, whether borne out, cover, cosine."""
    checker = Checker(archive.store, archive.encoder)
    rows = []
    for line in questions.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if not question["answerable"] or not question["answers"]:
            continue
        gold = question["gold_passages"][0]
        answer = question["answers"][0]
        for start, end in sentences(answer):
            statement = answer[start:end]
            others = [
                hit
                for hit in archive.search(statement, 20).hits
                if hit.document.document_id not in question["gold_passages"]
            ][:OTHERS]
            own = archive.store.hits(
                [(p.passage_id, 1.0, {}) for p in archive.store.passages(gold)]
            )
            pairs = [checker.compare(statement, hit) for hit in own]
            cover, cosine = max(pairs, key=lambda pair: pair[0] + (pair[1] or 0.0))
            development = is_development(gold)
            rows.append((development, True, cover, cosine or 0.0))
            for hit in others:
                cover, cosine = checker.compare(statement, hit)
                rows.append((development, False, cover, cosine or 0.0))
    return rows


def _fit_mode(
    rows: list[tuple[bool, bool, float, float]], columns: list[int]
) -> tuple[dict[str, float], dict[str, float]]:
    development = np.array([row[0] for row in rows])
    right = np.array([row[1] for row in rows])
    features = np.array([row[2:] for row in rows])[:, columns]
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
    model.fit(features[development], right[development])
    scores = model.predict_proba(features)[:, 1]
    wrong = np.sort(scores[development & ~right])
    enough = float(wrong[int(np.ceil((1 - WRONG_LET_THROUGH) * len(wrong))) - 1]) + 1e-4
    fitted = {
        "intercept": round(float(model.intercept_[0]), 4),
        "cover": round(float(model.coef_[0][0]), 4),
        "cosine": round(float(model.coef_[0][1]), 4) if len(columns) > 1 else 0.0,
        "enough": round(enough, 4),
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
