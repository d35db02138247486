"""Short facts of a record: header text, record key, fields, whether its versions differ."""

from __future__ import annotations

from collections.abc import Sequence

from index_store.types import Document

DIFFERS = "halves_differ"


def differs(document: Document) -> bool:
    """Whether the versions of its record were found to be different texts."""
    return any(warning.code == DIFFERS for warning in document.warnings)


def record_of(document: Document) -> str:
    """What joins the versions of one record; a half that does not match stands by itself."""
    apart = any(warning.code == "halves_differ" for warning in document.warnings)
    return document.document_id if apart else document.record_id


def header_of(document: Document) -> str:
    """Title, people, place and dates: what helps to find a document, never quotable text."""
    given = (document.title, document.author, document.recipient, document.place)
    when = (document.date_text, document.date)
    return " ".join(dict.fromkeys(value for value in (*given, *when) if value))


NOT_GIVEN = "not given"


def field_values(document: Document, fields: Sequence[str]) -> dict[str, str]:
    """What the store has for the fields asked; where a shelf-mark is asked, the source too."""
    wanted = list(fields)
    if "archival_ref" in wanted and "source" not in wanted:
        wanted.append("source")
    return {name: getattr(document, name) or NOT_GIVEN for name in wanted}
