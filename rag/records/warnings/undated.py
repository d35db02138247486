"""`undated`: the document has no date."""

from __future__ import annotations

from collections.abc import Iterator

from index_store.types import Document, DocumentWarning


def check(document: Document) -> Iterator[DocumentWarning]:
    """The warning, where it applies."""
    if not (document.date or document.date_from or document.date_to):
        yield DocumentWarning("undated", "The document has no date; date filters leave it out.")
