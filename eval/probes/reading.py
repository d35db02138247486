"""What the reader knows: `python -m eval reading SUITE…`, with no search and no code around it.

Each question of the reporting half is read with its own document: the one that answers it, or the
one that it is about and that does not. Told are, for each group of questions:

- AUROC of "the document answers", with its interval;
- the same for the share of the question's words that stand in the passage, which must not explain
  what the reader says; and the correlation of the two;
- the share of questions whose likeliest sentence has the gold;
- F1 of the words asked for (Rajpurkar and others 2018), where none is right for an unanswered one.

Not here: answers as a user sees them (`eval run`).
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.measures.estimates import auroc
from eval.measures.resample import bootstrap
from eval.sets.spans import gold_spans, sources
from eval.sets.suite import EvalQuestion, Suite
from eval.training.corpus import load
from index_store.analysis.stemming import stems
from index_store.types import Passage
from rag.models.bundle import Reader
from rag.models.reader import Reading
from rag.text.sentences import sentences

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class _Read:
    """One question with its document: the log-odds, the overlap of words, and what was found."""

    group: str
    cluster: str
    answerable: bool
    odds: float
    overlap: float
    sentence: float | None
    f1: float | None


def measure(suites: Sequence[Suite], reader: Reader, limit: int) -> dict[str, Any]:
    """The figures of each suite and group."""
    found: dict[str, Any] = {}
    for suite in suites:
        read = _read(suite, reader, limit)
        by_group: dict[str, list[_Read]] = defaultdict(list)
        for one in read:
            by_group[one.group].append(one)
            by_group["all"].append(one)
        found[suite.name] = {group: _figures(own) for group, own in sorted(by_group.items())}
    return found


def _read(suite: Suite, reader: Reader, limit: int) -> list[_Read]:
    corpus, texts = load(suite.corpus), sources(suite.corpus)
    known = corpus.passages
    asked = [q for q in suite.questions if q.half == "reporting" and _about(q, known)]
    found = []
    for question in random.Random(0).sample(asked, min(limit, len(asked))):
        document = _about(question, corpus.passages)
        passages = corpus.passages[document]
        header = corpus.headers[document]
        readings = reader.read(question.text, [(header, p.text) for p in passages])
        best = max(range(len(passages)), key=lambda n: readings[n].answers)
        gold = [s for s in gold_spans(question, texts) if s.document == document]
        found.append(
            _Read(
                question.group,
                question.cluster,
                question.answerable,
                readings[best].answers,
                _overlap(question.text, passages[best].text),
                _has_gold(passages[best], readings[best], gold) if gold else None,
                _f1(question, passages[best], readings[best]),
            )
        )
    return found


def _about(question: EvalQuestion, known: Mapping[str, object]) -> str:
    names = (*question.gold, question.key, question.cluster)
    return next((name for name in names if name in known), "")


def _overlap(question: str, passage: str) -> float:
    asked, present = set(stems(question)), set(stems(passage))
    return len(asked & present) / len(asked) if asked else 0.0


def _has_gold(passage: Passage, reading: Reading, gold: Sequence[Any]) -> float:
    """1 where the likeliest sentence overlaps the gold."""
    spans = sentences(passage.text)
    start, end = max(spans, key=lambda span: reading.share(*span), default=(0, 0))
    low, high = passage.start + start, passage.start + end
    return float(any(span.start < high and low < span.end for span in gold))


def _f1(question: EvalQuestion, passage: Passage, reading: Reading) -> float | None:
    """F1 of the best answer string; None where the suite has none."""
    said = passage.text[slice(*reading.answer())] if reading.answers >= 0 else ""
    if not question.answerable:
        return float(not said)
    return max((_shared(said, answer) for answer in question.answers), default=None)


def _shared(said: str, answer: str) -> float:
    own, gold = (Counter(_ARTICLES.sub(" ", _plain(text)).split()) for text in (said, answer))
    common = (own & gold).total()
    return 2 * common / (own.total() + gold.total()) if common else 0.0


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _figures(read: Sequence[_Read]) -> dict[str, Any]:
    labels = [one.answerable for one in read]
    odds, overlap = [one.odds for one in read], [one.overlap for one in read]
    statistics = {"AUROC": auroc(odds, labels), "AUROC of overlap": auroc(overlap, labels)}
    figures: dict[str, Any] = {"questions": len(read), "answerable": sum(labels)}
    for name, found in bootstrap(statistics, [one.cluster for one in read]).items():
        figures[name] = [round(value, 3) for value in (found.value, found.low, found.high)]
    if np.std(odds) and np.std(overlap):
        figures["correlation"] = round(float(np.corrcoef(odds, overlap)[0, 1]), 3)
    for name in ("sentence", "f1"):
        values = [value for one in read if (value := getattr(one, name)) is not None]
        if values:
            figures[name] = round(float(np.mean(values)), 3)
    return figures
