"""The passage of a citation in the other language version of its record.

Finds which version to show and asks `align` where. Nothing is shown where the versions are not of
one text (the warning `halves_differ`) or the passage has no partner. It judges no translation.
"""

from __future__ import annotations

from index_store.store import IndexStore
from index_store.types import Document
from rag.records import alignment
from rag.records.description import differs
from rag.types import Counterpart


def find(document: Document, start: int, end: int, store: IndexStore) -> Counterpart | None:
    """What the record's other version says where `document` says its text at [start:end].

    Of several versions the original comes first, then a human translation, then by id.
    """
    if differs(document):
        return None
    versions = [
        other
        for other in store.record(document.record_id)
        if other.lang != document.lang and not differs(other)
    ]
    for other in sorted(versions, key=_preference):
        span = alignment.counterpart(document.text, other.text, start, end)
        if span is not None:
            return Counterpart(other.document_id, *span, other.text[slice(*span)])
    return None


def _preference(document: Document) -> tuple[bool, bool, str]:
    return document.kind != "original", document.translator == "AI", document.document_id
