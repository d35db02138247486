"""A connection to the catalogue: locking, snapshots, SQLite's faults as ours, stored state.

Not here: the schema (`schema`), documents and passages (`reading`, `writing`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index_store.catalogue.schema import MISREADINGS, STEMMING, connect, read_manifest, read_meta
from index_store.errors import StoreCorrupt, StoreError
from index_store.types import Manifest

KEPT_PREFIX = "kept:"
"""What the keys of the texts of `keep` begin with, in the table `meta`."""


class CatalogueConnection:
    """A connection to the catalogue of `directory`, safe to share between threads.

    `write` also creates the file. Raises StoreError when SQLite cannot open it.
    """

    def __init__(self, directory: Path, *, write: bool = False) -> None:
        self.directory = directory
        self.lock = threading.RLock()
        self.connection = connect(directory, write=write)

    def close(self) -> None:
        """Closes the file."""
        with self.lock:
            self.connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads in the block see one state, whatever another process commits meanwhile."""
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
        """All rows of a query.

        Raises StoreError when SQLite cannot read, StoreCorrupt when what it reads is damaged.
        """
        with self.lock:
            try:
                return self.connection.execute(sql, parameters).fetchall()
            except sqlite3.DatabaseError as error:
                message = str(error)
                if "decode" in message:  # a flipped bit can leave a text that is not UTF-8
                    what = "a stored text is damaged"
                elif isinstance(error, sqlite3.OperationalError) and "no such" not in message:
                    raise StoreError(
                        f"{self.directory}: the catalogue cannot be read: {error}"
                    ) from error
                else:  # "no such table" is damage too
                    what = "the catalogue is damaged"
                raise StoreCorrupt(
                    f"{self.directory}: {what} ({error}); run `fonds doctor`"
                ) from error

    def meta(self) -> dict[str, str]:
        """All values of the table `meta`. Raises StoreCorrupt."""
        with self.lock:
            return read_meta(self.connection, self.directory)

    def kept(self, name: str) -> str | None:
        """The text that `keep` stored under this name, None when there is none."""
        key = KEPT_PREFIX + name
        with self.lock:
            return read_meta(self.connection, self.directory, key).get(key)

    def stems_by_language(self) -> bool:
        """Whether the word indexes stem each text by the rules of its language.

        Raises StoreCorrupt."""
        with self.lock:
            (key,) = STEMMING
            return read_meta(self.connection, self.directory, key) == STEMMING

    def marks_misreadings(self) -> bool:
        """Whether the word indexes mark the entries of documents with the warning `ocr_noise`.

        Raises StoreCorrupt."""
        with self.lock:
            (key,) = MISREADINGS
            return read_meta(self.connection, self.directory, key) == MISREADINGS

    def generation(self) -> int:
        """Rises with each commit that changes documents."""
        return int(self.rows("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def data_version(self) -> int:
        """Changes when another process has committed anything."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def has_tables(self) -> bool:
        """False in a new database, and in one whose writer was killed before it made them."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"))

    def manifest(self) -> Manifest:
        """What the store was built with. Raises StoreCorrupt, StoreMismatch for a newer schema."""
        with self.lock:
            return read_manifest(self.connection, self.directory)
