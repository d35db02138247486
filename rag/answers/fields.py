"""Answers from the fields of a record."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Document, Hit
from rag.answers import evidence as ev
from rag.answers import messages
from rag.answers.draft import HITS, Draft, sentence_of
from rag.models.encoder import Encoder
from rag.questions import field_questions
from rag.questions.query import Query
from rag.records import description
from rag.retrieval.search import retrieve
from rag.types import Statement

RECORD_CONFIDENCE = 0.95
"""A field read from the catalogue; what is left is the doubt which document was meant."""

UNPROVEN_CONFIDENCE = 0.6
"""The same where the document was found by what it is about alone, or where not all that the
question says of it could be compared with it."""


def from_record(query: Query, store: IndexStore, encoder: Encoder) -> Draft | None:
    """Fields of the documents that the question points out; None if it asks something else."""
    asked = field_questions.understand(query.text, query.filter, store)
    if asked is None:
        return None
    documents, confidence = asked.documents, RECORD_CONFIDENCE
    if asked.topic:
        documents = _by_topic(asked, query, store, encoder)
        if not asked.points:
            confidence = UNPROVEN_CONFIDENCE
        if not documents and _cannot_be_compared(asked, query):
            documents, confidence = asked.documents, UNPROVEN_CONFIDENCE
    if not asked.points and not field_questions.OF_RECORD & set(asked.fields):
        documents = tuple(d for d in documents if any(getattr(d, f) for f in asked.fields))
    if not documents or len(documents) > field_questions.MOST:
        return None
    statements, citations, hits = [], [], []
    for n, listed in enumerate(documents, 1):
        document = store.document(listed.document_id)
        passage = store.passages(document.document_id)[0]
        fields = description.field_values(document, asked.fields)
        text = messages.fields(query.lang, document, fields)
        statements.append(Statement(text, "record", (n,), "verified", fields))
        citations.append(sentence_of(n, document, passage, store))
        hits.append(Hit(passage, document, n, 1.0))
    answer = "\n\n".join(f"{s.text} [{s.citations[0]}]" for s in statements)
    return Draft(confidence, answer, tuple(statements), tuple(citations), tuple(hits))


def _cannot_be_compared(asked: field_questions.RecordQuestion, query: Query) -> bool:
    """Whether the question points to one document that is not in its language: what else it calls
    it ("the explanatory note") may well be its title, which what it is about is not."""
    alone = asked.points and len(asked.documents) == 1
    return alone and not asked.about and asked.documents[0].lang != query.lang


def _by_topic(
    asked: field_questions.RecordQuestion, query: Query, store: IndexStore, encoder: Encoder
) -> tuple[Document, ...]:
    """The document whose text is about what the question says of it, if one is.

    Where names or dates point to documents any mention will do, else most must be there.
    """
    if asked.points and len(asked.documents) <= field_questions.MOST:
        texts = [(d, store.document(d.document_id).text) for d in asked.documents]
        mentioning = tuple(d for d, text in texts if field_questions.mentions(text, asked.topic))
        if mentioning:
            return mentioning
    allowed = query.filter
    if asked.documents:
        allowed = replace(allowed, documents=tuple(d.document_id for d in asked.documents))
    about = replace(query, text=asked.topic, search_text=asked.topic, filter=allowed)
    found = retrieve(about, store, encoder, HITS)
    evidence = ev.gather(about, found.hits[:1], found.vector, store, encoder)
    if not evidence:
        return ()
    features = evidence[0].features
    mentioned = features["context_cover"] > 0 and features["names_missing"] < 1
    enough = (
        mentioned if asked.points else features["context_cover"] >= field_questions.ENOUGH_TOPIC
    )
    return (found.hits[0].document,) if enough else ()
