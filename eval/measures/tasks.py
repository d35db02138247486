"""The tasks that ask the product: retrieval, sentences and answers, question by question.

A question that ends in a fault is a result: its figures are 0 and it is listed. Not here:
loading the corpus and writing files (`run`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from eval.measures import answers, retrieval
from eval.measures.rows import Row, Values
from eval.sets.spans import Source, Span, gold_spans
from eval.sets.suite import EvalQuestion, Suite
from index_store.types import Filter, Hit, Passage
from rag import Archive
from rag.answers import evidence as ev
from rag.answers.inquiry import Inquiry
from rag.questions.query import Query, understand

T = TypeVar("T")
SEARCHED = 1000
"""Passages asked for, so that a hundred documents are found."""

SNIPPET = 200
_BOTH = ("documents", "passages")


@dataclass(slots=True)
class Outcome:
    """Everything that a run of a suite brought; `seconds` by task."""

    rows: list[Row] = field(default_factory=list)
    rankings: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {level: {} for level in _BOTH}
    )
    grades: dict[str, dict[str, Mapping[str, int]]] = field(
        default_factory=lambda: {level: {} for level in _BOTH}
    )
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def keep(self, task: str, seconds: float) -> None:
        self.seconds.setdefault(task, []).append(seconds)

    def timed(self, task: str, call: Callable[[], T]) -> tuple[T | None, str | None]:
        """The result of a call, or the fault it ended in."""
        started = time.perf_counter()
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - a fault is a result, and is listed
            return None, f"{type(error).__name__}: {error}"
        self.keep(task, time.perf_counter() - started)
        return result, None


def _row(task: str, q: EvalQuestion, values: Values, **more: Any) -> Row:
    return Row(task, q.id, q.group, q.half, q.cluster, q.text, values, **more)


def search_all(archive: Archive, suite: Suite, texts: Mapping[str, Source], out: Outcome) -> None:
    """Rank documents and passages for every judged question."""
    questions = suite.asked("retrieval")
    faults: dict[str, str | None] = {}
    tops: dict[str, list[dict[str, Any]]] = {}
    for q in questions:
        found, faults[q.id] = out.timed(
            "retrieval", partial(archive.search, q.text, SEARCHED, q.filters)
        )
        hits = found.hits if found else ()
        documents = dict.fromkeys(hit.document.document_id for hit in hits)
        out.rankings["documents"][q.id] = list(documents)[: retrieval.DEPTH]
        out.rankings["passages"][q.id] = [h.passage.passage_id for h in hits][: retrieval.DEPTH]
        out.grades["documents"][q.id] = q.grades
        passages = _passages(archive, q.gold)
        gold = retrieval.gold_passages(gold_spans(q, texts), passages)
        if gold:
            out.grades["passages"][q.id] = gold
        tops[q.id] = [_shown(hit) for hit in hits[:5]]
    for level, task in zip(_BOTH, ("retrieval", "passages"), strict=True):
        scored = retrieval.scores(out.grades[level], out.rankings[level])
        for q in questions:
            if q.id not in scored:
                continue
            values = {name: (value, 1.0) for name, value in scored[q.id].items()}
            bias = retrieval.language_bias(q, out.rankings["documents"][q.id])
            if level == "documents" and bias is not None:
                values["language bias"] = (bias, 1.0)
            details = {"retrieved": tops[q.id], "wanted": wanted(q)}
            out.rows.append(_row(task, q, values, failed=faults[q.id], details=details))


def wanted(q: EvalQuestion) -> str:
    """Gold documents with the quotations or answers to be found there, for people."""
    if not q.answerable:
        return "silence: the archive does not answer this"
    told = " · ".join([*q.quotes, *q.answers][:3])
    return f"{', '.join(q.gold[:4])}{f' — {told}' if told else ''}"


def _shown(hit: Hit) -> dict[str, Any]:
    return {
        "document": hit.document.document_id,
        "title": hit.document.title[:120],
        "score": round(hit.score, 4),
        "text": " ".join(hit.passage.text[:SNIPPET].split()),
    }


def _passages(archive: Archive, documents: Sequence[str]) -> dict[str, Sequence[Passage]]:
    """The passages of gold documents; none for a document that is not stored."""
    known: dict[str, Sequence[Passage]] = {}
    for name in documents:
        if archive.store.holder(name) is not None:
            known[name] = archive.show(name).passages
    return known


def ask_all(archive: Archive, suite: Suite, texts: Mapping[str, Source], out: Outcome) -> None:
    """Ask, and judge answers and abstentions."""
    judging = "abstention" in suite.tasks
    for q in suite.asked("answers"):
        answer, fault = out.timed("answers", partial(archive.ask, q.text, q.filters, q.history))
        spans = gold_spans(q, texts)
        if answer is None:
            values, judged = answers.failed(q, spans)
            details: dict[str, Any] = {"wanted": wanted(q), "answer": "", "retrieved": []}
        else:
            values, judged = answers.score(q, answer, spans, texts)
            told = answer.to_dict()
            del told["seconds"]
            out.answers[q.id] = told
            details = {
                "wanted": wanted(q),
                "answer": answer.answer,
                "status": answer.status,
                "confidence": answer.confidence,
                "retrieved": [_shown(hit) for hit in answer.hits[:5]],
            }
        details["right"] = judged.correct if q.answerable else not judged.answered
        out.rows.append(
            _row(
                "answers",
                q,
                values,
                judged=judged if judging else None,
                failed=fault,
                details=details,
            )
        )


def rank_sentences(
    archive: Archive, suite: Suite, texts: Mapping[str, Source], out: Outcome
) -> None:
    """Where the sentence that holds the gold span ranks, in the gold document and in the pool."""
    for q in suite.asked("sentences"):
        spans = gold_spans(q, texts)
        if not spans:
            continue
        values: dict[str, tuple[float, float]] = {}
        faults = []
        for where, documents in (("in the document", q.gold), ("in the pool", None)):
            found, fault = out.timed("sentences", partial(_sentences, archive, q, documents))
            rank = _first(found or [], spans)
            values[f"P@1 {where}"] = (float(rank == 1), 1.0)
            values[f"RR {where}"] = (1 / rank if rank else 0.0, 1.0)
            faults += [fault] if fault else []
        out.rows.append(_row("sentences", q, values, failed="; ".join(faults) or None))


def _sentences(
    archive: Archive, q: EvalQuestion, documents: Sequence[str] | None
) -> Sequence[ev.Evidence]:
    query: Query = understand(q.text, q.filters, archive.store)
    if documents is not None:
        query = replace(query, filter=Filter(documents=tuple(documents)))
    return Inquiry(archive.store, archive.models).findings(query).sentences


def _first(ranked: Sequence[ev.Evidence], spans: Sequence[Span]) -> int:
    """The rank of the first sentence with most of a gold span; 0 where none has."""
    for rank, sentence in enumerate(ranked, 1):
        document = sentence.hit.document.document_id
        if any(s.document == document and s.mostly_in(sentence.start, sentence.end) for s in spans):
            return rank
    return 0
