"""Answers from the catalogue entry of a record: its shelf-mark, date, source, versions, warnings.

Where the store has nothing the answer says "not given": it is never filled from anything else.
"""

from __future__ import annotations

from index_store.store import IndexStore
from index_store.types import Document, Hit
from rag.answers import messages
from rag.answers.documents_meant import MAX_DOCUMENTS, documents_meant
from rag.answers.draft import Draft, cite_sentence
from rag.answers.inquiry import Inquiry
from rag.models.intents import SURE
from rag.questions.query import Query
from rag.records import description
from rag.types import Statement

OF_RECORD = frozenset({"archival_ref", "source", "versions", "doubts"})
"""What the text does not contain: where it is asked for, "not given" is an answer."""


def from_fields(query: Query, inquiry: Inquiry, least: float = SURE) -> Draft | None:
    """Fields of the documents that the question points out; None if it asks something else.

    `least` is how likely it must ask for them where its words alone do not tell.
    """
    intent = inquiry.intent(query, least)
    if intent is None:
        return None
    fields, store = intent.fields, inquiry.store
    meant = documents_meant(intent, query, inquiry)
    documents = meant.documents
    if not meant.points and not OF_RECORD & set(fields):
        documents = tuple(d for d in documents if any(getattr(d, f, None) for f in fields))
    if not documents or len(documents) > MAX_DOCUMENTS:
        return None
    statements, citations, hits = [], [], []
    for n, listed in enumerate(documents, 1):
        document = store.document(listed.document_id)
        passage = store.passages(document.document_id)[0]
        values = _values(document, fields, query.lang, store)
        text = messages.fields(query.lang, document, values)
        statements.append(Statement(text, "record", (n,), "verified", values))
        citations.append(cite_sentence(n, document, passage, store))
        hits.append(Hit(passage, document, n, 1.0))
    answer = "\n\n".join(f"{s.text} [{s.citations[0]}]" for s in statements)
    return Draft(query, meant.confidence, answer, tuple(statements), tuple(citations), tuple(hits))


def _values(
    document: Document, fields: tuple[str, ...], lang: str, store: IndexStore
) -> dict[str, str]:
    """The values of the fields, and in words what versions and warnings the record has."""
    plain = [name for name in fields if name not in ("versions", "doubts")]
    values = description.field_values(document, plain) if plain else {}
    if "versions" in fields:
        values["versions"] = messages.versions(lang, document, store.record(document.record_id))
    if "doubts" in fields:
        values["doubts"] = messages.doubts(lang, document)
    return values
