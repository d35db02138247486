"""A connection to the catalogue: which database, its manifest, stored state.

Not here: the databases (`engines`), the tables (`schema`), documents and passages (`reading`,
`writing`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index_store.catalogue import outbox
from index_store.catalogue.engines.engine import Engine
from index_store.catalogue.engines.postgres_engine import PostgresEngine
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.engines.sqlite_engine import CATALOGUE, SqliteEngine
from index_store.catalogue.schema import MISREADINGS, STEMMING, read_manifest, read_meta
from index_store.types import Manifest

State = tuple[int, outbox.Position]
"""A generation of the catalogue, and its last change."""

KEPT_PREFIX = "kept:"
"""What the keys of the texts of `keep` begin with, in the table `meta`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: the folder of its indexes, and the server of its catalogue if it has one.

    Without a server the catalogue is a file in the folder.
    """

    directory: Path
    server: CatalogueServer | None = None

    def __str__(self) -> str:
        return str(self.server or self.directory)

    def has_file(self) -> bool:
        """Whether there is, or may be, a catalogue: a file, or a server that is named."""
        return self.server is not None or (self.directory / CATALOGUE).is_file()


class CatalogueConnection:
    """A connection to the catalogue at `place`, safe to share between threads.

    `write` also creates the file. Raises StoreError when it cannot be opened.
    """

    def __init__(self, place: Place, *, write: bool = False) -> None:
        self.place = place
        self.directory = place.directory
        self.engine: Engine = (
            SqliteEngine(place.directory, write=write)
            if place.server is None
            else PostgresEngine(place.server, write=write)
        )

    @property
    def lock(self) -> threading.RLock:
        """Held while a statement runs, and through a snapshot."""
        return self.engine.lock

    def close(self) -> None:
        """Closes the connection."""
        self.engine.close()

    def snapshot(self) -> AbstractContextManager[None]:
        """All reads in the block see one state, whatever another process commits meanwhile."""
        return self.engine.snapshot()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query.

        Raises StoreError when the catalogue cannot be read, StoreCorrupt for damage.
        """
        return self.engine.rows(sql, parameters)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, few in memory at a time, inside a snapshot. Raises as `rows`."""
        return self.engine.stream(sql)

    def meta(self) -> dict[str, str]:
        """All values of the table `meta`. Raises StoreCorrupt."""
        return read_meta(self.engine)

    def kept(self, name: str) -> str | None:
        """The text that `keep` stored under this name, None when there is none."""
        key = KEPT_PREFIX + name
        return read_meta(self.engine, key).get(key)

    def stems_by_language(self) -> bool:
        """Whether the word indexes stem each text by the rules of its language.

        Raises StoreCorrupt."""
        (key,) = STEMMING
        return read_meta(self.engine, key) == STEMMING

    def marks_misreadings(self) -> bool:
        """Whether the word indexes mark the entries of documents with the warning `ocr_noise`.

        Raises StoreCorrupt."""
        (key,) = MISREADINGS
        return read_meta(self.engine, key) == MISREADINGS

    def generation(self) -> int:
        """Rises with each commit that changes documents."""
        return int(self.rows("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def state(self) -> State:
        """What is another one after each commit that changes documents, and where the database was
        put back to an earlier state."""
        return outbox.state(self.engine)

    def position(self) -> outbox.Position:
        """The last change in the outbox."""
        return outbox.position(self.engine)

    def knows(self, position: outbox.Position) -> bool:
        """Whether what was read at this position is right but for the changes since.

        Not where the database was put back to an earlier state: it then gives the numbers of rows
        again."""
        return outbox.is_known(self.engine, position)

    def behind(self, position: outbox.Position) -> int:
        """The number of changes after a position; where it is not known all, and at least one."""
        last = self.position().seq
        return last - position.seq if self.knows(position) else max(1, last)

    def noted_position(self, name: str) -> outbox.Position | None:
        """What `WritingCatalogue.note_position` noted, None where there is nothing."""
        noted = read_meta(self.engine, name).get(name)
        return None if noted is None else outbox.Position.parse(noted)

    def changes(self, after: outbox.Position, limit: int = outbox.STEP) -> outbox.Changes | None:
        """The next changes after a position; None where that is not known, so that everything
        must be read. To be called in a snapshot."""
        return outbox.changes(self.engine, after, limit)

    def has_tables(self) -> bool:
        """False in a new database, and in one whose writer was killed before it made them."""
        return self.engine.has("meta")

    def manifest(self) -> Manifest:
        """What the store was built with. Raises StoreCorrupt, StoreMismatch for a newer schema."""
        return read_manifest(self.engine)
