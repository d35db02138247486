"""Fit how much a language model's yes or no counts: `python -m eval fit-pointing MODEL SUITE…`.

For each question the model is shown the sentences that Fonds would show it. A logistic regression
over two log-odds, of the confidence without a model and of the model's yes, says whether the
archive answers. Questions are those of the development halves that no model of Fonds was trained
on. A model without probabilities counts by how often its yes and no are right.

Not here: measuring; `eval run --llm` does that.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.run import load_corpus
from eval.sets.suite import EvalQuestion, Suite
from eval.training.calibrations import put_pointing
from rag import Archive
from rag.answers import pointing
from rag.answers.inquiry import Inquiry
from rag.llm.points import Form, PointReader
from rag.models.bundle import LanguageModel, Models
from rag.models.calibration import FILE
from rag.questions.query import understand
from rag.settings import load

SEED = 7


def fit(
    suites: Sequence[Suite],
    models: Models,
    llm: LanguageModel,
    limit: int,
    rows: Path,
    cache: Path | None,
    target: Path = FILE,
) -> dict[str, Any]:
    """Fits on `limit` answered and as many unanswered questions of each suite; writes the weights
    into `target` and returns them with the areas under the curve.

    What the model said of each question is kept in the file `rows`, so that a run that was stopped
    goes on. Raises ModelError.
    """
    known = {row["key"]: row for row in _read(rows)}
    found: list[dict[str, Any]] = []
    for suite in suites:
        with (
            tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
            Archive(load({"store": Path(folder) / "store"}), models=models) as archive,
        ):
            load_corpus(archive, suite, cache)
            for question in _drawn(suite, limit):
                key = f"{llm.name}/{suite.name}/{question.id}"
                if key not in known:
                    said = _said(question, Inquiry(archive.store, models), llm)
                    known[key] = {"key": key, "answerable": question.answerable, **said}
                    with rows.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(known[key]) + "\n")
                found.append(known[key])
    labels = np.array([row["answerable"] for row in found])
    told = np.array([[row["found"], _probability(row)] for row in found])
    odds = np.log(np.clip(told, 0.001, 0.999) / (1 - np.clip(told, 0.001, 0.999)))
    model = LogisticRegression(C=1.0).fit(odds, labels)
    said_yes = np.array([row["answered"] for row in found])
    weights = {
        "intercept": round(float(model.intercept_[0]), 4),
        "found": round(float(model.coef_[0][0]), 4),
        "said": round(float(model.coef_[0][1]), 4),
        "yes": round(float(labels[said_yes].mean()) if said_yes.any() else 0.5, 4),
        "no": round(float(labels[~said_yes].mean()) if (~said_yes).any() else 0.5, 4),
    }
    areas = {
        "questions": len(found),
        "found": round(float(roc_auc_score(labels, told[:, 0])), 4),
        "said": round(float(roc_auc_score(labels, told[:, 1])), 4),
        "together": round(float(roc_auc_score(labels, model.decision_function(odds))), 4),
    }
    fitted = {
        "by": "python -m eval fit-pointing",
        "model": llm.name,
        "suites": [suite.name for suite in suites],
        "auroc": areas,
    }
    put_pointing(weights, fitted, target)
    return {**weights, **fitted}


def _probability(row: dict[str, Any]) -> float:
    if row["probability"] is not None:
        return float(row["probability"])
    return 0.9 if row["answered"] else 0.1


def _read(rows: Path) -> Iterator[dict[str, Any]]:
    if rows.exists():
        for line in rows.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _drawn(suite: Suite, limit: int) -> list[EvalQuestion]:
    draw, found = random.Random(SEED), []
    for answerable in (True, False):
        own = [q for q in suite.fitting() if q.answerable == answerable]
        found += draw.sample(own, min(limit, len(own)))
    return found


def _said(question: EvalQuestion, inquiry: Inquiry, llm: LanguageModel) -> dict[str, Any]:
    """The confidence without the model, its decision and its probability of yes."""
    query = understand(question.text, question.filters, inquiry.store)
    findings = inquiry.findings(query)
    offered = pointing.offered_of(findings.sentences, llm.reads)
    form = Form(len(offered), stating=llm.mode == "statements")
    reader = PointReader(len(offered))
    if not offered:
        return {"found": 0.0, "answered": False, "probability": 0.0, "text": ""}
    for piece in llm.write(form.system, pointing.user(question.text, offered), form):
        reader.feed(piece, piece.chances)
    decided = {"answered": bool(reader.answered), "probability": reader.probability}
    return {"found": findings.confidence, **decided, "text": reader.text}
