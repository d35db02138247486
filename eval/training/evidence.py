"""Fit the weights of `rag/answers/evidence.py` on suites: `python -m eval fit SUITE…`.

There are two logistic regressions for each mode, with the reader and with words alone. One
separates the sentence that has the gold answer from the other sentences of the hits. The other
separates questions that the archive answers from those that it does not. Each suite has the same
total weight.

Only questions that `Suite.fitting` gives are used: those of the development halves that no model
was trained on. The fit starts from the weights in force, which choose the hits.

Not here: measuring; `eval run` does that.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from eval.run import load_corpus
from eval.sets.spans import Source, gold_spans, sources
from eval.sets.suite import EvalQuestion, Suite
from eval.training.calibrations import put_evidence
from rag import Archive
from rag.answers import evidence as ev
from rag.answers.inquiry import Inquiry
from rag.models.bundle import Models
from rag.models.calibration import FILE
from rag.questions.query import understand
from rag.settings import load

SAMPLE = 110
"""Answered questions drawn from each suite, and as many unanswered ones."""

THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Probabilities from which an answer may be given."""

CLEAR = tuple(round(0.3 + 0.02 * n, 2) for n in range(33))
"""Probabilities from which an answer may be a clear one."""

FALSE_CLEAR = 0.15
"""Share of the unanswered questions that may get a clear answer, in the mean of the sets."""

ALIKE = 0.055
"""What balanced accuracy may lose for answers to more questions: a doubtful answer claims nothing,
and a reader sees what it quotes, but not what an abstention keeps back."""

_LEXICAL = ("sentence_cover", "context_cover", "unseen", "names_missing")
RANKING = {
    "reader": ("share", "answers", "sentence_cover", "names_here", "answer_type"),
    "words": (*_LEXICAL, "names_here", "answer_type", "rare"),
}
"""The features by which each mode ranks sentences."""

CONFIDENCE = {"reader": ("answers", "unseen", "names_missing"), "words": _LEXICAL}
"""Those by which it estimates whether the best one answers."""

Gathered = tuple[str, EvalQuestion, Sequence[ev.Evidence], Sequence[bool]]
"""Suite, question, the sentences found, and which of them have the gold."""


def fit(
    suites: Sequence[Suite], models: Models, cache: Path | None, target: Path = FILE
) -> dict[str, Any]:
    """Fits both modes, writes the weights into `target`, and returns them with their accuracy."""
    rows: dict[str, list[Gathered]] = {"reader": [], "words": []}
    for suite in suites:
        with (
            tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
            Archive(load({"store": Path(folder) / "store"}), models=models) as archive,
        ):
            load_corpus(archive, suite, cache)
            texts = sources(suite.corpus)
            for mode, own in (("reader", models), ("words", replace(models, reader=None))):
                for question in _drawn(suite):
                    found = _gathered(suite.name, question, Inquiry(archive.store, own), texts)
                    if found[2]:
                        rows[mode].append(found)
    fitted = {mode: _fit_mode(mode, rows[mode]) for mode in rows}
    weights = {mode: own for mode, (own, _) in fitted.items()}
    fitting = {
        "by": "python -m eval fit",
        "suites": [suite.name for suite in suites],
        "training_accuracy": {mode: accuracy for mode, (_, accuracy) in fitted.items()},
    }
    put_evidence(weights["reader"], weights["words"], fitting, target)
    return {**weights, **fitting}


def _drawn(suite: Suite) -> list[EvalQuestion]:
    draw, found = random.Random(20), []
    for answerable in (True, False):
        own = [q for q in suite.fitting() if q.answerable == answerable]
        found += draw.sample(own, min(SAMPLE, len(own)))
    return found


def _gathered(
    suite: str, question: EvalQuestion, inquiry: Inquiry, texts: dict[str, Source]
) -> Gathered:
    query = understand(question.text, question.filters, inquiry.store).relaxed()
    sentences = inquiry.findings(query).sentences
    gold = gold_spans(question, texts)
    labels = [
        any(
            span.document == e.hit.document.document_id
            and min(span.end, e.end) - max(span.start, e.start)
            > min(span.end - span.start, e.end - e.start) / 2
            for span in gold
        )
        for e in sentences
    ]
    return suite, question, sentences, labels


def _fit_mode(
    mode: str, rows: Sequence[Gathered]
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Rank weights from sentences, then confidence weights from the sentences so ranked.

    Also the share of each suite's questions that the confidence calls right.
    """
    x: list[list[float]] = []
    y: list[bool] = []
    owners: list[str] = []
    for name, question, sentences, labels in rows:
        if any(labels) and question.answerable:
            best = max(e.hit.score for e in sentences) or 1.0
            x += [[*_values(e, RANKING[mode]), e.hit.score / best] for e in sentences]
            y += labels
            owners += [name] * len(labels)
    rank = LogisticRegression(C=1.0, max_iter=1000).fit(
        np.array(x), np.array(y), sample_weight=_even(owners)
    )
    rank_weights = [round(float(w), 4) for w in rank.coef_[0]]

    def score(e: ev.Evidence, best: float) -> float:
        values = [*_values(e, RANKING[mode]), e.hit.score / best]
        return float(np.dot(rank_weights, values))

    tops, answered, names = [], [], []
    for name, question, sentences, _ in rows:
        best = max(e.hit.score for e in sentences) or 1.0
        tops.append(max(sentences, key=lambda e: score(e, best)))
        answered.append(question.answerable)
        names.append(name)
    features = np.array([_values(e, CONFIDENCE[mode]) for e in tops])
    answerable, of_set = np.array(answered), np.array(names)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(
        features, answerable, sample_weight=_even(names)
    )
    likely = model.predict_proba(features)[:, 1]
    threshold = _threshold(likely, answerable, of_set)
    named = np.array([e.features["names_missing"] < ev.NAMELESS for e in tops])
    clear = _clear(np.where(named, likely, 0.0), answerable, of_set, threshold)
    right = (likely >= threshold) == answerable
    confidence_weights = np.round(model.coef_[0], 4).tolist()
    fitted = {
        "rank": dict(zip(RANKING[mode], rank_weights[:-1], strict=True)),
        "passage": rank_weights[-1],
        "confidence": dict(zip(CONFIDENCE[mode], confidence_weights, strict=True)),
        "intercept": round(float(model.intercept_[0]), 4),
        "threshold": threshold,
        "clear": clear,
    }
    accuracy = {
        name: {
            "questions": int((of_set == name).sum()),
            "right": round(float(right[of_set == name].mean()), 4),
        }
        for name in sorted(set(names))
    }
    return fitted, accuracy


def _values(e: ev.Evidence, names: Sequence[str]) -> list[float]:
    return [e.features[name] for name in names]


def _threshold(
    likely: NDArray[np.float64], answerable: NDArray[np.bool_], of_set: NDArray[np.str_]
) -> float:
    """The probability from which to answer: the lowest at which the mean of the sets' balanced
    accuracies is best, up to `ALIKE`."""
    both = [name for name in np.unique(of_set) if len(set(answerable[of_set == name])) == 2]

    def balanced(threshold: float) -> float:
        answered = likely >= threshold
        shares = [
            (answered[own & answerable].mean() + (~answered[own & ~answerable]).mean()) / 2
            for own in (of_set == name for name in both)
        ]
        return round(float(np.mean(shares)), 6)

    best = max(map(balanced, THRESHOLDS))
    return min(threshold for threshold in THRESHOLDS if balanced(threshold) >= best - ALIKE)


def _clear(
    likely: NDArray[np.float64],
    answerable: NDArray[np.bool_],
    of_set: NDArray[np.str_],
    threshold: float,
) -> float:
    """The lowest probability from which on few unanswered questions get a clear answer."""
    silent = [own for own in (~answerable & (of_set == n) for n in np.unique(of_set)) if own.any()]

    def false(least: float) -> float:
        return float(np.mean([(likely[own] >= least).mean() for own in silent]))

    tried = [least for least in CLEAR if least >= threshold]
    return next((least for least in tried if false(least) <= FALSE_CLEAR), tried[-1])


def _even(owners: Sequence[str]) -> NDArray[np.float64]:
    """A weight for each row, the same for every set together, 1 on average."""
    counts = Counter(owners)
    return np.array([len(owners) / len(counts) / counts[name] for name in owners])
