"""A front end that follows a catalogue on a server: its own word indexes, kept up to date.

A thread looks every second for what the outbox has. Of several processes with one folder one does
the work, and the others use what it wrote. Not here: how an index follows (`sync`).
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index_store import sync
from index_store.catalogue.connection import Place
from index_store.catalogue.reading import Catalogue, Table
from index_store.errors import StoreError, explained
from index_store.lexical_index import LexicalIndex
from index_store.positions import Positions
from index_store.seal import break_seal, damaged, set_seal
from index_store.search import lexical_path
from index_store.vectors.vector_file import vector_file

SECONDS = 1.0
"""Between two looks at the outbox."""

TABLES: tuple[Table, ...] = ("passages", "documents")


class Follower:
    """Follows the catalogue at `place` from construction to `close`.

    It first catches up, which takes long where there is nothing yet. Raises StoreError.
    """

    def __init__(self, place: Place) -> None:
        self.fault: StoreError | None = None
        self._catalogue = Catalogue(place)
        self._positions = Positions(self._catalogue)
        self._behind = 0
        self.was_behind = self.behind()
        """How many changes it was behind when it began."""
        self._indexes: dict[Table, LexicalIndex] = {}
        self._changed = False
        self._closed = threading.Event()
        try:
            self._mend()
            self.catch_up(wait=None)
        except BaseException:
            self._catalogue.close()
            raise
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops; waits for a step that is under way."""
        self._closed.set()
        self._thread.join()
        if self._changed:
            directory = self._catalogue.directory
            with explained(directory), indexes_to_itself(directory):
                set_seal(directory / "lexical")
        self._catalogue.close()

    def _mend(self) -> None:
        """Takes damaged word indexes away; they are built anew."""
        directory = self._catalogue.directory
        with explained(directory), indexes_to_itself(directory):
            if damaged(directory / "lexical"):
                shutil.rmtree(directory / "lexical")
                break_seal(directory / "lexical")
                self._positions.start_anew()

    def behind(self) -> int:
        """The number of changes that the word indexes have not done.

        While they are built, which can take long, the last number that was known.
        """
        if self._catalogue.lock.acquire(blocking=False):
            try:
                self._behind = self._positions.behind_most(TABLES)
            finally:
                self._catalogue.lock.release()
        return self._behind

    def catch_up(self, wait: float | None = 0.0) -> bool:
        """Brings the word indexes up to the catalogue. Raises StoreError.

        False where another process does so for longer than `wait` seconds, None for ever.
        """
        directory = self._catalogue.directory
        if not self.behind() and self._indexes:
            return True
        try:
            with indexes_to_itself(directory, wait), explained(directory):
                self._changed |= bring_up(self._catalogue, self._positions, self._indexes)
        except Timeout:
            return False
        return True

    def _follow(self) -> None:
        while not self._closed.wait(SECONDS):
            try:
                self.catch_up()
                self.fault = None
            except StoreError as error:
                self.fault = error  # told by `fonds info`; tried again in a second


@contextmanager
def indexes_to_itself(directory: Path, wait: float | None = None) -> Iterator[None]:
    """Keeps other processes from changing the word indexes of a folder meanwhile.

    Raises filelock.Timeout, which is an OSError, after `wait` seconds; None waits for ever. Raises
    StoreError where the folder cannot be locked.
    """
    lock = FileLock(directory / "follower.lock", timeout=-1 if wait is None else wait)
    try:
        lock.acquire()
    except Timeout:
        raise
    except OSError as error:
        raise StoreError(f"cannot lock {directory} ({error}); may it be written to?") from error
    try:
        yield
    finally:
        lock.release()


def bring_up(
    catalogue: Catalogue, positions: Positions, indexes: dict[Table, LexicalIndex]
) -> bool:
    """Brings the word indexes and the vector file of a folder up to the catalogue, with the folder
    to itself.

    `indexes` are those that are open; it gets those that it lacks. Returns whether it changed any;
    their seal is then broken. Raises StoreError.
    """
    changed = False
    for table in TABLES:
        index = indexes.get(table)
        if index is None:
            index = LexicalIndex(lexical_path(catalogue.directory, table), create=True)
        index.reload()  # another process may have written
        if positions.behind(table) or len(index) != catalogue.count(table):
            break_seal(catalogue.directory / "lexical")
            changed = True
            sync.apply_lexical(catalogue, index, table, positions)
            sync.tidy_lexical(catalogue, index, table, positions)
        indexes[table] = index
    vector_file(catalogue).follow(catalogue)
    return changed
