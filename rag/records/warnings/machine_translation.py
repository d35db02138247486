"""`machine_translation`: a machine translated the text."""

from __future__ import annotations

from collections.abc import Iterator

from index_store.types import Document, DocumentWarning


def check(document: Document) -> Iterator[DocumentWarning]:
    """The warning, where it applies."""
    if document.translator == "AI":
        yield DocumentWarning(
            "machine_translation", "This text was translated by a machine; quote the original."
        )
