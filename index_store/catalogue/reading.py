"""Reading the catalogue: documents, passages, search keys and file states.

Everything is stored here; the indexes can be rebuilt from it. Not here: the connection
(`connection`), layouts (`layout_rows`), writing (`writing`), ranking.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.connection import Place
from index_store.catalogue.engines.engine import AMONG
from index_store.catalogue.entry import FileState
from index_store.catalogue.layout_rows import LayoutReading
from index_store.catalogue.rows import (
    COLUMNS,
    JSON_COLUMNS,
    PLAIN,
    VALUE_FIELDS,
    damaged,
    document_digest,
    no_document,
    text_sha256,
    to_document,
    to_passage,
    where,
)
from index_store.catalogue.schema import digest
from index_store.errors import NotStored, StoreError
from index_store.types import Document, Filter, Passage

Table = Literal["passages", "documents"]
"""The tables with a lexical index each."""

_ID_COLUMNS = {"passages": "passage_id", "documents": "document_id"}
_DOCUMENT_WIDTH = len(PLAIN) + len(JSON_COLUMNS)  # columns
_MAX_INTACT = 200_000  # documents
_PASSAGE = 'p.passage_id, p.ordinal, p.start, p."end"'


class Catalogue(LayoutReading):
    """The catalogue at `place`, for reading; safe to share between threads.

    Its methods raise StoreCorrupt for damaged content and StoreError when it cannot be read.
    """

    def __init__(self, place: Place, *, write: bool = False) -> None:
        super().__init__(place, write=write)
        self._intact: dict[int, str] = {}  # digests of the documents found intact, by row

    # -- documents -----------------------------------------------------------------------

    def document(self, document_id: str) -> Document:
        """The whole document. Raises NotStored."""
        found = self._documents("d.document_id = ?", [document_id])
        if not found:
            raise no_document(document_id, self.place)
        return found[0]

    def record(self, record_id: str) -> list[Document]:
        """All language versions of a record, whole, by id."""
        return self._documents("d.record_id = ?", [record_id])

    def documents(self, filter: Filter, limit: int | None, offset: int) -> list[Document]:
        """The documents that meet the filter, without text, by date (undated last) and id.

        At most `limit` of them, after the first `offset`.
        """
        condition, values = where(filter)
        most = sys.maxsize if limit is None else min(limit, sys.maxsize)
        rows = self.rows(
            f"SELECT {COLUMNS} FROM documents AS d WHERE {condition}"
            " ORDER BY coalesce(d.date_from, '9999'), d.document_id LIMIT ? OFFSET ?",
            [*values, most, min(offset, sys.maxsize)],
        )
        return [to_document(row, "") for row in rows]

    def _documents(self, condition: str, values: Sequence[Any]) -> list[Document]:
        with self.snapshot():
            return [document for _, document in self._checked(condition, values)]

    def _checked(self, condition: str, values: Sequence[Any]) -> Iterator[tuple[int, Document]]:
        """Rows and whole documents, by id. Raises StoreCorrupt for one that is not as written.

        The text is checked against its hash each time, all else when first read by this process.
        """
        for found in self.rows(
            f"SELECT {COLUMNS}, t.text, d.row, d.text_sha256, d.digest FROM documents AS d"
            f" JOIN texts AS t USING (row) WHERE {condition} ORDER BY d.document_id",
            values,
        ):
            text, row, text_hash, whole_digest = found[_DOCUMENT_WIDTH:]
            if text_sha256(text) != text_hash:
                raise damaged(found[0])
            if self._intact.get(row) != whole_digest:
                self._check_whole(row, found[:_DOCUMENT_WIDTH], text, whole_digest)
            yield row, to_document(found, text)

    def _check_whole(self, row: int, plain: tuple[Any, ...], text: str, whole_digest: str) -> None:
        others = self.rows(
            "SELECT t.header, s.search_key FROM texts AS t JOIN search_keys AS s USING (row)"
            " WHERE t.row = ?",
            [row],
        )
        spans = self.rows(
            'SELECT passage_id, ordinal, start, "end" FROM passages WHERE document = ?', [row]
        )
        if not others or document_digest(plain, (text, *others[0]), spans) != whole_digest:
            raise damaged(plain[0])
        if len(self._intact) >= _MAX_INTACT:
            self._intact.clear()
        self._intact[row] = whole_digest

    def holder(self, document_id: str) -> tuple[str, str] | None:
        """Path and hash of a document, None when it is not stored."""
        rows = self.rows("SELECT path, sha256 FROM documents WHERE document_id = ?", [document_id])
        return rows[0] if rows else None

    def texts_after(self, row: int) -> Iterator[tuple[int, str]]:
        """Row and text of the documents whose row is greater, a hundred in memory at a time."""
        while page := self.rows(
            "SELECT row, text FROM texts WHERE row > ? ORDER BY row LIMIT 100", [row]
        ):
            row = page[-1][0]
            yield from page

    def search_keys(self) -> Iterator[tuple[str, str, str, str]]:
        """Id, language, hash of the text and search key of all documents, page by page."""
        after = -1
        while page := self.rows(
            "SELECT d.row, d.document_id, d.lang, d.text_sha256, s.search_key FROM documents AS d"
            " JOIN search_keys AS s USING (row) WHERE d.row > ? ORDER BY d.row LIMIT 100",
            [after],
        ):
            after = page[-1][0]
            yield from (tuple(row[1:]) for row in page)

    def texts_sha256(self) -> str:
        """A hash of the texts with their ids, languages and warnings."""
        return digest(
            self.rows(
                "SELECT document_id, lang, text_sha256, warnings FROM documents"
                " ORDER BY document_id"
            )
        )

    def copies(self) -> list[list[Document]]:
        """Groups of documents, without text, whose texts are equal."""
        rows = self.rows(
            f"SELECT {COLUMNS}, d.text_sha256 FROM documents AS d WHERE d.text_sha256 IN"
            " (SELECT text_sha256 FROM documents GROUP BY text_sha256 HAVING count(*) > 1)"
            " ORDER BY d.text_sha256, d.document_id"
        )
        groups: dict[str, list[Document]] = {}
        for row in rows:
            groups.setdefault(row[_DOCUMENT_WIDTH], []).append(to_document(row, ""))
        return list(groups.values())

    def versions(self) -> list[list[Document]]:
        """Documents, without text, of the records in several languages, record by record."""
        rows = self.rows(
            f"SELECT {COLUMNS} FROM documents AS d WHERE d.record_id IN"
            " (SELECT record_id FROM documents GROUP BY record_id HAVING count(DISTINCT lang) > 1)"
            " ORDER BY d.record_id, d.document_id"
        )
        documents = (to_document(row, "") for row in rows)
        return [list(group) for _, group in groupby(documents, key=lambda d: d.record_id)]

    def warned(self, code: str) -> list[Document]:
        """Documents, without text, that carry a warning of this code."""
        rows = self.rows(
            f"SELECT {COLUMNS} FROM documents AS d WHERE d.warnings LIKE ? ORDER BY d.document_id",
            [f"%{code}%"],
        )
        found = (to_document(row, "") for row in rows)
        return [d for d in found if any(warning.code == code for warning in d.warnings)]

    def document_rows(self, filter: Filter) -> NDArray[np.int64]:
        """Rows of the documents that meet the filter, ascending."""
        condition, values = where(filter)
        rows = self.rows(
            f"SELECT d.row FROM documents AS d WHERE {condition} ORDER BY d.row", values
        )
        return np.fromiter((row for (row,) in rows), dtype=np.int64, count=len(rows))

    # -- passages ------------------------------------------------------------------------

    def passages(self, document_id: str) -> list[Passage]:
        """The passages of a document in order. Raises NotStored."""
        text = self.document(document_id).text
        rows = self.rows(
            f"SELECT {_PASSAGE} FROM passages AS p JOIN documents AS d ON d.row = p.document"
            " WHERE d.document_id = ? ORDER BY p.ordinal, p.passage_id",
            [document_id],
        )
        return [to_passage(row, document_id, text) for row in rows]

    def passage(self, passage_id: str) -> Passage:
        """One passage. Raises NotStored."""
        found = self.with_documents([passage_id])
        if not found:
            raise NotStored(
                f"no passage {passage_id!r} in the store {self.place};"
                " `fonds show DOCUMENT_ID --json` lists a document's passages"
            )
        return found[passage_id][0]

    def with_documents(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Those of the passages that are stored, each with its whole document."""
        with self.snapshot():
            places = self.rows(
                f"SELECT {_PASSAGE}, p.document FROM passages AS p WHERE p.passage_id {AMONG}",
                [list(passage_ids)],
            )
            wanted = sorted({place[4] for place in places})
            documents = dict(self._checked(f"d.row {AMONG}", [wanted]))
        return {
            place[0]: (
                to_passage(place[:4], documents[place[4]].document_id, documents[place[4]].text),
                documents[place[4]],
            )
            for place in places
        }

    def ids_of_rows(self, table: Table, rows: Sequence[int]) -> dict[int, str]:
        """Ids by row, of those rows of the table that are stored."""
        found = self.rows(
            f"SELECT row, {_ID_COLUMNS[table]} FROM {table} WHERE row {AMONG}",
            [[int(row) for row in rows]],
        )
        return dict(found)

    def all_ids(self, table: Table) -> dict[int, str]:
        """The ids of all rows of the table, by row."""
        return dict(self.rows(f"SELECT row, {_ID_COLUMNS[table]} FROM {table}"))

    def rows_of_ids(self, passage_ids: Sequence[str]) -> dict[str, int]:
        """Passage rows by id, of those that are stored."""
        found = self.rows(
            f"SELECT passage_id, row FROM passages WHERE passage_id {AMONG}", [list(passage_ids)]
        )
        return dict(found)

    def count(self, table: str) -> int:
        """The number of rows of a table."""
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    # -- finding -------------------------------------------------------------------------

    def key_rows(self) -> list[int]:
        """Rows of the documents that have a search key."""
        return [row for (row,) in self.rows("SELECT row FROM search_keys")]

    def keys_after(self, row: int) -> dict[int, str]:
        """Search keys, by row, of the documents whose row is greater."""
        return dict(self.rows("SELECT row, search_key FROM search_keys WHERE row > ?", [row]))

    def containing(self, search_key: str, document_id: str | None) -> list[str]:
        """Ids, sorted, of the documents whose search key contains this one; of one or of all."""
        sql = (
            "SELECT d.document_id FROM documents AS d JOIN search_keys AS s USING (row)"
            " WHERE instr(s.search_key, ?) > 0"
        )
        values = [search_key]
        if document_id is not None:
            sql += " AND d.document_id = ?"
            values.append(document_id)
        return sorted(row for (row,) in self.rows(sql, values))

    def written_at(self, places: Sequence[str]) -> list[str]:
        """Ids, sorted, of the documents with one of these values as their place."""
        found = self.rows(f"SELECT document_id FROM documents WHERE place {AMONG}", [list(places)])
        return sorted(name for (name,) in found)

    def titled(self, title: str) -> list[str]:
        """Ids of the documents with this title, by date (undated last) and id."""
        found = self.rows(
            "SELECT document_id FROM documents WHERE title = ?"
            " ORDER BY coalesce(date_from, '9999'), document_id",
            [title],
        )
        return [name for (name,) in found]

    def values(self, field: str) -> list[str]:
        """The distinct values of a field, sorted. Raises StoreError for one without such a list."""
        if field not in VALUE_FIELDS:
            raise StoreError(f"no list of {field!r}; known are {', '.join(sorted(VALUE_FIELDS))}")
        rows = self.rows(f"SELECT DISTINCT {field} FROM documents WHERE {field} IS NOT NULL")
        return sorted(row for (row,) in rows)

    # -- files ---------------------------------------------------------------------------

    def files(self, path: str | None = None) -> list[FileState]:
        """All file states by path, or the one of `path`."""
        sql = "SELECT path, sha256, document_ids, complete FROM files"
        rows = (
            self.rows(f"{sql} ORDER BY path")
            if path is None
            else self.rows(f"{sql} WHERE path = ?", [path])
        )
        return [
            FileState(name, sha256, tuple(json.loads(ids)), bool(complete))
            for name, sha256, ids, complete in rows
        ]
