"""Answers from the fields of a record: its shelf-mark, date, author, source.

Where the store has nothing the answer says "not given": it is never filled from anything else.
"""

from __future__ import annotations

from dataclasses import replace

from index_store.types import Document, Hit
from rag.answers import messages
from rag.answers.draft import Draft, cite_sentence
from rag.answers.inquiry import Inquiry
from rag.models import calibration
from rag.questions.field_questions import FieldQuestion, mentions_all
from rag.questions.parsed import parse
from rag.questions.query import Query
from rag.records import description
from rag.types import Statement

MAX_DOCUMENTS = 3
"""Documents described in one answer; with more, the question has not pointed any out."""

OF_RECORD = frozenset({"archival_ref", "source"})
"""Fields that the text does not contain: where they are asked for, "not given" is an answer."""


def from_fields(query: Query, inquiry: Inquiry) -> Draft | None:
    """Fields of the documents that the question points out; None if it asks something else."""
    asked = inquiry.field_question(query)
    if asked is None:
        return None
    fields, thresholds = asked.intent.fields, calibration.thresholds()
    documents, confidence = asked.documents, thresholds.field_confidence
    if asked.intent.topic:
        documents = _by_topic(asked, query, inquiry)
        if not asked.points:
            confidence = thresholds.unproven_field_confidence
        if not documents and _cannot_be_compared(asked, query):
            documents, confidence = asked.documents, thresholds.unproven_field_confidence
    if not asked.points and not OF_RECORD & set(fields):
        documents = tuple(d for d in documents if any(getattr(d, f) for f in fields))
    if not documents or len(documents) > MAX_DOCUMENTS:
        return None
    statements, citations, hits = [], [], []
    for n, listed in enumerate(documents, 1):
        document = inquiry.store.document(listed.document_id)
        passage = inquiry.store.passages(document.document_id)[0]
        values = description.field_values(document, fields)
        text = messages.fields(query.lang, document, values)
        statements.append(Statement(text, "record", (n,), "verified", values))
        citations.append(cite_sentence(n, document, passage, inquiry.store))
        hits.append(Hit(passage, document, n, 1.0))
    answer = "\n\n".join(f"{s.text} [{s.citations[0]}]" for s in statements)
    return Draft(query, confidence, answer, tuple(statements), tuple(citations), tuple(hits))


def _cannot_be_compared(asked: FieldQuestion, query: Query) -> bool:
    """Whether the question points to one document that is not in its language.

    What else it calls the document ("the explanatory note") may well be its title; what it is
    about is not.
    """
    alone = asked.points and len(asked.documents) == 1
    return alone and not asked.intent.about and asked.documents[0].lang != query.lang


def _by_topic(asked: FieldQuestion, query: Query, inquiry: Inquiry) -> tuple[Document, ...]:
    """The document whose text is about what the question says of it, if one is.

    Where names or dates point to documents any mention will do, else most must be there.
    """
    topic, store = asked.intent.topic, inquiry.store
    if asked.points and len(asked.documents) <= MAX_DOCUMENTS:
        texts = [(d, store.document(d.document_id).text) for d in asked.documents]
        mentioning = tuple(d for d, text in texts if mentions_all(text, topic))
        if mentioning:
            return mentioning
    allowed = query.filter
    if asked.documents:
        allowed = replace(allowed, documents=tuple(d.document_id for d in asked.documents))
    parsed = replace(parse(topic), lang=query.lang, written_in=query.written_in)
    about = replace(query, parsed=parsed, search_text=topic, filter=allowed)
    found = inquiry.findings(about, hits=1).sentences
    if not found:
        return ()
    features = found[0].features
    mentioned = features["context_cover"] > 0 and features["names_missing"] < 1
    share = calibration.thresholds().topic_share
    enough = mentioned if asked.points else features["context_cover"] >= share
    return (inquiry.search(about).hits[0].document,) if enough else ()
