"""Citations as CSL-JSON."""

from __future__ import annotations

import json
from typing import Any

from index_store.types import Document
from rag.citations.fields import date_words, persons, plain, scan_page, translation_note
from rag.dates import formatting
from rag.records import shelfmarks


def csl_json(document: Document, page: str | None = None) -> str:
    """A CSL-JSON list of one item."""
    scan = scan_page(document, page)
    mark = shelfmarks.parse(document.archival_ref) if document.archival_ref else None
    item: dict[str, Any] = {
        "id": document.document_id,
        "type": "personal_communication" if document.recipient else "document",
        "title": plain(document.title) or document.document_id,
        "author": [{"literal": name} for name in persons(document.author)],
        "recipient": [{"literal": name} for name in persons(document.recipient)],
        "issued": _issued(document),
        "event-place": plain(document.place),
        "container-title": plain(document.source),
        "collection-title": plain(document.collection),
        "archive": plain(mark.archive) if mark else "",
        "archive_location": plain(document.archival_ref),
        "page": "" if scan else plain(page),
        "language": document.lang,
        "note": " ".join(filter(None, [scan, translation_note(document)])),
    }
    given = {name: value for name, value in item.items() if value}
    return json.dumps([given], ensure_ascii=False, indent=2)


def _issued(document: Document) -> dict[str, Any]:
    numbers = formatting.parts(document.date) if document.date else None
    if document.date and numbers:
        issued: dict[str, Any] = {"date-parts": [list(point) for point in numbers]}
        return {**issued, "circa": True} if formatting.is_uncertain(document.date) else issued
    words = date_words(document, document.lang)
    return {"literal": words} if words else {}
