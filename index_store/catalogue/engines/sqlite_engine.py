"""A catalogue in a file of SQLite, beside the indexes.

Readers take no lock: a write-ahead log lets them read while the writer commits.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index_store.catalogue.engines.engine import not_to_be_found
from index_store.errors import StoreCorrupt, StoreError

CATALOGUE = "catalogue.sqlite3"
"""The file's name, in the folder of the store."""

BUSY_TIMEOUT_MS = 10_000


class SqliteEngine:
    """An `Engine`. `write` also creates the file. Raises StoreError when SQLite cannot open it."""

    def __init__(self, directory: Path, *, write: bool = False) -> None:
        self.path = directory / CATALOGUE
        self.place = str(directory)
        self.lock = threading.RLock()
        self._columns: set[tuple[str, str]] = set()  # that are known to be there
        self.connection = connect(directory, write=write)
        self.connection.create_function("instr", 2, _instr, deterministic=True)
        if write:
            try:
                self.rows("PRAGMA synchronous = FULL")
            except StoreError:
                self.close()
                raise

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self.lock:
            try:
                return self.execute(sql, parameters)
            except sqlite3.DatabaseError as error:
                raise self._unreadable(error) from error
            except (UnicodeEncodeError, OverflowError) as error:
                raise not_to_be_found(error) from error

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self.connection.execute(sql)
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.DatabaseError) -> StoreError:
        message = str(error)
        if "decode" in message:  # a flipped bit can leave a text that is not UTF-8
            what = "a stored text is damaged"
        elif "unable to open" in message:
            return StoreError(
                f"{self.place}: the catalogue cannot be read ({error}): a reader, too, must be"
                " allowed to write in the folder, or it must be mounted read-only"
            )
        elif isinstance(error, sqlite3.OperationalError) and "no such" not in message:
            return StoreError(f"{self.place}: the catalogue cannot be read: {error}")
        else:  # "no such table" is damage too
            what = "the catalogue is damaged or not readable"
        return StoreCorrupt(f"{self.place}: {what} ({error}); run `fonds doctor`")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return self.connection.execute(sql, _adapted(parameters)).fetchall()

    def execute_many(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        self.connection.executemany(sql, [_adapted(values) for values in parameters])

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self.lock:
            if self._in_transaction():
                yield
                return
            self.rows("BEGIN")
            try:
                yield
            finally:
                if self._in_transaction():  # damage can end it
                    self.rows("COMMIT")

    def _in_transaction(self) -> bool:
        return self.connection.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.lock:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
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
                    f"{self.place}: nothing was written ({error}); is the disk full?"
                    if "full" in str(error) or "I/O" in str(error)
                    else f"{self.place}: nothing was written ({error})"
                ) from error
            except sqlite3.DatabaseError as error:
                raise StoreCorrupt(
                    f"{self.place}: the catalogue is damaged ({error}); run `fonds doctor`"
                ) from error

    def has(self, name: str, column: str | None = None) -> bool:
        if column is None:
            return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = ?", [name]))
        if (name, column) not in self._columns and self.rows(
            "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", [name, column]
        ):
            self._columns.add((name, column))
        return (name, column) in self._columns

    @contextmanager
    def making_tables(self) -> Iterator[None]:
        self.rows("PRAGMA journal_mode = WAL")
        with self.transaction():
            yield

    def adapted(self, ddl: str) -> str:
        return ddl

    def claim(self) -> bool:
        return True

    def settle_rows(self, table: str) -> None:
        """SQLite does so by itself."""

    def checkpoint(self) -> bool:
        (busy, _, _) = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        return not busy

    def integrity_faults(self) -> list[str]:
        faults = [row[0] for row in self.rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
        if self.rows("PRAGMA foreign_key_check"):
            faults.append("rows without their document")
        return faults

    def bytes(self) -> int:
        files = self.path.parent.glob(CATALOGUE + "*")
        return sum(file.stat().st_size for file in files if file.is_file())


def connect(directory: Path, *, write: bool) -> sqlite3.Connection:
    """A connection to the catalogue in `directory`, which must exist when only reading.

    On a read-only mount without a leftover log the file is opened as immutable. Not in a folder
    that is only closed to this user: others write there. Raises StoreError when SQLite cannot open
    it.
    """
    path = directory / CATALOGUE
    uri = "file:" + quote(str(path.resolve()))
    if write:
        uri += "?mode=rwc"
    elif _never_changes(directory) and not path.with_name(CATALOGUE + "-wal").exists():
        uri += "?immutable=1"
    else:
        uri += "?mode=ro"
    try:
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        raise StoreError(f"cannot open {path}: {error}; is the disk readable?") from error
    return connection


def _never_changes(directory: Path) -> bool:
    """Whether the folder is on a disk that is mounted read-only."""
    if not hasattr(os, "statvfs"):  # Windows
        return not os.access(directory, os.W_OK)
    try:
        return bool(os.statvfs(directory).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _instr(text: str, part: str) -> int:
    """SQLite's own function takes twice as long over long texts."""
    return text.find(part) + 1


def _adapted(parameters: Sequence[Any]) -> Sequence[Any]:
    """Lists as JSON, for `AMONG`."""
    return [json.dumps(p) if isinstance(p, list | tuple) else p for p in parameters]
