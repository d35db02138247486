"""Writing the catalogue: whole documents, each call one transaction.

A transaction also records which entries of the indexes it made stale (table `pending`), so that a
crash between the commit and the indexes loses nothing. Not here: the indexes (`sync`).
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from index_store.catalogue.connection import KEPT_PREFIX
from index_store.catalogue.entry import Entry, FileState
from index_store.catalogue.layout_rows import insert_layout
from index_store.catalogue.reading import Catalogue, Table
from index_store.catalogue.rows import (
    JSON_COLUMNS,
    PLAIN,
    document_columns,
    document_digest,
    dump,
    json_columns,
    text_sha256,
)
from index_store.catalogue.schema import LAYOUTS, MISREADINGS, STEMMING, digest, set_meta
from index_store.errors import StoreCorrupt, StoreError
from index_store.pictures import StoredPicture
from index_store.types import DocumentWarning

Target = Literal["vectors"] | Table
"""An index that follows the catalogue: the vectors, or the words of passages or documents."""

_FIELDS = (*PLAIN, *JSON_COLUMNS, "text_sha256", "digest")
_INSERT = f"INSERT INTO documents ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"


class WritingCatalogue(Catalogue):
    """The catalogue of `directory`, for its one writer; what a call commits is on the disk.

    Every call raises StoreError when nothing could be written and StoreCorrupt for damage.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, write=True)
        try:
            self.rows("PRAGMA synchronous = FULL")
        except StoreError:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commits what the block does, or nothing. SQLite's faults become ours."""
        with self.lock:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self.connection
                    self.connection.execute("COMMIT")
                except BaseException:
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    raise
            except UnicodeEncodeError as error:
                raise StoreError(
                    f"a text holds a lone surrogate, which no file can hold: {error}"
                ) from error
            except (sqlite3.OperationalError, sqlite3.IntegrityError) as error:
                raise StoreError(
                    f"{self.directory}: nothing was written ({error}); is the disk full?"
                    if "full" in str(error) or "I/O" in str(error)
                    else f"{self.directory}: nothing was written ({error})"
                ) from error
            except sqlite3.DatabaseError as error:
                raise StoreCorrupt(
                    f"{self.directory}: the catalogue is damaged ({error}); run `fonds doctor`"
                ) from error

    def checkpoint(self) -> bool:
        """Moves the write-ahead log into the database file; False while readers prevent it."""
        (busy, _, _) = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        return not busy

    def add_tables(self) -> None:
        """Gives a store of before there were layouts their tables."""
        if not self.has_layouts():
            with self.transaction() as connection:
                for statement in LAYOUTS.split(";\n"):
                    connection.execute(statement)

    def put(
        self, entries: Sequence[Entry], pictures: Mapping[str, StoredPicture] = MappingProxyType({})
    ) -> None:
        """Adds or replaces whole documents; `check_entry` must have passed them.

        `pictures` has what was written of each picture that the entries' pages name.
        """
        with self.transaction() as connection:
            for entry in entries:
                self._remove(connection, entry.document.document_id)
                row = self._insert(connection, entry)
                if entry.document.layout is not None:
                    insert_layout(connection, row, entry.document.layout, pictures)
            self._next_generation(connection)

    def delete(self, document_ids: Sequence[str]) -> list[str]:
        """Removes documents and returns the ids of those that were there."""
        with self.transaction() as connection:
            removed = [name for name in document_ids if self._remove(connection, name)]
            if removed:
                self._next_generation(connection)
        return removed

    def set_warnings(self, warnings: Mapping[str, tuple[DocumentWarning, ...]]) -> None:
        """Replaces the warnings of stored documents; nothing else of them changes."""
        with self.transaction() as connection:
            for document_id, given in warnings.items():
                document = replace(self.document(document_id), warnings=given)
                row, header, search_key = connection.execute(
                    "SELECT d.row, t.header, s.search_key FROM documents AS d"
                    " JOIN texts AS t USING (row) JOIN search_keys AS s USING (row)"
                    " WHERE d.document_id = ?",
                    [document_id],
                ).fetchone()
                spans = [
                    (p.passage_id, p.ordinal, p.start, p.end) for p in self.passages(document_id)
                ]
                texts = (document.text, header, search_key)
                whole_digest = document_digest(document_columns(document), texts, spans)
                connection.execute(
                    "UPDATE documents SET warnings = ?, digest = ? WHERE row = ?",
                    [json_columns(document)[0], whole_digest, row],
                )

    def drop_pictures(self, names: Sequence[str]) -> None:
        """Takes these pictures from all pages that name them."""
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM pictures WHERE name = ?", [(name,) for name in names]
            )

    def keep(self, name: str, text: str) -> None:
        """Stores a text beside the documents, in place of the one of that name."""
        with self.transaction() as connection:
            set_meta(connection, {KEPT_PREFIX + name: text})

    def set_file(self, state: FileState) -> None:
        """Records an ingested file, in place of its earlier record."""
        ids = dump(list(state.document_ids))
        values = (state.path, state.sha256, ids, int(state.complete))
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", (*values, digest(*values))
            )

    def forget_file(self, path: str) -> None:
        """Drops the record of a file."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM files WHERE path = ?", [path])

    def announce(self) -> None:
        """Raises the generation, so that readers open the indexes again."""
        with self.transaction() as connection:
            self._next_generation(connection)

    def note_word_rules(self) -> None:
        """Notes that the word indexes stem texts by language and mark what may be misread."""
        with self.transaction() as connection:
            set_meta(connection, {**STEMMING, **MISREADINGS})
            self._next_generation(connection)

    # -- entries of the indexes that are stale ---------------------------------------------

    def pending(self, target: Target) -> list[str]:
        """Keys of the stale entries of an index: passage ids of vectors, rows of the others."""
        rows = self.rows("SELECT key FROM pending WHERE target = ? ORDER BY key", [target])
        return [key for (key,) in rows]

    def settle(self, target: Target, keys: Sequence[str]) -> None:
        """Marks these entries of the index as up to date."""
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM pending WHERE target = ? AND key = ?", [(target, key) for key in keys]
            )

    def mark_all(self, target: Target) -> None:
        """Marks all entries of the index as stale, so that it is rebuilt."""
        source = {
            "vectors": "SELECT 'vectors', passage_id FROM passages",
            "passages": "SELECT 'passages', row FROM passages",
            "documents": "SELECT 'documents', row FROM documents",
        }[target]
        with self.transaction() as connection:
            connection.execute("DELETE FROM pending WHERE target = ?", [target])
            connection.execute(f"INSERT INTO pending {source}")

    # -- inside a transaction --------------------------------------------------------------

    def _insert(self, connection: sqlite3.Connection, entry: Entry) -> int:
        """Adds a document and its passages; returns its row."""
        document = entry.document
        columns = document_columns(document)
        texts = (document.text, entry.header, entry.search_key)
        spans = [(p.passage_id, p.ordinal, p.start, p.end) for p in entry.passages]
        whole_digest = document_digest(columns, texts, spans)
        cursor = connection.execute(_INSERT, (*columns, text_sha256(document.text), whole_digest))
        row = int(cursor.lastrowid or 0)
        connection.execute("INSERT INTO texts VALUES (?, ?, ?)", (row, document.text, entry.header))
        connection.execute("INSERT INTO search_keys VALUES (?, ?)", (row, entry.search_key))
        for span, vector in zip(spans, entry.vectors.astype(np.float16), strict=True):
            blob = vector.tobytes()
            cursor = connection.execute(
                'INSERT INTO passages (passage_id, document, ordinal, start, "end", crc, vector)'
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (span[0], row, *span[1:], zlib.crc32(blob), blob),
            )
            self._mark(connection, "vectors", span[0])
            self._mark(connection, "passages", str(cursor.lastrowid))
        self._mark(connection, "documents", str(row))
        return row

    def _remove(self, connection: sqlite3.Connection, document_id: str) -> bool:
        found = connection.execute(
            "SELECT row FROM documents WHERE document_id = ?", [document_id]
        ).fetchone()
        if found is None:
            return False
        (row,) = found
        for name, passage_row in connection.execute(
            "SELECT passage_id, row FROM passages WHERE document = ?", [row]
        ).fetchall():
            self._mark(connection, "vectors", name)
            self._mark(connection, "passages", str(passage_row))
        self._mark(connection, "documents", str(row))
        connection.execute("DELETE FROM documents WHERE row = ?", [row])
        return True

    @staticmethod
    def _mark(connection: sqlite3.Connection, target: Target, key: str) -> None:
        connection.execute("INSERT OR IGNORE INTO pending VALUES (?, ?)", (target, key))

    @staticmethod
    def _next_generation(connection: sqlite3.Connection) -> None:
        (value,) = connection.execute("SELECT value FROM meta WHERE key='generation'").fetchone()
        set_meta(connection, {"generation": str(int(value) + 1)})
