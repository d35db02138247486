"""Copies of one text in an archive: the `duplicate` warning, kept true of what is stored.

Which documents are copies depends on all the others, so the warning is settled after each
change of the store, not when a file is read. Not here: near-duplicates.
"""

from __future__ import annotations

from index_store.store import IndexStore
from index_store.types import Document, DocumentWarning

CODE = "duplicate"


def mark(store: IndexStore) -> None:
    """Give each copy of a text the warning, and take it from what is a copy no longer."""
    groups = store.copies()
    wanted = {d.document_id: _warning(d, group) for group in groups for d in group}
    copies = [document for group in groups for document in group]
    changed = {}
    for document in (*copies, *store.warned(CODE)):
        others = tuple(w for w in document.warnings if w.code != CODE)
        warning = wanted.get(document.document_id)
        warnings = (*others, warning) if warning else others
        if warnings != document.warnings:
            changed[document.document_id] = warnings
    if changed:
        store.set_warnings(changed)


def _warning(document: Document, group: list[Document]) -> DocumentWarning:
    others = ", ".join(d.document_id for d in group if d.document_id != document.document_id)
    return DocumentWarning(CODE, f"The same text stands in {others}.")
