"""Reports of an ingest, a search, and a document that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index_store.layout import Page
from index_store.types import Document, DocumentWarning, Hit, Passage
from rag.types.requests import Filters


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of one, that could not be read."""

    path: str
    error: str
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {"path": self.path}
        if self.line is not None:
            out["line"] = self.line
        return {**out, "error": self.error}


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did; counts are of documents, `seconds` wall time."""

    added: int
    updated: int
    unchanged: int
    removed: int
    failed: int
    passages: int
    warnings: tuple[tuple[str, DocumentWarning], ...]
    failures: tuple[Failure, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "documents": {
                "added": self.added,
                "updated": self.updated,
                "unchanged": self.unchanged,
                "removed": self.removed,
                "failed": self.failed,
            },
            "passages": self.passages,
            "warnings": [{"document_id": d, **w.to_dict()} for d, w in self.warnings],
            "failures": [failure.to_dict() for failure in self.failures],
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    question: str
    hits: tuple[Hit, ...]
    filters: Filters
    seconds: Mapping[str, float]
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "question": self.question,
            "hits": [hit.to_dict() for hit in self.hits],
            "filters": self.filters.to_dict(),
            "seconds": dict(self.seconds),
        }
        if self.message:
            out["message"] = self.message
        return out


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A whole document with its passages."""

    document: Document
    passages: tuple[Passage, ...]
    marked: str | None = None

    def to_dict(self) -> dict[str, Any]:
        out = {
            **self.document.to_dict(),
            "text": self.document.text,
            "passages": [passage.to_dict() for passage in self.passages],
        }
        if self.document.pages:
            out["pages"] = [
                {"start": start, "label": label} for start, label in self.document.pages
            ]
        if self.marked is not None:
            out["marked"] = self.marked
        return out


@dataclass(frozen=True, slots=True)
class ShownPage:
    """Page `number` of `pages`, counted from 1.

    `page.picture` is the name of its picture, None where it has none.
    """

    document_id: str
    number: int
    pages: int
    page: Page

    def to_dict(self) -> dict[str, Any]:
        page = self.page
        return {
            "document_id": self.document_id,
            "page": self.number,
            "pages": self.pages,
            "label": page.label,
            "width": page.width,
            "height": page.height,
            "picture": page.picture,
        }


ReadItem = Document | Failure
"""What a reader yields: documents with the id they propose, and lines it could not read."""
