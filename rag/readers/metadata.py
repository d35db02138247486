"""Metadata as people write it, made into a Document: for JSON Lines, CSV, front matter, sidecars.

Unknown fields are kept under `extra`. A language that is not given is UNKNOWN; `registry` detects
it. Not here: metadata that must be read out of a text (`rag.readers.record_page`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from index_store.types import Document
from rag import dates
from rag.errors import ReadError
from rag.records import shelfmarks
from rag.text.detection import UNKNOWN, is_language
from rag.text.languages import union

NAMES = frozenset(
    re.findall(
        r"\w+",
        "id _id document_id record_id lang title date date_text author recipient place source"
        " archival_ref collection kind translator text",
    )
)
"""Fields that a document has; others are kept under `extra`."""

_PLAIN = ("title", "author", "recipient", "place", "collection")
_LABELLED = ("source", "archival_ref")
_MACHINES = union(lambda x: x.documents.machine_translator)
_HUMANS = union(lambda x: x.documents.unnamed_translator)


def check_characters(record: Mapping[str, Any]) -> None:
    """ReadError naming the first field with a lone surrogate or NUL, which no text can hold."""
    for name, value in record.items():
        plain = json.dumps([name, value], ensure_ascii=False, default=str)
        try:
            plain.encode("utf-8")
        except UnicodeEncodeError as error:
            half = rf"\u{ord(plain[error.start]):04x}"
            field = name.encode("utf-8", "backslashreplace").decode()
            raise ReadError(
                f"{field!r} holds half a character ({half}); export the record again as UTF-8"
            ) from error
        if r"\u0000" in plain and _has_nul(value):
            raise ReadError(f"{name!r} holds a NUL character; remove it")


def _has_nul(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_has_nul(part) for part in value)
    return isinstance(value, str) and "\x00" in value


def document(record: Mapping[str, Any], fallback_id: str, path: str) -> Document:
    """The document of a record with a `text`; ReadError where there is none.

    The id is the record's `id` (or `_id`, `document_id`), else the fallback. Its `lang` is UNKNOWN
    where the record does not give one.
    """
    check_characters(record)
    text = record.get("text")
    if text is None:
        raise ReadError("no field text; every document needs one")
    if not isinstance(text, str):
        raise ReadError(f"text is {type(text).__name__}, not a string; put the text in quotes")
    if not text.strip():
        raise ReadError("text is empty; remove the record or give its text")
    ids = (plain(record.get(name)) for name in ("id", "_id", "document_id"))
    document_id = next((i for i in ids if i), fallback_id)
    blank = Document(document_id, document_id, UNKNOWN, text, path=path)
    return corrected(blank, record)


def corrected(old: Document, record: Mapping[str, Any]) -> Document:
    """The document with what the record gives, ids and text aside; None clears a field."""
    changes: dict[str, Any] = {}
    extra = dict(old.extra)
    for name, value in record.items():
        if name in _PLAIN:
            changes[name] = plain(value)
        elif name in _LABELLED:
            given = plain(value)
            changes[name] = shelfmarks.strip_label(given) or None if given else None
        elif name == "record_id" and plain(value):
            changes[name] = plain(value)
        elif name not in NAMES and value not in (None, ""):
            extra[name] = value
    if "title" in changes:
        changes["title"] = changes["title"] or ""
    _language(record, changes, extra)
    _origin(record, changes, extra)
    if "date" in record or "date_text" in record:
        _date(record, changes)
    return replace(old, **changes, extra=extra)


def plain(value: Any) -> str | None:
    """A field as text: numbers as digits, lists joined by "; ", nothing as None."""
    if isinstance(value, list):
        return "; ".join(filter(None, map(plain, value))) or None
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None


def _language(record: Mapping[str, Any], changes: dict[str, Any], extra: dict[str, Any]) -> None:
    given = plain(record.get("lang"))
    if given and is_language(given.lower()):
        changes["lang"] = given.lower()
    elif given:
        extra["lang"] = given


def _origin(record: Mapping[str, Any], changes: dict[str, Any], extra: dict[str, Any]) -> None:
    """Original or translation, and by whom: a translator's name is kept under `extra`."""
    translator = plain(record.get("translator"))
    if translator:
        machine = translator.lower() in _MACHINES
        changes["translator"] = "AI" if machine else "human"
        changes["kind"] = "translation"
        if not machine and translator.lower() not in _HUMANS:
            extra["translator"] = translator
    kind = plain(record.get("kind"))
    if kind and kind.lower() in ("original", "translation"):
        changes["kind"] = kind.lower()
        if kind.lower() == "original":
            changes["translator"] = None
    elif kind:
        extra["kind"] = kind


def _date(record: Mapping[str, Any], changes: dict[str, Any]) -> None:
    """EDTF and days where the date can be read; only as written where it cannot."""
    given, written = plain(record.get("date")), plain(record.get("date_text"))
    date = dates.parse(given or written or "")
    first, last = (date.first, date.last) if date else (None, None)
    changes["date"] = date.edtf if date else None
    changes["date_from"] = first.isoformat() if first else None
    changes["date_to"] = last.isoformat() if last else None
    changes["date_text"] = written or given
