"""Conversion between dataclasses and rows of the catalogue; filters as SQL.

Pure functions without a connection.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from index_store.catalogue.engines.engine import AMONG, NOT_AMONG
from index_store.catalogue.entry import check_day
from index_store.catalogue.schema import digest
from index_store.errors import NotStored, StoreCorrupt
from index_store.types import Document, DocumentWarning, Filter, Passage

PLAIN = (
    "document_id", "record_id", "lang", "kind", "translator", "title", "date", "date_from",
    "date_to", "date_text", "author", "recipient", "place", "collection", "source",
    "archival_ref", "path", "sha256",
)  # fmt: skip
JSON_COLUMNS = ("warnings", "pages", "extra")
COLUMNS = ", ".join(f"d.{name}" for name in (*PLAIN, *JSON_COLUMNS))
VALUE_FIELDS = frozenset(
    {"lang", "kind", "translator", "author", "recipient", "place", "collection", "source"}
)
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


def text_sha256(text: str) -> str:
    """The hash of a text as UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def dump(value: Any) -> str:
    """JSON as it is stored."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def json_columns(document: Document) -> tuple[str, str, str]:
    """Warnings, pages and extra as stored, in the order of JSON_COLUMNS."""
    return (
        dump([[warning.code, warning.message] for warning in document.warnings]),
        dump([[offset, label] for offset, label in document.pages]),
        dump(dict(document.extra)),
    )


def document_digest(
    plain: tuple[Any, ...],
    texts: tuple[str, str, str],
    spans: list[tuple[str, int, int, int]],
) -> str:
    """SHA-256 over every stored field of a document and of its passages, except the vectors.

    `plain` has the columns PLAIN and JSON_COLUMNS, `texts` the text, header and search key,
    `spans` (passage id, ordinal, start, end) of each passage, in any order.
    """
    return digest(plain, texts, sorted(spans, key=lambda span: (span[1], span[0])))


def document_columns(document: Document) -> tuple[Any, ...]:
    """The columns PLAIN and JSON_COLUMNS of a document."""
    return (*(getattr(document, name) for name in PLAIN), *json_columns(document))


def to_document(row: tuple[Any, ...], text: str) -> Document:
    """A document from a row that begins with COLUMNS, and its text ("" when not wanted)."""
    fields = dict(zip(PLAIN, row, strict=False))
    try:
        warnings, pages, extra = map(_parsed, row[len(PLAIN) : len(PLAIN) + 3])
    except ValueError as error:
        raise damaged(row[0]) from error
    return Document(
        **fields,
        text=text,
        warnings=tuple(DocumentWarning(code, message) for code, message in warnings),
        pages=tuple((offset, label) for offset, label in pages),
        extra=extra,
    )


def _parsed(value: str) -> Any:
    """The value of a JSON column. Most are empty, and there may be 100,000 to read at once."""
    return [] if value == "[]" else {} if value == "{}" else json.loads(value)


def damaged(document_id: str) -> StoreCorrupt:
    """The error for a document that is not as it was written."""
    return StoreCorrupt(
        f"document {document_id}: what is stored is not what was written; run `fonds doctor`"
    )


def no_document(document_id: str, place: object) -> NotStored:
    """The error for a document that is not stored."""
    return NotStored(
        f"no document {document_id!r} in the store {place}; `fonds list` shows the ids"
    )


def to_passage(row: tuple[str, int, int, int], document_id: str, text: str) -> Passage:
    """A passage from (id, ordinal, start, end) and the text of its document."""
    passage_id, ordinal, start, end = row
    return Passage(passage_id, document_id, ordinal, start, end, text[start:end])


def where(filter: Filter) -> tuple[str, list[Any]]:
    """A condition on `documents AS d` with its parameters. Raises StoreError for a bad day."""
    clauses, values = ["1 = 1"], list[Any]()
    if filter.date_from is not None or filter.date_to is not None:
        for day in (filter.date_from, filter.date_to):
            if day is not None:
                check_day(day, "filter")
        clauses.append("(d.date_from IS NOT NULL OR d.date_to IS NOT NULL)")
        clauses.append(f"coalesce(d.date_from, '{FIRST_DAY}') <= ?")
        clauses.append(f"coalesce(d.date_to, '{LAST_DAY}') >= ?")
        values += [filter.date_to or LAST_DAY, filter.date_from or FIRST_DAY]
    for column, value in (("lang", filter.lang), ("kind", filter.kind)):
        if value is not None:
            clauses.append(f"d.{column} = ?")
            values.append(value)
    for column, choices in (
        ("author", filter.authors),
        ("recipient", filter.recipients),
        ("collection", filter.collections),
        ("document_id", filter.documents),
    ):
        if choices is not None:
            clauses.append(f"d.{column} {AMONG}")
            values.append(choices)
    if filter.exclude:
        clauses.append(f"d.document_id {NOT_AMONG}")
        values.append(filter.exclude)
    return " AND ".join(clauses), values
