"""Layouts and names of pictures in the tables of the catalogue.

Not here: how a layout becomes blobs (`layouts`), the pictures' files (`index_store.pictures`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from index_store.catalogue.connection import CatalogueConnection
from index_store.catalogue.layouts import layout_digest, packed, unpacked_pages, unpacked_words
from index_store.catalogue.rows import damaged, no_document
from index_store.layout import Layout, Page
from index_store.pictures import StoredPicture
from index_store.types import Document


class LayoutReading(CatalogueConnection):
    """The part of the catalogue that tells of pages.

    Its methods raise StoreCorrupt for damaged content and StoreError when SQLite cannot read.
    """

    def has_layouts(self) -> bool:
        """False in a store of before there were layouts, until its next writer."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'layouts'"))

    def layout(self, document_id: str) -> Layout | None:
        """Where the words of a document stand, None where it does not tell. Raises NotStored."""
        with self.snapshot():
            if not self.rows("SELECT 1 FROM documents WHERE document_id = ?", [document_id]):
                raise no_document(document_id, self.directory)
            found = self._layout("d.document_id = ?", [document_id])
            if found is None:
                return None
            pages, words = found
        return Layout(pages, *unpacked_words(words))

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
        return [Layout(found[0], words) for words in unpacked_words(found[1], spans)]

    def pages(self, document_id: str) -> tuple[Page, ...]:
        """The pages of a document's layout, () where it has none."""
        with self.snapshot():
            found = self._layout("d.document_id = ?", [document_id])
        return found[0] if found else ()

    def _layout(
        self, condition: str, values: Sequence[Any]
    ) -> tuple[tuple[Page, ...], bytes] | None:
        """The pages and the packed words of one document. Raises StoreCorrupt."""
        if not self.has_layouts():
            return None
        rows = self.rows(
            "SELECT d.row, d.document_id, l.pages, l.words, l.digest FROM documents AS d"
            f" JOIN layouts AS l USING (row) WHERE {condition}",
            values,
        )
        if not rows:
            return None
        ((row, document_id, pages, words, stored),) = rows
        if layout_digest(pages, words) != stored:
            raise damaged(document_id)
        names = self.rows("SELECT page, name FROM pictures WHERE document = ?", [row])
        return unpacked_pages(pages, dict(names)), words

    def page_count(self) -> int:
        """The number of pages of all layouts."""
        if not self.has_layouts():
            return 0
        return int(self.rows("SELECT coalesce(sum(page_count), 0) FROM layouts")[0][0])

    def pictures(self, name: str | None = None) -> dict[str, StoredPicture]:
        """What was written of each picture that a document names, or of one of them, by name."""
        if not self.has_layouts():
            return {}
        rows = self.rows(
            "SELECT DISTINCT name, sha256, large_sha256, size, large_size FROM pictures"
            " WHERE ?1 IS NULL OR name = ?1",
            [name],
        )
        return {row[0]: StoredPicture(*row[1:]) for row in rows}

    def holders_of_pictures(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Id and path of the documents whose pages have one of these pictures, by id."""
        return self.rows(
            "SELECT DISTINCT d.document_id, d.path FROM documents AS d JOIN pictures AS p"
            " ON p.document = d.row WHERE p.name IN (SELECT value FROM json_each(?))"
            " ORDER BY d.document_id",
            [json.dumps(list(names))],
        )


def insert_layout(
    connection: sqlite3.Connection,
    row: int,
    layout: Layout,
    pictures: Mapping[str, StoredPicture],
) -> None:
    """Adds the layout of the document in `row`, with the pictures of its pages."""
    pages, words = packed(layout)
    values = (row, len(layout.pages), pages, words, layout_digest(pages, words))
    connection.execute("INSERT INTO layouts VALUES (?, ?, ?, ?, ?)", values)
    for number, page in enumerate(layout.pages):
        if page.picture is not None:
            stored = pictures[page.picture]
            connection.execute(
                "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row, number, page.picture, *astuple(stored)),
            )
