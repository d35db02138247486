"""Short facts of a record: header text, record key, fields, whether its versions differ."""

from __future__ import annotations

from collections.abc import Sequence

from index_store.types import Document

DIFFERS = "halves_differ"
"""Code of the warning that the language versions of a record are different texts."""

NOT_GIVEN = "not given"
"""Shown for a field that the store does not have."""


def differs(document: Document) -> bool:
    """Whether the versions of its record were found to be different texts."""
    return any(warning.code == DIFFERS for warning in document.warnings)


def record_of(document: Document) -> str:
    """The key that the versions of one record share; its own id for a version that differs."""
    return document.document_id if differs(document) else document.record_id


def header_of(document: Document) -> str:
    """Title, people, place and dates, joined by spaces: words to find a document by, no text of
    it that could be quoted."""
    given = (document.title, document.author, document.recipient, document.place)
    when = (document.date_text, document.date)
    return " ".join(dict.fromkeys(value for value in (*given, *when) if value))


def field_values(document: Document, fields: Sequence[str]) -> dict[str, str]:
    """The values of the fields, `NOT_GIVEN` for missing ones; with a shelf-mark also the source."""
    wanted = list(fields)
    if "archival_ref" in wanted and "source" not in wanted:
        wanted.append("source")
    return {name: getattr(document, name) or NOT_GIVEN for name in wanted}
