"""Fit the weights of `rag/answers/evidence.py` on development data: `python -m eval fit DATA`.

There are two logistic regressions for each mode (with and without the encoder). One separates the
sentence that has the gold answer from the other sentences of the hits. The other separates
questions that the archive answers from those that it does not. Each set has the same total weight.

SQuAD2's adversarial questions, and questions in another language than their archive's, are used
only in the first regression. In the second they would make answers rarer everywhere, because these
features hardly separate them. Only the development half of each set is used, with one exception:
XQuAD's questions on removed articles come from both halves, so no abstention rate is reported for
XQuAD. The fit starts from the current weights, which choose the sentences that are encoded. The
result is plain JSON with the SHA-256 of every input file.

DATA is a folder with `squad2_dev`, `xquad` and `archive_qa` with its three archives, in the
JSON Lines form that `fonds ingest` reads. Not here: measuring; `eval run` does that.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from eval.sets.suite import is_development, is_learned
from eval.training.calibrations import fittable, put
from eval.training.data_hashes import data_sha256
from rag import Archive
from rag.answers import evidence as ev
from rag.answers.inquiry import Inquiry
from rag.models.calibration import FILE
from rag.questions.query import understand
from rag.settings import load
from rag.types import Filters

SAMPLE = 100
"""Questions drawn from each kind of each large set."""

THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Probabilities from which an answer may be given."""

ALIKE = 0.03
"""Balanced accuracies no further apart are taken for equal: one and a half times the standard error
of their mean, for the sets have some 50 to 200 questions each."""

_LEXICAL = ("sentence_cover", "context_cover", "unseen", "names_missing")
_DENSE = ("cosine", "passage_cosine", "words", "nearest", "answer")
RANKING = {
    "dense": (*_LEXICAL, "names_here", "answer_type", *_DENSE),
    "lexical": (*_LEXICAL, "names_here", "answer_type", "rare"),
}
"""The features by which each mode ranks sentences."""

CONFIDENCE = {
    "dense": (*_LEXICAL[1:], "type_missing", "cosine", "passage_cosine", "words", "answer"),
    "lexical": _LEXICAL,
}
"""Those by which it estimates whether the best one answers; by cross-validation more features do
not help. Of the kinds of thing asked for, only a missing one is a sign."""

FEWEST = 20
"""Questions that a set must have in a mode to be fitted on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the strings that show a right sentence, and whether the archive answers."""

    text: str
    golds: tuple[str, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Documents to load and questions to ask of them; where `ranks_only` is set they do not tell
    what is answered from what is not."""

    name: str
    documents: tuple[dict[str, Any], ...]
    questions: tuple[Asked, ...]
    ranks_only: bool = False


def fit(data: Path, work: Path, target: Path = FILE) -> dict[str, Any]:
    """Fit, write the weights into `target`, and return them with their training accuracy.

    `work` keeps the stores, so that a second fit encodes nothing again.
    """
    models = None
    rows: dict[str, list[tuple[str, Asked, Sequence[ev.Evidence]]]] = {"dense": [], "lexical": []}
    ranks_only: set[str] = set()
    for task in _tasks(data):
        folder = work / task.name
        folder.mkdir(parents=True, exist_ok=True)
        corpus = folder / "corpus.jsonl"
        corpus.write_text(
            "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in task.documents),
            encoding="utf-8",
        )
        with Archive(load({"store": folder / "store"}), models=models) as archive:
            archive.ingest([corpus])
            models = models or fittable(archive.models)
            inquiry = Inquiry(archive.store, models)
            for question in task.questions:
                query = understand(question.text, Filters(), archive.store)
                found = inquiry.search(query)
                for mode, vector in (("dense", found.vector), ("lexical", None)):
                    evidence = ev.gather(
                        query.parsed, found.hits, vector, archive.store, models
                    ).sentences
                    if evidence:
                        rows[mode].append((task.name, question, evidence))
        if task.ranks_only:
            ranks_only.add(task.name)
    fitted = {mode: _fit_mode(mode, rows[mode], ranks_only) for mode in rows}
    sets = ("squad2_dev", "xquad", "archive_qa", "dfat", "frus", "tolstoy_letters_ru")
    fitting = {
        "by": "python -m eval fit",
        "training_accuracy": {mode: accuracy for mode, (_, accuracy) in fitted.items()},
        "data_sha256": data_sha256(
            data,
            sorted(
                f"{p.parent.name}/{p.name}" for p in data.glob("*/*.jsonl") if p.parent.name in sets
            ),
        ),
    }
    result = {mode: weights for mode, (weights, _) in fitted.items()}
    assert models is not None
    encoder = models.encoder.identity.name
    put("evidence", encoder, result["dense"], {"evidence": result["lexical"]}, fitting, target)
    return {**result, **fitting}


def _fit_mode(
    mode: str, rows: Sequence[tuple[str, Asked, Sequence[ev.Evidence]]], ranks_only: Set[str]
) -> tuple[dict[str, Any], dict[str, float]]:
    """Rank weights from sentences, then confidence weights from the sentences so ranked.

    Also the share of each set's questions that the confidence calls right; sets that this mode
    hardly meets are left out, for each set has the same weight.
    """
    sets = [name for name, _, _ in rows]
    rows = [row for row in rows if sets.count(row[0]) >= FEWEST]
    x, y, owners = [], [], []
    for name, question, evidence in rows:
        labels = [any(g in e.text or e.text in g for g in question.golds) for e in evidence]
        if any(labels) and question.answerable:
            best = max(e.hit.score for e in evidence) or 1.0
            x += [[*_values(e, RANKING[mode]), e.hit.score / best] for e in evidence]
            y += labels
            owners += [name] * len(labels)
    rank = LogisticRegression(C=1.0, max_iter=1000).fit(
        np.array(x), np.array(y), sample_weight=_even(owners)
    )
    rank_weights = [round(float(w), 4) for w in rank.coef_[0]]

    def score(e: ev.Evidence, best: float) -> float:
        values = [*_values(e, RANKING[mode]), e.hit.score / best]
        return float(np.dot(rank_weights, values))

    tops, labels, names = [], [], []
    for name, question, evidence in rows:
        if name in ranks_only:
            continue
        best = max(e.hit.score for e in evidence) or 1.0
        tops.append(max(evidence, key=lambda e: score(e, best)))
        labels.append(question.answerable)
        names.append(name)
    features = np.array([_values(e, CONFIDENCE[mode]) for e in tops])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(
        features, np.array(labels), sample_weight=_even(names)
    )
    answerable, of_set = np.array(labels), np.array(names)
    likely = model.predict_proba(features)[:, 1]
    threshold = _threshold(likely, answerable, of_set)
    right = (likely >= threshold) == answerable
    confidence_weights = np.round(model.coef_[0], 4).tolist()
    fitted = {
        "rank": dict(zip(RANKING[mode], rank_weights[:-1], strict=True)),
        "passage": rank_weights[-1],
        "confidence": dict(zip(CONFIDENCE[mode], confidence_weights, strict=True)),
        "intercept": round(float(model.intercept_[0]), 4),
        "threshold": threshold,
    }
    accuracy = {name: round(float(right[of_set == name].mean()), 4) for name in sorted(set(names))}
    return fitted, accuracy


def _values(e: ev.Evidence, names: Sequence[str]) -> list[float]:
    return [e.features[name] for name in names]


def _threshold(
    likely: NDArray[np.float64], answerable: NDArray[np.bool_], of_set: NDArray[np.str_]
) -> float:
    """The probability from which to answer: the lowest at which the mean of the sets' balanced
    accuracies is best, up to `ALIKE`. A reader sees what an answer quotes, but not what an
    abstention keeps back."""

    def balanced(threshold: float) -> float:
        answered = likely >= threshold
        shares = [
            (answered[own & answerable].mean() + (~answered[own & ~answerable]).mean()) / 2
            for own in (of_set == name for name in np.unique(of_set))
        ]
        return round(float(np.mean(shares)), 6)

    best = max(map(balanced, THRESHOLDS))
    return min(threshold for threshold in THRESHOLDS if balanced(threshold) >= best - ALIKE)


def _even(owners: Sequence[str]) -> NDArray[np.float64]:
    """A weight for each row, the same for every set together, 1 on average."""
    counts = Counter(owners)
    return np.array([len(owners) / len(counts) / counts[name] for name in owners])


def _tasks(data: Path) -> Iterator[Task]:
    """SQuAD2 and Russian XQuAD with half of their articles removed, and the archives."""
    draw = random.Random(20)
    yield from _squad(data, draw)
    yield _xquad(data, draw)
    yield from _archives(data)


def _squad(data: Path, draw: random.Random) -> Iterator[Task]:
    """Questions on removed articles, and unanswerable ones on those that are there."""
    passages = _rows(data / "squad2_dev" / "passages.jsonl")
    kept = [p for p in passages if is_development(p["title"])]
    ids = {p["id"] for p in kept}
    titles = {p["id"]: p["title"] for p in passages}
    questions = [
        q
        for q in _rows(data / "squad2_dev" / "questions.jsonl")
        if is_development(q["source_passage"]) and not is_learned(titles[q["source_passage"]])
    ]
    inside = [q for q in questions if q["source_passage"] in ids]
    answered = [q for q in inside if q["answerable"]]
    removed = [q for q in questions if q["answerable"] and q["source_passage"] not in ids]
    adversarial = [q for q in inside if not q["answerable"]]
    for name, silent in (("squad2", removed), ("squad2-adversarial", adversarial)):
        asked = [
            Asked(q["text"], tuple(q["answers"]), n == 0)
            for n, group in enumerate((answered, silent))
            for q in draw.sample(group, min(SAMPLE, len(group)))
        ]
        yield Task(name, tuple(kept), tuple(asked), ranks_only=name != "squad2")


def _xquad(data: Path, draw: random.Random) -> Task:
    passages = [p for p in _rows(data / "xquad" / "passages.jsonl") if p["lang"] == "ru"]
    kept = [p for p in passages if is_development(p["title"])]
    ids = {p["id"] for p in kept}
    titles = {p["id"]: p["title"] for p in passages}
    questions = [
        q
        for q in _rows(data / "xquad" / "questions.jsonl")
        if q["lang"] == "ru" and not is_learned(titles[q["gold_passages"]["ru"]])
    ]
    asked = [Asked(q["text"], (q["answer"],), q["gold_passages"]["ru"] in ids) for q in questions]
    return Task("xquad-ru", tuple(kept), tuple(draw.sample(asked, min(2 * SAMPLE, len(asked)))))


def _archives(data: Path) -> Iterator[Task]:
    """Questions in the language of their archive, and in the other."""
    names = ("dfat", "frus", "tolstoy_letters_ru")
    documents = [d for name in names for d in _rows(data / name / "docs.jsonl")]
    questions = [
        q
        for q in _rows(data / "archive_qa" / "questions.jsonl")
        if is_development((q["gold_docs"] or [q["id"]])[0])
    ]
    for name, crossed in (("archives", False), ("archives-crossed", True)):
        asked = [
            Asked(
                q["text_ru" if q["archive"].endswith("_ru") != crossed else "text_en"],
                tuple(q.get("gold_quotes", ())),
                q["answerable"],
            )
            for q in questions
        ]
        yield Task(name, tuple(documents), tuple(asked), ranks_only=crossed)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
