"""The archive's documents as a table: searched, sorted, one page of it. Not here: its HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index_store.types import Document
from ui_assets.view.facets import first_year, last_year

ROWS = 50
COLUMNS = ("title", "date", "author", "lang", "archival_ref", "warnings")
_SEARCHED = (
    "title", "author", "recipient", "place", "collection", "source", "archival_ref",
    "document_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows; `sort` is a column, with "-" before it when descending. `first` and
    `last` count from 1 within `all`; `document` is the one to be pointed out."""

    rows: tuple[Document, ...]
    sort: str
    words: str
    year: int | None
    page: int
    all: int
    first: int
    last: int
    document: str


def table(documents: Sequence[Document], wanted: Mapping[str, Any]) -> Table:
    """The page that is wanted: `words`, `sort`, `year`, `page`, or the one with `document`."""
    words = str(wanted.get("words") or "").strip()
    year = int(wanted["year"]) if str(wanted.get("year") or "").isdigit() else None
    sort = str(wanted.get("sort") or "date")
    sort = sort if sort.removeprefix("-") in COLUMNS else "date"
    document = str(wanted.get("document") or "")
    kept = [d for d in documents if _has(d, words.casefold().split()) and _of(d, year)]
    name = sort.removeprefix("-")
    kept.sort(key=lambda d: d.document_id)
    kept.sort(key=lambda d: _key(d, name), reverse=sort.startswith("-"))
    page = int(wanted["page"]) if str(wanted.get("page") or "").isdigit() else 0
    for place, one in enumerate(kept):
        if one.document_id == document:
            page = place // ROWS
    page = max(0, min(page, (len(kept) - 1) // ROWS))
    rows = tuple(kept[page * ROWS : (page + 1) * ROWS])
    first = page * ROWS + 1 if rows else 0
    return Table(rows, sort, words, year, page, len(kept), first, page * ROWS + len(rows), document)


def _has(document: Document, words: Sequence[str]) -> bool:
    held = " ".join(str(getattr(document, name) or "") for name in _SEARCHED).casefold()
    return all(word in held for word in words)


def _of(document: Document, year: int | None) -> bool:
    first, last = first_year(document), last_year(document)
    return year is None or (first is not None and last is not None and first <= year <= last)


def _key(document: Document, name: str) -> tuple[bool, str]:
    """What has no value comes last."""
    if name == "warnings":
        return (False, f"{len(document.warnings):04}")
    value = document.date_from if name == "date" else getattr(document, name)
    return (not value, str(value or "").casefold())
