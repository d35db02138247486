"""Measures of an answer: its quotations, its sources, and whether it contains the answer.

Fidelity and provenance are judged by the files of the corpus, not by the store. Citation scores
mean little alone: to copy the first passage gives perfect ones. Not here: abstention over a set
(`rows`), intervals (`resample`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from eval.measures.rows import Judged, failure
from eval.measures.russian_lemmas import contains
from eval.sets.spans import Source, Span
from eval.sets.suite import EvalQuestion
from rag.types import Citation, VerifiedAnswer

_LABEL = re.compile(r"^\w+:\s*")

Pairs = dict[str, tuple[float, float]]


def score(
    question: EvalQuestion,
    answer: VerifiedAnswer,
    spans: Sequence[Span],
    texts: Mapping[str, Source],
) -> tuple[Pairs, Judged]:
    """The measures of one answer, and what the statistics of abstention need."""
    citations = answer.citations
    cited = [c.document.document_id for c in citations]
    gold = set(question.gold)
    answered = answer.status == "answered"
    n = float(len(citations))
    values: Pairs = {}
    if question.answerable:
        values = _of_answerable(question, answer, spans)
    right = sum(document in gold for document in cited)
    values["citation precision"] = (right / n if n else 0.0, n)
    backed = [_backed(statement.citations, citations, gold) for statement in answer.statements]
    values["citation recall"] = _share(backed)
    values["quotation fidelity"] = _share([faithful(c, texts) for c in citations])
    values["provenance"] = _share([resolves(c, texts) for c in citations])
    if answered:
        values["answer characters"] = (float(len(answer.answer)), 1.0)
        values["quotations"] = (n, 1.0)
    correct = answered and question.answerable and _correct(values)
    return values, Judged(question.answerable, answered, correct, answer.confidence)


def failed(question: EvalQuestion, spans: Sequence[Span]) -> tuple[Pairs, Judged]:
    """The same for a question that ended in an error: 0 in every measure that it has."""
    measured = ["right document", "all right"] if question.answerable else []
    measured += ["gold groups"] if question.answerable and len(question.gold_groups) > 1 else []
    measured += ["gold span quoted"] if question.answerable and spans else []
    measured += ["containment"] if question.answerable and question.answers else []
    return dict.fromkeys(measured, (0.0, 1.0)), failure(question.answerable)


def _of_answerable(question: EvalQuestion, answer: VerifiedAnswer, spans: Sequence[Span]) -> Pairs:
    cited = [c.document.document_id for c in answer.citations]
    gold = set(question.gold)
    values: Pairs = {
        "right document": (float(bool(gold & set(cited))), 1.0),
        "all right": (float(bool(cited) and set(cited) <= gold), 1.0),
    }
    if len(question.gold_groups) > 1:
        met = [bool(set(group) & set(cited)) for group in question.gold_groups]
        values["gold groups"] = (sum(met) / len(met), 1.0)
    if spans:
        quoted = any(
            span.document == c.document.document_id and span.mostly_in(c.start, c.end)
            for c in answer.citations
            for span in spans
        )
        values["gold span quoted"] = (float(quoted), 1.0)
    if question.answers:
        said = "\n".join([answer.answer, *(c.quote for c in answer.citations)])
        held = answer.status == "answered" and any(contains(said, a) for a in question.answers)
        values["containment"] = (float(held), 1.0)
    return values


def _correct(values: Pairs) -> bool:
    """Whether the answer has the gold span or an answer string, or else the right document."""
    found = [values[name][0] for name in ("gold span quoted", "containment") if name in values]
    return any(found) if found else bool(values["right document"][0])


def _backed(numbers: Sequence[int], citations: Sequence[Citation], gold: set[str]) -> bool:
    return any(c.n in numbers and c.document.document_id in gold for c in citations)


def _share(hits: Sequence[bool]) -> tuple[float, float]:
    return (sum(hits) / len(hits) if hits else 0.0, float(len(hits)))


def faithful(citation: Citation, texts: Mapping[str, Source]) -> bool:
    """Whether the file has exactly these code points at [start:end] of the document."""
    source = texts.get(citation.document.document_id)
    return source is not None and source.has(citation.quote, citation.start, citation.end)


def resolves(citation: Citation, texts: Mapping[str, Source]) -> bool:
    """Whether the citation's document has the source and shelf-mark that its file gives.

    The span must lie in the document and the passage must belong to it.
    """
    document = citation.document
    source = texts.get(document.document_id)
    if source is None or citation.passage_id.rpartition("#")[0] != document.document_id:
        return False
    inside = 0 <= citation.start < citation.end <= len(source.text)
    return (
        inside
        and _same(document.source, source.source)
        and _same(document.archival_ref, source.archival_ref)
    )


def _same(stored: str | None, given: str) -> bool:
    """Whether a field is equal to the file's, but for a label ("Source:") and a final full stop."""
    bare, whole = (text.strip().rstrip(".") for text in (stored or "", given))
    return bare == whole or (bool(bare) and _LABEL.sub("", whole) == bare)
