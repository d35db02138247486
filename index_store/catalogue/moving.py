"""A whole catalogue from one database into another: for backups, and to move an archive.

What is archived is copied as it is, with the numbers of its rows; the outbox is not. Not here:
zip files and pictures (`index_store.maintenance`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import islice
from pathlib import Path

from index_store.catalogue.connection import CatalogueConnection, Place
from index_store.catalogue.engines.engine import Engine
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.engines.sqlite_engine import SqliteEngine
from index_store.catalogue.outbox import START
from index_store.catalogue.schema import COPIED, NUMBERED, make_tables
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreError

_ROWS = 500  # written at a time


def copy_to_file(source: CatalogueConnection, path: Path) -> None:
    """Copies a catalogue, as it is at one moment, into a new file of SQLite.

    Raises StoreError, and sqlite3.Error or OSError for what cannot be written.
    """
    if isinstance(source.engine, SqliteEngine):
        with source.lock, contextlib.closing(sqlite3.connect(path)) as target:
            source.engine.connection.backup(target)  # in one step, so that it is one state
            target.execute("PRAGMA journal_mode = DELETE")
        return
    with (
        contextlib.closing(SqliteEngine(path.parent, write=True)) as engine,
        engine.transaction(),
        source.snapshot(),
    ):
        make_tables(engine)
        _copy(source.engine, engine)


def move_to_server(directory: Path, server: CatalogueServer) -> WritingCatalogue:
    """Copies the catalogue of a folder to a server that has none, and removes it from the folder.

    Returns the catalogue there, with the writer's lock. All or nothing. Raises StoreError.
    """
    source = CatalogueConnection(Place(directory))
    with contextlib.ExitStack() as undo:
        target = WritingCatalogue(Place(directory, server))
        undo.callback(target.close)
        try:
            target.claim()
            with target.engine.making_tables(), source.snapshot():
                make_tables(target.engine)
                _copy(source.engine, target.engine)
                for table in NUMBERED:
                    target.engine.settle_rows(table)
        finally:
            source.close()
        for file in directory.glob("catalogue.sqlite3*"):
            file.unlink()
        undo.pop_all()
    return target


def take_from_server(place: Place, store_id: str) -> None:
    """Removes a catalogue from its server, for one that was just moved there in vain.

    Not one that another has written to since. Raises StoreLocked while another writes, StoreError.
    """
    with contextlib.closing(WritingCatalogue(place)) as catalogue:
        catalogue.claim()
        if catalogue.meta()["store_id"] != store_id or catalogue.position() != START:
            raise StoreError(f"{place} was left as it is, because another has written to it")
        with catalogue.transaction():
            for table in (*reversed(COPIED), "outbox", "pending"):
                catalogue.engine.execute(f"DROP TABLE IF EXISTS {table}")


def _copy(source: Engine, target: Engine) -> None:
    for table in COPIED:
        if not source.has(table):  # of a version before there were layouts
            continue
        rows = source.stream(f"SELECT * FROM {table}")
        while some := list(islice(rows, _ROWS)):
            places = ", ".join("?" * len(some[0]))
            target.execute_many(f"INSERT INTO {table} VALUES ({places})", some)
