"""A catalogue in PostgreSQL 15 or newer (package `psycopg`), in a schema of its own.

A reader whose connection is lost connects again. A writer does not: its lock on the catalogue ends
with its connection, and another may write by then. No answer to a statement is waited for longer
than `SECONDS`, and a little more where the server itself does not end it. Not here: which server
(`server`), its words (`postgres_words`), what its faults mean (`postgres_faults`).
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from index_store.catalogue.engines import postgres_words
from index_store.catalogue.engines.engine import not_to_be_found
from index_store.catalogue.engines.postgres_faults import explained, unreachable
from index_store.catalogue.engines.server import CatalogueServer
from index_store.errors import StoreError

if TYPE_CHECKING:
    import psycopg

SECONDS = 60.0
"""The longest that one statement may take."""

CONNECT_SECONDS = 10
OLDEST = 150_000
"""The oldest version that serves, as PostgreSQL numbers them."""

_READ_AT_ONCE = 1_000  # rows of a stream


class PostgresEngine:
    """An `Engine`. Raises StoreError when the server cannot be reached or is too old."""

    def __init__(self, server: CatalogueServer, *, write: bool = False) -> None:
        self.server = server
        self.place = str(server)
        self.lock = threading.RLock()
        self._write = write
        self._columns: set[tuple[str, str]] = set()  # that are known to be there
        self._in_block = False
        self._overdue = False
        self._connection = self._connected()

    # -- connections -----------------------------------------------------------------------

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            import psycopg
        except ImportError as error:
            raise StoreError(
                "FONDS_CATALOGUE needs a package that is not installed; run:"
                " pip install 'fonds[postgres]'"
            ) from error
        try:
            connection = psycopg.connect(
                self.server.url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                application_name="fonds",
                client_encoding="UTF8",
                # A reader may be idle for days, and what lies between forgets the connection.
                keepalives=1,
                keepalives_idle=30,
                keepalives_interval=10,
                keepalives_count=3,
            )
        except psycopg.Error as error:
            raise StoreError(unreachable(self.server, error)) from error
        try:
            self._check(connection)
            connection.execute(f"SET search_path TO {self.server.schema}")
            connection.execute(f"SET statement_timeout TO {int(SECONDS * 1000)}")
            connection.execute("SET idle_session_timeout TO 0")
            connection.execute("SET idle_in_transaction_session_timeout TO 0")
            if self._write:
                connection.execute("SET synchronous_commit TO on")
                # A writer whose machine has gone must not hold the lock for hours.
                connection.execute("SET tcp_keepalives_idle TO 30")
                connection.execute("SET tcp_keepalives_interval TO 10")
                connection.execute("SET tcp_keepalives_count TO 3")
        except (psycopg.Error, StoreError) as error:
            connection.close()
            if isinstance(error, StoreError):
                raise
            raise StoreError(unreachable(self.server, error)) from error
        return connection

    def _check(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        version = connection.info.server_version
        if version < OLDEST:
            raise StoreError(
                f"{self.place}: it has version {version // 10_000}, Fonds needs"
                f" {OLDEST // 10_000} or newer; upgrade the server"
            )
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise StoreError(
                f"{self.place}: its texts are in {encoding}, Fonds needs UTF8; make a database with"
                " CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
            )

    def _hang_up(self) -> None:
        """Ends the connection from another thread, so that whoever waits for it stops."""
        self._overdue = True
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile
            copy = socket.socket(fileno=os.dup(self._connection.fileno()))
            with copy:
                copy.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """The statement timeout is the server's, and a server that is stuck does not keep it."""
        self._overdue = False
        timer = threading.Timer(SECONDS + CONNECT_SECONDS, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        with self.lock:
            self._connection.close()

    # -- statements ------------------------------------------------------------------------

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        import psycopg

        with self.lock:
            try:
                return self._again_if_lost(sql, parameters)
            except psycopg.Error as error:
                raise self._explained(error, "cannot be read") from error
            except UnicodeEncodeError as error:
                raise not_to_be_found(error) from error

    def _again_if_lost(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Runs a statement; a reader whose connection was lost runs it on a new one."""
        import psycopg

        try:
            return self.execute(sql, parameters)
        except psycopg.Error:
            lost = self._connection.closed or self._connection.broken
            if self._write or self._in_block or self._overdue or not lost:
                raise
            self._connection = self._connected()
            return self.execute(sql, parameters)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        import psycopg

        try:
            with self._connection.cursor(name="stream") as cursor:
                cursor.itersize = _READ_AT_ONCE
                cursor.execute(postgres_words.translated(sql))
                while True:
                    with self._limited():
                        page = cursor.fetchmany(_READ_AT_ONCE)
                    if not page:
                        return
                    yield from page
        except psycopg.Error as error:
            raise self._explained(error, "cannot be read") from error

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self._limited():
            cursor = self._connection.execute(
                postgres_words.translated(sql), [postgres_words.adapted(p) for p in parameters]
            )
            return cursor.fetchall() if cursor.description else []

    def execute_many(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            for batch in postgres_words.batches(parameters):
                with self._limited():
                    cursor.executemany(postgres_words.translated(sql), batch)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        import psycopg

        with self.lock:
            if self._in_block:
                yield
                return
            try:
                self._again_if_lost("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            except psycopg.Error as error:
                raise self._explained(error, "cannot be read") from error
            self._in_block = True
            try:
                yield
            finally:
                self._in_block = False
                with contextlib.suppress(psycopg.Error):  # nothing was written
                    self.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        import psycopg

        with self.lock:
            try:
                self.execute("BEGIN")
                self._in_block = True
                try:
                    yield
                    self.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(psycopg.Error):  # the first error is the one to tell
                        self.execute("ROLLBACK")
                    raise
                finally:
                    self._in_block = False
            except UnicodeEncodeError as error:
                raise StoreError(
                    f"a text holds a lone surrogate, which no database can hold: {error}"
                ) from error
            except psycopg.Error as error:
                raise self._explained(error, "nothing was written") from error

    def _explained(self, error: psycopg.Error, what: str) -> StoreError:
        """The error in one line, with the mend."""
        seconds = SECONDS if self._overdue else None
        lost = self._connection.closed or self._connection.broken
        return explained(self.server, error, what, seconds, lost)

    # -- the rest --------------------------------------------------------------------------

    def has(self, name: str, column: str | None = None) -> bool:
        if column is not None and (name, column) in self._columns:
            return True
        sql = (
            "SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ? AND c.relname = ?"
        )
        values = [self.server.schema, name]
        if column is not None:
            sql += (
                " AND EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid"
                " AND a.attname = ? AND NOT a.attisdropped)"
            )
            values.append(column)
        found = bool(self.rows(sql, values))
        if found and column is not None:
            self._columns.add((name, column))
        return found

    @contextmanager
    def making_tables(self) -> Iterator[None]:
        with self.transaction():
            known = "SELECT 1 FROM pg_namespace WHERE nspname = ?"
            if not self.execute(known, [self.server.schema]):
                self.execute(f"CREATE SCHEMA {self.server.schema}")
            yield

    def adapted(self, ddl: str) -> str:
        return postgres_words.definition(ddl)

    def claim(self) -> bool:
        """An advisory lock of the session, one for each schema of a database."""
        name = f"fonds writer {self.server.schema}"
        return bool(self.rows("SELECT pg_try_advisory_lock(hashtextextended(?, 0))", [name])[0][0])

    def settle_rows(self, table: str) -> None:
        self.execute(
            f"SELECT setval(pg_get_serial_sequence('{self.server.schema}.{table}', 'row'),"
            f" greatest(1, (SELECT coalesce(max(row), 0) FROM {table})))"
        )

    def checkpoint(self) -> bool:
        return False

    def integrity_faults(self) -> list[str]:
        """Foreign keys and checksums are the server's: what it finds comes as errors."""
        return []

    def bytes(self) -> int:
        ((size,),) = self.rows(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class AS c"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ? AND c.relkind = 'r'",
            [self.server.schema],
        )
        return int(size)
