"""Answers to "what do we know of Patek?": the sentences that name somebody or something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rag.answers import messages
from rag.answers.draft import Draft, cite_all
from rag.answers.evidence import Evidence
from rag.answers.inquiry import Inquiry
from rag.answers.selection import MAX_PER_DOCUMENT, MAX_QUOTATIONS, Quotation, repeats
from rag.models import calibration
from rag.models.intents import SURE
from rag.questions.field_questions import described
from rag.questions.parsed import parse
from rag.questions.query import Query
from rag.types import Statement

WHOLE = 0.99
"""Share of the name's weight that a sentence must have."""


def from_mentions(query: Query, inquiry: Inquiry) -> Draft | None:
    """Sentences that mention what the question asks to be told about; None if it asks no such."""
    if inquiry.asks(query).get("subject", 0.0) < SURE:
        return None
    intent = described(query.text, (), inquiry.asking(query))
    topic = " ".join([*intent.people, *intent.topic.split()])
    if not topic:
        return None
    parsed = replace(parse(topic), lang=query.lang, written_in=query.written_in)
    about = replace(query, parsed=parsed, search_text=topic)
    named = [
        evidence
        for evidence in inquiry.findings(about).sentences
        if evidence.features["sentence_cover"] >= WHOLE
    ]
    chosen = _varied(named)
    if not chosen:
        return None
    quotations = [Quotation(e.hit, e.start, e.end) for e in chosen]
    citations = cite_all(quotations, inquiry.store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(messages.quoted(c.quote, c.document.lang, c.n) for c in citations)
    hits = inquiry.search(about).hits
    confidence = calibration.thresholds().unproven_field_confidence
    return Draft(query, confidence, answer, statements, citations, hits)


def _varied(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best sentences, of several documents where there are some, without repetitions."""
    chosen: list[Evidence] = []
    quoted: Counter[str] = Counter()
    for candidate in evidence:
        document = candidate.hit.document.document_id
        if quoted[document] < MAX_PER_DOCUMENT and not repeats(candidate, chosen):
            chosen.append(candidate)
            quoted[document] += 1
        if len(chosen) == MAX_QUOTATIONS:
            break
    return chosen
