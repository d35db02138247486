"""Run a suite: TREC run and qrels files, retrieval measures by ir_measures, answer measures.

Retrieval is measured at document level: a document's rank is that of its first passage. A
question that fails counts as zero and is named. Not here: intervals and comparisons of runs.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import RR, P, R, nDCG

from eval.suite import EvalQuestion, Suite, half
from rag import Archive, Filters, FondsError
from rag.settings import load
from rag.types import VerifiedAnswer

DEPTH = 100
MEASURES = (P @ 1, R @ 5, R @ 10, R @ 100, RR, nDCG @ 10)


def run(suite: Suite, out: Path) -> dict[str, Any]:
    """Ingest the corpus into a store of its own, ask everything, write and return the figures."""
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder,
        Archive(load({"store": Path(folder) / "store"})) as archive,
    ):
        ingested = archive.ingest(suite.corpus)
        if ingested.failures:
            first = ingested.failures[0]
            raise FondsError(f"{first.path}: {first.error}; a suite's corpus must read whole")
        rankings, failed = _retrieve(archive, suite)
        answers = {} if suite.filter_lang else _answer(archive, suite, failed)
    summary: dict[str, Any] = {
        "suite": suite.name,
        "questions": len(suite.questions),
        "failed": failed,
        "retrieval": {
            name: _retrieval([q for q in suite.questions if part in (None, half(q))], rankings)
            for name, part in (("all", None), *((h, h) for h in ("development", "reporting")))
        },
    }
    if answers:
        summary["answers"] = _answers(suite.questions, answers)
    _write(out, suite, rankings, answers, summary)
    return summary


def _retrieve(archive: Archive, suite: Suite) -> tuple[dict[str, list[str]], list[str]]:
    """Documents in order for each question; ids of the questions that failed."""
    rankings: dict[str, list[str]] = {}
    failed = []
    filters = Filters(lang=suite.filter_lang)
    for question in suite.questions:
        try:
            hits = archive.search(question.text, k=1000, filters=filters).hits
        except FondsError as error:
            failed.append(f"{question.id}: {error}")
            hits = ()
        ranked = dict.fromkeys(hit.document.document_id for hit in hits)
        rankings[question.id] = list(ranked)[:DEPTH]
    return rankings, failed


def _answer(archive: Archive, suite: Suite, failed: list[str]) -> dict[str, VerifiedAnswer]:
    answers = {}
    for question in suite.questions:
        try:
            answers[question.id] = archive.ask(question.text)
        except FondsError as error:
            failed.append(f"{question.id}: {error}")
    return answers


def _retrieval(
    questions: Sequence[EvalQuestion], rankings: dict[str, list[str]]
) -> dict[str, float]:
    """Means over the questions that have gold documents."""
    judged = [question for question in questions if question.gold]
    if not judged:
        return {}
    qrels = [ir_measures.Qrel(q.id, d, 1) for q in judged for d in q.gold]
    scored = [
        ir_measures.ScoredDoc(q.id, document, -float(rank))
        for q in judged
        for rank, document in enumerate(rankings[q.id])
    ]
    values = ir_measures.calc_aggregate(MEASURES, qrels, scored)
    return {str(measure): round(values[measure], 4) for measure in MEASURES} | {"n": len(judged)}


def _answers(
    questions: Sequence[EvalQuestion], answers: dict[str, VerifiedAnswer]
) -> dict[str, float]:
    """Right document, gold span, abstention; every question counts, a failed one as wrong."""
    answerable = [q for q in questions if q.answerable]
    silent = [q for q in questions if not q.answerable]

    def share(hits: Sequence[bool]) -> float:
        return round(sum(hits) / len(hits), 4) if hits else 0.0

    def cited(q: EvalQuestion) -> bool:
        answer = answers.get(q.id)
        return bool(answer and {c.document.document_id for c in answer.citations} & set(q.gold))

    def quoted(q: EvalQuestion) -> bool:
        answer = answers.get(q.id)
        return bool(
            answer and any(_covers(c.quote, quote) for c in answer.citations for quote in q.quotes)
        )

    def status(q: EvalQuestion, wanted: str) -> bool:
        answer = answers.get(q.id)
        return bool(answer and answer.status == wanted)

    kept, rejected = (
        share([status(q, "answered") for q in answerable]),
        share([status(q, "abstained") for q in silent]),
    )
    citations = [(q, c) for q in questions if q.id in answers for c in answers[q.id].citations]
    return {
        "right_document": share([cited(q) for q in answerable]),
        "gold_span_quoted": share([quoted(q) for q in answerable if q.quotes]),
        "citation_precision": share([c.document.document_id in q.gold for q, c in citations]),
        "quotation_fidelity": share(
            [c.document.text[c.start : c.end] == c.quote for _, c in citations]
        ),
        "answered_of_answerable": kept,
        "abstained_of_unanswerable": rejected,
        "balanced_accuracy": round((kept + rejected) / 2, 4),
    }


def _covers(quote: str, gold: str) -> bool:
    """Whether the quotation has more than half of the gold span, as one stretch."""
    if gold in quote:
        return True
    need = len(gold) // 2 + 1
    return any(gold[i : i + need] in quote for i in range(len(gold) - need + 1))


def _write(
    out: Path,
    suite: Suite,
    rankings: dict[str, list[str]],
    answers: dict[str, VerifiedAnswer],
    summary: dict[str, Any],
) -> None:
    with (out / f"{suite.name}.run").open("w", encoding="utf-8") as file:
        for question in suite.questions:
            for rank, document in enumerate(rankings[question.id], 1):
                file.write(f"{question.id} Q0 {document} {rank} {DEPTH + 1 - rank} fonds\n")
    with (out / f"{suite.name}.qrels").open("w", encoding="utf-8") as file:
        for question in suite.questions:
            file.writelines(f"{question.id} 0 {document} 1\n" for document in question.gold)
    with (out / f"{suite.name}.answers.jsonl").open("w", encoding="utf-8") as file:
        for question_id, answer in answers.items():
            line = {"id": question_id, **answer.to_dict()}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    text = json.dumps(summary, indent=2, ensure_ascii=False)
    (out / f"{suite.name}.json").write_text(text + "\n", encoding="utf-8")
