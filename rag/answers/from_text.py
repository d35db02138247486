"""Answers quoted from the archive's own sentences."""

from __future__ import annotations

from rag.answers import messages
from rag.answers.draft import Draft, cite_all
from rag.answers.inquiry import Inquiry
from rag.answers.selection import choose
from rag.models import calibration
from rag.questions.query import Query
from rag.types import Statement


def from_text(query: Query, inquiry: Inquiry) -> Draft | None:
    """The sentences that answer; None where none is likely enough to.

    Where the reader pointed to documents, the nearest sentences there are the answer.
    """
    findings = inquiry.findings(query)
    threshold = findings.threshold
    if query.relaxed_constraints or query.parsed.field:
        threshold = max(threshold, calibration.thresholds().min_relaxed_confidence)
    enough = findings.confidence >= threshold or (query.pointed and findings.sentences)
    if query.contradicted or not enough:
        return None
    citations = cite_all(choose(findings.sentences), inquiry.store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(messages.quoted(c.quote, c.document.lang, c.n) for c in citations)
    hits = inquiry.search(query).hits
    return Draft(query, findings.confidence, answer, statements, citations, hits)


def from_text_beyond_constraints(query: Query, inquiry: Inquiry) -> Draft | None:
    """The same where soft constraints of the question are ignored; None without any.

    An event of 1931 may be described in a document of another date or author.
    """
    return from_text(query.relaxed(), inquiry) if query.has_soft_constraints else None
