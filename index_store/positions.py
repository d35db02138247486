"""How far in the catalogue's outbox each index is: a small file beside the indexes.

The position of an index is written after the index. So it can be too low after a crash, and then
changes are done again, which does no harm. Not here: the outbox (`index_store.catalogue.outbox`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from index_store.catalogue.connection import CatalogueConnection
from index_store.catalogue.outbox import FROM_THE_START, START, Position
from index_store.errors import explained

FILE = "positions.json"
INDEXES = ("passages", "documents", "vectors")
"""The word indexes of passages and documents, and Chroma in the folder of the store."""


Signature = tuple[int, int] | None


def signature(directory: Path) -> Signature:
    """What changes when any process has noted a position in this folder: an index has changed."""
    try:
        found = (directory / FILE).stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


class Positions:
    """The positions of the indexes in the folder of `catalogue`.

    Where they are of another catalogue, as after a restored backup, every index has to read
    everything. Writing raises StoreError.
    """

    def __init__(self, catalogue: CatalogueConnection) -> None:
        self._catalogue = catalogue
        self._path = catalogue.directory / FILE
        self._store = catalogue.meta()["store_id"]

    def get(self, index: str) -> Position:
        """The position of an index; `FROM_THE_START` where it has to read everything.

        In a folder made before there were positions the indexes are up to date: their number of
        entries is checked apart.
        """
        noted = self._read().get(index)
        if noted is not None:
            return noted
        return START if self._catalogue.position() == START else FROM_THE_START

    def set(self, index: str, position: Position) -> None:
        """Notes the position of an index."""
        self._write({**self._read(), index: position})

    def start_anew(self) -> None:
        """Notes that every index has to read everything."""
        self._write(dict.fromkeys(INDEXES, FROM_THE_START))

    def _write(self, noted: dict[str, Position]) -> None:
        draft = self._path.with_suffix(".new")
        done = {name: str(position) for name, position in noted.items()}
        with explained(self._catalogue.directory):
            draft.write_text(json.dumps({"store": self._store, "done": done}), encoding="utf-8")
            draft.replace(self._path)

    def behind(self, index: str) -> int:
        """The number of changes that the index has not done; where it has to read everything all of
        them, and at least one."""
        return self._catalogue.behind(self.get(index))

    def behind_most(self, indexes: Iterable[str]) -> int:
        """As `behind`, of the index that is furthest behind."""
        return max(map(self.behind, indexes))

    def _read(self) -> dict[str, Position]:
        anew = dict.fromkeys(INDEXES, FROM_THE_START)
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            done = {name: Position.parse(str(at)) for name, at in content["done"].items()}
            return done if content["store"] == self._store else anew
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError):  # damaged
            return anew
