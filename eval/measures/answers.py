"""Measures of an answer: its quotations, its sources, and whether it contains the answer.

Fidelity and provenance are judged by the files of the corpus, not by the store. Citation scores
mean little alone: to copy the first passage gives perfect ones. Not here: abstention over a set
(`rows`), intervals (`resample`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.measures.rows import Judged, failure
from eval.measures.russian_lemmas import contains
from eval.sets.spans import Source, Span
from eval.sets.suite import EvalQuestion
from rag.types import Citation, VerifiedAnswer

_LABEL = re.compile(r"^\w+:\s*")

Pair = tuple[float, float]
"""A value and its weight in the mean."""

Pairs = dict[str, Pair]
Measure = Callable[["Asked"], Pair | None]
"""A measure of one answer; None where it does not apply."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer and what both are judged by."""

    question: EvalQuestion
    answer: VerifiedAnswer
    spans: Sequence[Span]
    texts: Mapping[str, Source]

    @property
    def cited(self) -> list[str]:
        """The documents of the citations."""
        return [c.document.document_id for c in self.answer.citations]

    @property
    def gold(self) -> set[str]:
        return set(self.question.gold)


def score(
    question: EvalQuestion,
    answer: VerifiedAnswer,
    spans: Sequence[Span],
    texts: Mapping[str, Source],
) -> tuple[Pairs, Judged]:
    """The measures of one answer, and what the statistics of abstention need."""
    asked = Asked(question, answer, spans, texts)
    measures = {**(OF_ANSWERABLE if question.answerable else {}), **OF_ALL}
    values = {name: pair for name, of in measures.items() if (pair := of(asked)) is not None}
    answered = answer.status == "answered"
    correct = answered and question.answerable and _correct(values)
    clear = answered and answer.certainty == "clear"
    return values, Judged(question.answerable, answered, correct, answer.confidence, clear)


def failed(question: EvalQuestion, spans: Sequence[Span]) -> tuple[Pairs, Judged]:
    """The same for a question that ended in an error: 0 in every measure that it has."""
    measured = ["right document", "all right"] if question.answerable else []
    measured += ["gold groups"] if question.answerable and len(question.gold_groups) > 1 else []
    measured += ["gold span quoted"] if question.answerable and spans else []
    measured += ["containment"] if question.answerable and question.answers else []
    return dict.fromkeys(measured, (0.0, 1.0)), failure(question.answerable)


def _right_document(asked: Asked) -> Pair:
    return float(bool(asked.gold & set(asked.cited))), 1.0


def _all_right(asked: Asked) -> Pair:
    return float(bool(asked.cited) and set(asked.cited) <= asked.gold), 1.0


def _gold_groups(asked: Asked) -> Pair | None:
    groups = asked.question.gold_groups
    if len(groups) < 2:
        return None
    return sum(bool(set(group) & set(asked.cited)) for group in groups) / len(groups), 1.0


def _gold_span_quoted(asked: Asked) -> Pair | None:
    if not asked.spans:
        return None
    quoted = any(
        span.document == c.document.document_id and span.mostly_in(c.start, c.end)
        for c in asked.answer.citations
        for span in asked.spans
    )
    return float(quoted), 1.0


def _containment(asked: Asked) -> Pair | None:
    strings, answer = asked.question.answers, asked.answer
    if not strings:
        return None
    said = "\n".join([answer.answer, *(c.quote for c in answer.citations)])
    return float(answer.status == "answered" and any(contains(said, a) for a in strings)), 1.0


def _citation_precision(asked: Asked) -> Pair:
    n = float(len(asked.cited))
    right = sum(document in asked.gold for document in asked.cited)
    return (right / n if n else 0.0), n


def _citation_recall(asked: Asked) -> Pair:
    citations = asked.answer.citations
    return _share([_backed(s.citations, citations, asked.gold) for s in asked.answer.statements])


def _answer_characters(asked: Asked) -> Pair | None:
    return (float(len(asked.answer.answer)), 1.0) if asked.answer.status == "answered" else None


def _quotations(asked: Asked) -> Pair | None:
    return (float(len(asked.cited)), 1.0) if asked.answer.status == "answered" else None


OF_ANSWERABLE: Mapping[str, Measure] = {
    "right document": _right_document,
    "all right": _all_right,
    "gold groups": _gold_groups,
    "gold span quoted": _gold_span_quoted,
    "containment": _containment,
}
"""Measures of questions that the archive answers."""

OF_ALL: Mapping[str, Measure] = {
    "citation precision": _citation_precision,
    "citation recall": _citation_recall,
    "quotation fidelity": lambda x: _share([faithful(c, x.texts) for c in x.answer.citations]),
    "provenance": lambda x: _share([resolves(c, x.texts) for c in x.answer.citations]),
    "answer characters": _answer_characters,
    "quotations": _quotations,
}
"""Measures of every question."""


def _correct(values: Pairs) -> bool:
    """Whether the answer has the gold span or an answer string, or else the right document."""
    found = [values[name][0] for name in ("gold span quoted", "containment") if name in values]
    return any(found) if found else bool(values["right document"][0])


def _backed(numbers: Sequence[int], citations: Sequence[Citation], gold: set[str]) -> bool:
    return any(c.n in numbers and c.document.document_id in gold for c in citations)


def _share(hits: Sequence[bool]) -> Pair:
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
    """Whether a field is equal to the file's, except for a label and a final full stop."""
    bare, whole = (text.strip().rstrip(".") for text in (stored or "", given))
    return bare == whole or (bool(bare) and _LABEL.sub("", whole) == bare)
