"""The passage of a citation in the other language version of its record.

Chooses the version to show and finds the place in it (`rag.records.alignment`). Nothing is shown
where the versions are different texts (the warning `halves_differ`) or the passage has no
counterpart. Not here: the quality of a translation.
"""

from __future__ import annotations

from index_store.store import IndexStore
from index_store.types import Document
from rag.records import alignment
from rag.records.description import differs
from rag.types import Counterpart


def find(document: Document, start: int, end: int, store: IndexStore) -> Counterpart | None:
    """The part of another version of the record that corresponds to the text at [start:end].

    Of several versions the original is preferred, then a human translation, then the first id.
    None where no version has a counterpart.
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
