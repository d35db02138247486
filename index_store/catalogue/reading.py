"""The catalogue read: documents, passages, vectors and file states out of SQLite.

The catalogue is the only truth; the indexes can be rebuilt from it. Writing is in `writing`,
ranking elsewhere. Safe to share between threads.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.entry import FileState
from index_store.catalogue.rows import (
    COLUMNS,
    PLAIN,
    VALUE_FIELDS,
    damaged,
    document_digest,
    text_sha256,
    to_document,
    to_passage,
    where,
)
from index_store.catalogue.schema import connect, digest, read_manifest, read_meta
from index_store.errors import NotStored, StoreCorrupt, StoreError
from index_store.types import Document, Filter, Manifest, Passage

Table = Literal["passages", "documents"]  # what has rows, and a lexical index of its own

KEPT = "kept:"  # marks the texts of `keep` among the manifest's values
_WIDTH = len(PLAIN) + 3  # the columns that make a document
_MOST_INTACT = 200_000
_PASSAGE = 'p.passage_id, p.ordinal, p.start, p."end"'


class Catalogue:
    """Reading access to the catalogue of `directory`. Raises StoreCorrupt for damaged content."""

    def __init__(self, directory: Path, *, write: bool = False) -> None:
        self.directory = directory
        self.lock = threading.RLock()
        self.connection = connect(directory, write=write)
        self._intact: dict[int, str] = {}  # documents found intact, by row, with their digests

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several reads of one state, whatever another process commits meanwhile."""
        with self.lock:
            if self._reading():
                yield
                return
            self.rows("BEGIN")
            try:
                yield
            finally:
                if self._reading():  # damage can end it
                    self.rows("COMMIT")

    def _reading(self) -> bool:
        return self.connection.in_transaction

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """All rows of a query, under the lock; SQLite's faults become ours."""
        with self.lock:
            try:
                return self.connection.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                told = str(error)
                if "decode" in told:  # a flipped bit can make a text no UTF-8
                    what = "a stored text is damaged"
                elif isinstance(error, sqlite3.OperationalError) and "no such" not in told:
                    raise StoreError(
                        f"{self.directory}: the catalogue cannot be read: {error}"
                    ) from error
                else:  # or a table another
                    what = "the catalogue is damaged"
                raise StoreCorrupt(
                    f"{self.directory}: {what} ({error}); run `fonds doctor`"
                ) from error

    # -- state ---------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        with self.lock:
            return read_meta(self.connection, self.directory)

    def kept(self, name: str) -> str | None:
        """A text that was put beside the documents with `keep`."""
        with self.lock:
            return read_meta(self.connection, self.directory, KEPT + name).get(KEPT + name)

    def generation(self) -> int:
        """Rises with each commit that changes documents."""
        return int(self.rows("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def data_version(self) -> int:
        """Changes when another process has committed anything."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def has_tables(self) -> bool:
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"))

    def manifest(self) -> Manifest:
        with self.lock:
            return read_manifest(self.connection, self.directory)

    # -- documents -----------------------------------------------------------------------

    def document(self, document_id: str) -> Document:
        found = self._documents("d.document_id = ?", [document_id])
        if not found:
            raise NotStored(
                f"no document {document_id!r} in the store {self.directory};"
                " `fonds list` shows the ids"
            )
        return found[0]

    def record(self, record_id: str) -> list[Document]:
        return self._documents("d.record_id = ?", [record_id])

    def documents(self, filter: Filter) -> list[Document]:
        """Without text, by date (undated last) and id."""
        condition, values = where(filter)
        rows = self.rows(
            f"SELECT {COLUMNS} FROM documents AS d WHERE {condition}"
            " ORDER BY coalesce(d.date_from, '9999'), d.document_id",
            values,
        )
        return [to_document(row, "") for row in rows]

    def _documents(self, condition: str, values: Sequence[Any]) -> list[Document]:
        with self.snapshot():
            return [document for _, document in self._checked(condition, values)]

    def _checked(self, condition: str, values: Sequence[Any]) -> Iterator[tuple[int, Document]]:
        """Rows and whole documents, by id. Raises StoreCorrupt for one that is not as written.

        The text is held against its hash each time, all else when first read by this process.
        """
        for found in self.rows(
            f"SELECT {COLUMNS}, t.text, d.row, d.text_sha256, d.digest FROM documents AS d"
            f" JOIN texts AS t USING (row) WHERE {condition} ORDER BY d.document_id",
            values,
        ):
            text, row, text_hash, seal = found[_WIDTH:]
            if text_sha256(text) != text_hash:
                raise damaged(found[0])
            if self._intact.get(row) != seal:
                self._check_whole(row, found[:_WIDTH], text, seal)
            yield row, to_document(found, text)

    def _check_whole(self, row: int, plain: tuple[Any, ...], text: str, seal: str) -> None:
        others = self.rows(
            "SELECT t.header, s.search_key FROM texts AS t JOIN search_keys AS s USING (row)"
            " WHERE t.row = ?",
            [row],
        )
        spans = self.rows(
            'SELECT passage_id, ordinal, start, "end" FROM passages WHERE document = ?', [row]
        )
        if not others or document_digest(plain, (text, *others[0]), spans) != seal:
            raise damaged(plain[0])
        if len(self._intact) >= _MOST_INTACT:
            self._intact.clear()
        self._intact[row] = seal

    def holder(self, document_id: str) -> tuple[str, str] | None:
        """Path and hash of a document, None when it is not stored."""
        rows = self.rows("SELECT path, sha256 FROM documents WHERE document_id = ?", [document_id])
        return rows[0] if rows else None

    def texts(self) -> Iterator[str]:
        """The texts of all documents, a hundred in memory at a time."""
        after = -1
        while page := self.rows(
            "SELECT row, text FROM texts WHERE row > ? ORDER BY row LIMIT 100", [after]
        ):
            after = page[-1][0]
            yield from (text for _, text in page)

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
        """Of the texts with their ids, languages and warnings."""
        return digest(
            self.rows(
                "SELECT document_id, lang, text_sha256, warnings FROM documents"
                " ORDER BY document_id"
            )
        )

    def copies(self) -> list[list[Document]]:
        """Documents of equal text, without it, group by group."""
        rows = self.rows(
            f"SELECT {COLUMNS}, d.text_sha256 FROM documents AS d WHERE d.text_sha256 IN"
            " (SELECT text_sha256 FROM documents GROUP BY text_sha256 HAVING count(*) > 1)"
            " ORDER BY d.text_sha256, d.document_id"
        )
        groups: dict[str, list[Document]] = {}
        for row in rows:
            groups.setdefault(row[_WIDTH], []).append(to_document(row, ""))
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
            f"SELECT {COLUMNS} FROM documents AS d, json_each(d.warnings) AS w"
            " WHERE json_extract(w.value, '$[0]') = ? ORDER BY d.document_id",
            [code],
        )
        return [to_document(row, "") for row in rows]

    def document_rows(self, filter: Filter) -> NDArray[np.int64]:
        """Rows of the documents that meet the filter, ascending."""
        condition, values = where(filter)
        rows = self.rows(
            f"SELECT d.row FROM documents AS d WHERE {condition} ORDER BY d.row", values
        )
        return np.fromiter((row for (row,) in rows), dtype=np.int64, count=len(rows))

    # -- passages ------------------------------------------------------------------------

    def passages(self, document_id: str) -> list[Passage]:
        text = self.document(document_id).text
        rows = self.rows(
            f"SELECT {_PASSAGE} FROM passages AS p JOIN documents AS d ON d.row = p.document"
            " WHERE d.document_id = ? ORDER BY p.ordinal, p.passage_id",
            [document_id],
        )
        return [to_passage(row, document_id, text) for row in rows]

    def passage(self, passage_id: str) -> Passage:
        found = self.with_documents([passage_id])
        if not found:
            raise NotStored(
                f"no passage {passage_id!r} in the store {self.directory};"
                " `fonds show DOCUMENT_ID --json` lists a document's passages"
            )
        return found[passage_id][0]

    def with_documents(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Those of the passages that are stored, each with its whole document."""
        with self.snapshot():
            places = self.rows(
                f"SELECT {_PASSAGE}, p.document FROM passages AS p"
                " WHERE p.passage_id IN (SELECT value FROM json_each(?))",
                [json.dumps(list(passage_ids))],
            )
            wanted = sorted({place[4] for place in places})
            documents = dict(
                self._checked("d.row IN (SELECT value FROM json_each(?))", [json.dumps(wanted)])
            )
        return {
            place[0]: (
                to_passage(place[:4], documents[place[4]].document_id, documents[place[4]].text),
                documents[place[4]],
            )
            for place in places
        }

    def ids_of_rows(self, table: Table, rows: Sequence[int]) -> dict[int, str]:
        """Ids by row, of those in `table` ("passages" or "documents") that are stored."""
        column = {"passages": "passage_id", "documents": "document_id"}[table]
        found = self.rows(
            f"SELECT row, {column} FROM {table} WHERE row IN (SELECT value FROM json_each(?))",
            [json.dumps([int(row) for row in rows])],
        )
        return dict(found)

    def all_ids(self, table: Table) -> dict[int, str]:
        """The ids of all rows of `table`."""
        column = {"passages": "passage_id", "documents": "document_id"}[table]
        return dict(self.rows(f"SELECT row, {column} FROM {table}"))

    def rows_of_ids(self, passage_ids: Sequence[str]) -> dict[str, int]:
        """Passage rows by id, of those that are stored."""
        found = self.rows(
            "SELECT passage_id, row FROM passages"
            " WHERE passage_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(passage_ids))],
        )
        return dict(found)

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    # -- finding -------------------------------------------------------------------------

    def key_characters(self) -> int:
        """The length of all search keys together."""
        return int(self.rows("SELECT coalesce(sum(length(search_key)), 0) FROM search_keys")[0][0])

    def key_rows(self) -> list[int]:
        """Rows of the documents that have a search key."""
        return [row for (row,) in self.rows("SELECT row FROM search_keys")]

    def keys_after(self, row: int) -> dict[int, str]:
        """Search keys of the documents behind a row."""
        return dict(self.rows("SELECT row, search_key FROM search_keys WHERE row > ?", [row]))

    def containing(self, search_key: str, document_id: str | None) -> list[str]:
        sql = (
            "SELECT d.document_id FROM documents AS d JOIN search_keys AS s USING (row)"
            " WHERE instr(s.search_key, ?) > 0"
        )
        values = [search_key]
        if document_id is not None:
            sql += " AND d.document_id = ?"
            values.append(document_id)
        return sorted(row for (row,) in self.rows(sql, values))

    def values(self, field: str) -> list[str]:
        if field not in VALUE_FIELDS:
            raise StoreError(f"no list of {field!r}; known are {', '.join(sorted(VALUE_FIELDS))}")
        rows = self.rows(f"SELECT DISTINCT {field} FROM documents WHERE {field} IS NOT NULL")
        return sorted(row for (row,) in rows)

    # -- files ---------------------------------------------------------------------------

    def files(self, path: str | None = None) -> list[FileState]:
        """All file states by path, or the one of `path`."""
        rows = self.rows(
            "SELECT path, sha256, document_ids, complete FROM files"
            " WHERE ? IS NULL OR path = ? ORDER BY path",
            [path, path],
        )
        return [
            FileState(name, sha256, tuple(json.loads(ids)), bool(complete))
            for name, sha256, ids, complete in rows
        ]
