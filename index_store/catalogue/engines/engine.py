"""What the catalogue asks of a database.

Statements are standard SQL with `?` for parameters, and two phrases of SQLite: `AMONG` for lists,
`instr`. Types are those of `schema.DDL`. Not here: the databases (`sqlite_engine`,
`postgres_engine`), the statements (`schema`, `reading`, `writing`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from index_store.errors import NeverStored

AMONG = "IN (SELECT value FROM json_each(?))"
"""After a column: whether its value is in the list that is this parameter."""

NOT_AMONG = f"NOT {AMONG}"


class Engine(Protocol):
    """A connection to the database of one catalogue, safe to share between threads.

    `place` is how messages name the catalogue, without user and password. `lock` is held while a
    statement runs, and through a snapshot or transaction.
    """

    place: str
    lock: threading.RLock

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query. Raises StoreError, and StoreCorrupt for damage."""
        ...

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query without parameters, few in memory at a time. Raises as `rows`.

        To be read to the end or closed, inside a snapshot or transaction.
        """
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Runs a statement inside `transaction`; returns the rows that it gives back."""
        ...

    def execute_many(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Runs a statement, inside `transaction`, for each of the parameters."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """All reads in the block see one state; blocks may be nested."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Commits what the block does, or nothing. Raises StoreError, StoreCorrupt for damage."""
        ...

    def has(self, name: str, column: str | None = None) -> bool:
        """Whether the catalogue has a table or index of this name, and the table this column.

        A column that was once there is not looked for again.
        """
        ...

    def making_tables(self) -> AbstractContextManager[None]:
        """A transaction in which the first tables are made. Raises as `transaction`."""
        ...

    def adapted(self, ddl: str) -> str:
        """A statement that defines a table or index, in the words of this database."""
        ...

    def claim(self) -> bool:
        """Takes the writer's lock, until the connection ends; False where another has it.

        Always True where the lock is not the database's.
        """
        ...

    def settle_rows(self, table: str) -> None:
        """Makes new rows of the table get numbers after those that were written with theirs.

        Inside `transaction`.
        """
        ...

    def checkpoint(self) -> bool:
        """Moves what was committed into one file, where there is one; False while readers
        prevent it, and where there is no file."""
        ...

    def integrity_faults(self) -> list[str]:
        """What the database finds damaged in its own files."""
        ...

    def bytes(self) -> int:
        """The size of tables and indexes on the disk."""
        ...

    def close(self) -> None:
        """Closes the connection; harmless when closed."""
        ...


def not_to_be_found(error: Exception) -> NeverStored:
    """The error for a value that no database can hold: a lone surrogate, or too large a number."""
    if isinstance(error, UnicodeError):
        return NeverStored("what was asked for is not valid UTF-8; send it as UTF-8")
    return NeverStored(f"no store has such a number ({error}); give a smaller one")
