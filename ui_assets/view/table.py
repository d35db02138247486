"""The table of the archive's documents: search, order, pages. Not here: its HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index_store.types import Document
from ui_assets.view.facets import first_year, last_year

ROWS_PER_PAGE = 50
COLUMNS = ("title", "date", "author", "lang", "archival_ref", "warnings")
_SEARCHED_FIELDS = (
    "title", "author", "recipient", "place", "collection", "source", "archival_ref",
    "document_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows.

    `sort` is a column, with "-" before it for descending order. The rows are the documents
    `first` to `last` (from 1) of `all`; `document` is the ID of the one to highlight.
    """

    rows: tuple[Document, ...]
    sort: str
    words: str
    year: int | None
    page: int
    all: int
    first: int
    last: int
    document: str


def table(documents: Sequence[Document], params: Mapping[str, Any]) -> Table:
    """The page for `words`, `sort`, `year` and `page`, or the page with `document`.

    An unknown column or a malformed number is ignored.
    """
    words = str(params.get("words") or "").strip()
    year = int(params["year"]) if str(params.get("year") or "").isdigit() else None
    sort = str(params.get("sort") or "date")
    sort = sort if sort.removeprefix("-") in COLUMNS else "date"
    document = str(params.get("document") or "")
    kept = [
        d for d in documents if _has_words(d, words.casefold().split()) and _is_of_year(d, year)
    ]
    name = sort.removeprefix("-")
    kept.sort(key=lambda d: d.document_id)
    kept.sort(key=lambda d: _sort_key(d, name), reverse=sort.startswith("-"))
    page = int(params["page"]) if str(params.get("page") or "").isdigit() else 0
    for position, one in enumerate(kept):
        if one.document_id == document:
            page = position // ROWS_PER_PAGE
    page = max(0, min(page, (len(kept) - 1) // ROWS_PER_PAGE))
    rows = tuple(kept[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE])
    before = page * ROWS_PER_PAGE
    first, last = before + 1 if rows else 0, before + len(rows)
    return Table(rows, sort, words, year, page, len(kept), first, last, document)


def _has_words(document: Document, words: Sequence[str]) -> bool:
    text = " ".join(str(getattr(document, name) or "") for name in _SEARCHED_FIELDS).casefold()
    return all(word in text for word in words)


def _is_of_year(document: Document, year: int | None) -> bool:
    first, last = first_year(document), last_year(document)
    return year is None or (first is not None and last is not None and first <= year <= last)


def _sort_key(document: Document, name: str) -> tuple[bool, str]:
    """Documents without a value come last."""
    if name == "warnings":
        return (False, f"{len(document.warnings):04}")
    value = document.date_from if name == "date" else getattr(document, name)
    return (not value, str(value or "").casefold())
