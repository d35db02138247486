"""Layouts and names of pictures in the tables of the catalogue.

Not here: how a layout becomes blobs (`layouts`), the pictures' files (`index_store.pictures`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any

from index_store.catalogue.connection import CatalogueConnection, Place
from index_store.catalogue.engines.engine import AMONG, Engine
from index_store.catalogue.layouts import WordColumns, layout_digest, packed, unpacked_pages
from index_store.catalogue.rows import damaged, no_document
from index_store.layout import Layout, Page
from index_store.pictures import StoredPicture
from index_store.types import Document

_MAX_KEPT = 4_000_000
"""Words, and pages by ten, of the layouts that are kept unpacked, in some 100 MB."""


class LayoutReading(CatalogueConnection):
    """The part of the catalogue that tells of pages.

    Its methods raise StoreCorrupt for damaged content and StoreError when it cannot be read.
    """

    def __init__(self, place: Place, *, write: bool = False) -> None:
        super().__init__(place, write=write)
        # Those unpacked last, by row and digest, pages without pictures.
        self._unpacked: dict[tuple[int, str], tuple[tuple[Page, ...], WordColumns]] = {}

    def has_layouts(self) -> bool:
        """False in a store made before there were layouts, until its next writer."""
        return self.engine.has("layouts")

    def layout(
        self, document_id: str, start: int = 0, end: int | None = None, below: float | None = None
    ) -> Layout | None:
        """The pages of a document, and the words in `text[start:end]`.

        With `below` of the words only those that were read with less confidence, and the first of
        each page. None where it has no layout. Raises NotStored.
        """
        with self.snapshot():
            if not self.rows("SELECT 1 FROM documents WHERE document_id = ?", [document_id]):
                raise no_document(document_id, self.place)
            found = self._layout("d.document_id = ?", [document_id])
        if found is None:
            return None
        pages, words = found
        return Layout(pages, words.between(start, math.inf if end is None else end, below))

    def layouts_of(
        self, document: Document, spans: Sequence[tuple[int, int]]
    ) -> list[Layout] | None:
        """For each span of the text its layout: all pages, and the words in the span.

        None where there is no layout, or where the document has been replaced meanwhile.
        """
        values = [document.document_id, document.sha256]
        with self.snapshot():
            found = self._layout("d.document_id = ? AND d.sha256 = ?", values)
        if found is None:
            return None
        pages, words = found
        return [Layout(pages, words.between(*span)) for span in spans]

    def pages(self, document_id: str) -> tuple[Page, ...]:
        """The pages of a document's layout, () where it has none."""
        with self.snapshot():
            row = self._row("d.document_id = ?", [document_id])
            if row is None:
                return ()
            kept = self._unpacked.get(row[:2])
            return self._drawn(row[0], kept[0] if kept else unpacked_pages(self._blobs(*row)[0]))

    def _layout(
        self, condition: str, values: Sequence[Any]
    ) -> tuple[tuple[Page, ...], WordColumns] | None:
        """The pages and the words of one document. Raises StoreCorrupt."""
        row = self._row(condition, values)
        if row is None:
            return None
        kept = self._unpacked.pop(row[:2], None)
        if kept is None:
            pages, words = self._blobs(*row)
            kept = unpacked_pages(pages), WordColumns.of(words)
        self._unpacked[row[:2]] = kept  # the last
        while sum(len(w.sure) + 10 * len(p) for p, w in self._unpacked.values()) > _MAX_KEPT:
            del self._unpacked[next(iter(self._unpacked))]
        return self._drawn(row[0], kept[0]), kept[1]

    def _row(self, condition: str, values: Sequence[Any]) -> tuple[int, str, str] | None:
        """Row, digest of the layout and id of one document, None where it has no layout."""
        if not self.has_layouts():
            return None
        rows = self.rows(
            "SELECT d.row, l.digest, d.document_id FROM documents AS d"
            f" JOIN layouts AS l USING (row) WHERE {condition}",
            values,
        )
        return rows[0] if rows else None

    def _blobs(self, row: int, stored: str, document_id: str) -> tuple[bytes, bytes]:
        """The packed pages and words of one document. Raises StoreCorrupt."""
        ((pages, words),) = self.rows("SELECT pages, words FROM layouts WHERE row = ?", [row])
        if layout_digest(pages, words) != stored:
            raise damaged(document_id)
        return pages, words

    def _drawn(self, row: int, pages: tuple[Page, ...]) -> tuple[Page, ...]:
        """The pages with the names of their pictures."""
        names = dict(self.rows("SELECT page, name FROM pictures WHERE document = ?", [row]))
        return tuple(
            replace(page, picture=names[n]) if n in names else page for n, page in enumerate(pages)
        )

    def page_count(self) -> int:
        """The number of pages of all layouts."""
        if not self.has_layouts():
            return 0
        return int(self.rows("SELECT coalesce(sum(page_count), 0) FROM layouts")[0][0])

    def pictures(self, name: str | None = None) -> dict[str, StoredPicture]:
        """What was written of each picture that a document names, or of one of them, by name."""
        if not self.has_layouts():
            return {}
        sql = "SELECT DISTINCT name, sha256, large_sha256, size, large_size FROM pictures"
        rows = self.rows(sql) if name is None else self.rows(sql + " WHERE name = ?", [name])
        return {row[0]: StoredPicture(*row[1:]) for row in rows}

    def holders_of_pictures(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Id and path of the documents whose pages have one of these pictures, by id."""
        return self.rows(
            "SELECT DISTINCT d.document_id, d.path FROM documents AS d JOIN pictures AS p"
            f" ON p.document = d.row WHERE p.name {AMONG} ORDER BY d.document_id",
            [list(names)],
        )


def insert_layout(
    engine: Engine,
    row: int,
    layout: Layout,
    pictures: Mapping[str, StoredPicture],
) -> None:
    """Adds the layout of the document in `row`, with the pictures of its pages."""
    pages, words = packed(layout)
    values = (row, len(layout.pages), pages, words, layout_digest(pages, words))
    engine.execute("INSERT INTO layouts VALUES (?, ?, ?, ?, ?)", values)
    for number, page in enumerate(layout.pages):
        if page.picture is not None:
            stored = pictures[page.picture]
            engine.execute(
                "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row, number, page.picture, *astuple(stored)),
            )
