"""Writing the catalogue: whole documents, each call one transaction.

A transaction also notes in the outbox what it changed, so that a crash between the commit and the
indexes loses nothing. Not here: the indexes (`sync`).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from index_store.catalogue import outbox
from index_store.catalogue.connection import KEPT_PREFIX, Place
from index_store.catalogue.entry import Entry, FileState
from index_store.catalogue.layout_rows import insert_layout
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.rows import (
    JSON_COLUMNS,
    PLAIN,
    document_columns,
    document_digest,
    dump,
    json_columns,
    text_sha256,
)
from index_store.catalogue.schema import (
    MISREADINGS,
    NEWER,
    STEMMING,
    define,
    digest,
    read_meta,
    set_meta,
)
from index_store.errors import StoreLocked
from index_store.lock import TIMEOUT_SECONDS, this_process
from index_store.pictures import StoredPicture
from index_store.types import DocumentWarning

_WRITER = "writer"
"""The key in `meta` of who has the server's lock, or had it last."""

_FIELDS = (*PLAIN, *JSON_COLUMNS, "text_sha256", "digest")
_INSERT = (
    f"INSERT INTO documents ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"
    " RETURNING row"
)


class WritingCatalogue(Catalogue):
    """The catalogue at `place`, for its one writer; what a call commits is on the disk.

    Every call raises StoreError when nothing could be written and StoreCorrupt for damage.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place, write=True)

    def transaction(self) -> AbstractContextManager[None]:
        """Commits what the block does, or nothing. Raises StoreError."""
        return self.engine.transaction()

    def checkpoint(self) -> bool:
        """Moves what was committed into the catalogue's file; False where that cannot be, or where
        there is no file."""
        return self.engine.checkpoint()

    def claim(self) -> None:
        """Waits a second for the server's lock, which ends with this connection.

        Raises StoreLocked, naming the holder. A catalogue in a file has its lock beside it.
        """
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not self.engine.claim():
            if time.monotonic() > deadline:
                holder = read_meta(self.engine, _WRITER).get(_WRITER) if self.has_tables() else None
                raise StoreLocked(
                    f"{self.place} is being written to by {holder or 'another process'};"
                    " wait until it has finished, or stop it"
                )
            time.sleep(TIMEOUT_SECONDS / 10)

    def sign(self) -> None:
        """Notes who has the server's lock, for others' messages."""
        if self.place.server:
            with self.transaction():
                set_meta(self.engine, {_WRITER: this_process()})

    def add_tables(self) -> None:
        """Gives an older store the tables, columns and indexes that it lacks."""
        for (name, column), statements in NEWER.items():
            if not self.engine.has(name, column):
                with self.transaction():
                    define(self.engine, statements)

    def put(
        self, entries: Sequence[Entry], pictures: Mapping[str, StoredPicture] = MappingProxyType({})
    ) -> None:
        """Adds or replaces whole documents; `check_entry` must have passed them.

        `pictures` has what was written of each picture that the entries' pages name.
        """
        with self.transaction():
            for entry in entries:
                self._remove(entry.document.document_id)
                row = self._insert(entry)
                if entry.document.layout is not None:
                    insert_layout(self.engine, row, entry.document.layout, pictures)
            self._next_generation()

    def delete(self, document_ids: Sequence[str]) -> list[str]:
        """Removes documents and returns the ids of those that were there."""
        with self.transaction():
            removed = [name for name in document_ids if self._remove(name)]
            if removed:
                self._next_generation()
        return removed

    def set_warnings(self, warnings: Mapping[str, tuple[DocumentWarning, ...]]) -> None:
        """Replaces the warnings of stored documents; nothing else of them changes."""
        with self.transaction():
            for document_id, given in warnings.items():
                document = replace(self.document(document_id), warnings=given)
                ((row, header, search_key),) = self.engine.execute(
                    "SELECT d.row, t.header, s.search_key FROM documents AS d"
                    " JOIN texts AS t USING (row) JOIN search_keys AS s USING (row)"
                    " WHERE d.document_id = ?",
                    [document_id],
                )
                spans = [
                    (p.passage_id, p.ordinal, p.start, p.end) for p in self.passages(document_id)
                ]
                texts = (document.text, header, search_key)
                whole_digest = document_digest(document_columns(document), texts, spans)
                self.engine.execute(
                    "UPDATE documents SET warnings = ?, digest = ? WHERE row = ?",
                    [json_columns(document)[0], whole_digest, row],
                )

    def drop_pictures(self, names: Sequence[str]) -> None:
        """Takes these pictures from all pages that name them."""
        with self.transaction():
            self.engine.execute_many(
                "DELETE FROM pictures WHERE name = ?", [(name,) for name in names]
            )

    def keep(self, name: str, text: str) -> None:
        """Stores a text beside the documents, in place of the one of that name."""
        with self.transaction():
            set_meta(self.engine, {KEPT_PREFIX + name: text})

    def set_file(self, state: FileState) -> None:
        """Records an ingested file, in place of its earlier record."""
        ids = dump(list(state.document_ids))
        values = (state.path, state.sha256, ids, int(state.complete))
        with self.transaction():
            self.engine.execute("DELETE FROM files WHERE path = ?", [state.path])
            self.engine.execute(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?)", (*values, digest(*values))
            )

    def forget_file(self, path: str) -> None:
        """Drops the record of a file."""
        with self.transaction():
            self.engine.execute("DELETE FROM files WHERE path = ?", [path])

    def announce(self) -> None:
        """Raises the generation, so that readers open the indexes again."""
        with self.transaction():
            self._next_generation()

    def note_word_rules(self) -> None:
        """Notes that the word indexes stem texts by language and mark what may be misread."""
        with self.transaction():
            set_meta(self.engine, {**STEMMING, **MISREADINGS})
            self._next_generation()

    # -- what the indexes follow -----------------------------------------------------------

    def note_position(self, name: str, position: outbox.Position) -> None:
        """Notes how far in the outbox an index is that all writers of this catalogue share."""
        with self.transaction():
            set_meta(self.engine, {name: str(position)})

    def has_pending(self) -> bool:
        """Whether a version made before there was an outbox left stale entries in the indexes."""
        return self.engine.has("pending") and self.count("pending") > 0

    def forget_pending(self) -> None:
        """Empties the table that such versions noted stale entries in."""
        with self.transaction():
            self.engine.execute("DELETE FROM pending")

    def trim_outbox(self) -> None:
        """Removes changes that are too old to be kept for followers."""
        with self.transaction():
            outbox.trim(self.engine)

    # -- inside a transaction --------------------------------------------------------------

    def _insert(self, entry: Entry) -> int:
        """Adds a document and its passages; returns its row."""
        document = entry.document
        columns = document_columns(document)
        texts = (document.text, entry.header, entry.search_key)
        spans = [(p.passage_id, p.ordinal, p.start, p.end) for p in entry.passages]
        whole_digest = document_digest(columns, texts, spans)
        values = (*columns, text_sha256(document.text), whole_digest)
        ((row,),) = self.engine.execute(_INSERT, values)
        self.engine.execute("INSERT INTO texts VALUES (?, ?, ?)", (row, *texts[:2]))
        self.engine.execute("INSERT INTO search_keys VALUES (?, ?)", (row, entry.search_key))
        passages: list[tuple[Any, ...]] = []
        for span, vector in zip(spans, entry.vectors.astype(np.float16), strict=True):
            blob = vector.tobytes()
            passages.append((span[0], row, *span[1:], zlib.crc32(blob), blob))
        self.engine.execute_many(
            'INSERT INTO passages (passage_id, document, ordinal, start, "end", crc, vector)'
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            passages,
        )
        outbox.note(self.engine, row, self._passage_rows(row), ())
        return int(row)

    def _passage_rows(self, document: int) -> list[int]:
        found = self.engine.execute("SELECT row FROM passages WHERE document = ?", [document])
        return [row for (row,) in found]

    def _remove(self, document_id: str) -> bool:
        found = self.engine.execute(
            "SELECT row FROM documents WHERE document_id = ?", [document_id]
        )
        if not found:
            return False
        ((row,),) = found
        passages = self.engine.execute(
            "SELECT row, passage_id FROM passages WHERE document = ?", [row]
        )
        rows, names = [p[0] for p in passages], [p[1] for p in passages]
        outbox.note(self.engine, row, rows, names)
        self.engine.execute("DELETE FROM documents WHERE row = ?", [row])
        return True

    def _next_generation(self) -> None:
        ((value,),) = self.engine.execute("SELECT value FROM meta WHERE key = 'generation'")
        set_meta(self.engine, {"generation": str(int(value) + 1)})
