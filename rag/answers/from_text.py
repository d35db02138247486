"""Answers quoted from the archive's own sentences."""

from __future__ import annotations

from dataclasses import replace

from rag.answers import messages
from rag.answers.draft import Draft, cite_all
from rag.answers.evidence import gather
from rag.answers.inquiry import Inquiry
from rag.answers.selection import MAX_QUOTATIONS, Quotation, choose, joined
from rag.models import calibration
from rag.questions.parsed import parse
from rag.questions.parts import parts_of
from rag.questions.query import Query
from rag.types import Statement


def from_text(query: Query, inquiry: Inquiry, clearly: bool = False) -> Draft | None:
    """The sentences that answer; None where none is likely enough to, or not `clearly`.

    Where the reader pointed to documents, the nearest sentences there are the answer.
    """
    listing, clear = query.parsed.listing, inquiry.models.evidence.clear
    counted = listing is not None and listing.asked  # no document tells how many there are
    if counted and clearly:
        return None
    findings = inquiry.findings(query)
    threshold = findings.threshold
    if clearly:
        threshold = max(threshold, clear)
    if query.relaxed_constraints or query.parsed.field:
        threshold = max(threshold, calibration.thresholds().min_relaxed_confidence)
    enough = findings.confidence >= threshold or (query.pointed and findings.sentences)
    if query.contradicted or not enough:
        return None
    quotations = joined([*choose(findings.sentences, query.text), *_of_parts(query, inquiry)])
    citations = cite_all(quotations[:MAX_QUOTATIONS], inquiry.store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(messages.quoted(c.quote, c.document.lang, c.n) for c in citations)
    hits = inquiry.search(query).hits
    draft = Draft(query, findings.confidence, answer, statements, citations, hits)
    return draft.doubted(clear) if counted else draft


def _of_parts(query: Query, inquiry: Inquiry) -> list[Quotation]:
    """The best quotation for each part of a question that asks for several things.

    The parts are read over the hits of the whole question, which has all names.
    """
    models, hits = inquiry.models, inquiry.search(query).hits
    found = []
    for part in parts_of(query.text):
        parsed = replace(parse(part), lang=query.lang, written_in=query.written_in)
        findings = gather(parsed, hits, inquiry.store, models)
        if findings.confidence >= findings.threshold:
            found += choose(findings.sentences, part)[:1]
    return found


def from_text_beyond_constraints(query: Query, inquiry: Inquiry) -> Draft | None:
    """The same where soft constraints of the question are ignored; None without any.

    An event of 1931 may be described in a document of another date or author.
    """
    return from_text(query.relaxed(), inquiry) if query.has_soft_constraints else None
