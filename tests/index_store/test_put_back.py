"""A catalogue that was put back to an earlier state: what followed it begins anew.

Numbers of rows and of changes are given again then, so what is known of them is wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.outbox import START, Position
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.store import IndexStore
from tests.index_store.test_postgres import opened, within
from tests.kits.postgres_kit import PASSWORD, PostgresServer, programs
from tests.kits.store_kit import IDENTITY, letter

Ask = Callable[[str], list[str]]


def dumped(server: CatalogueServer, file: Path) -> None:
    """Writes the schema to a file, as `pg_dump` does for a backup."""
    run("pg_dump", server, "-n", server.schema, "-f", str(file))


def put_back(server: CatalogueServer, file: Path) -> None:
    run("psql", server, "-qc", f"DROP SCHEMA {server.schema} CASCADE")
    run("psql", server, "-qf", str(file))


def run(program: str, server: CatalogueServer, *arguments: str) -> None:
    folder = programs()
    assert folder
    subprocess.run(
        [str(folder / program), *arguments, server.url],
        env={**os.environ, "PGPASSWORD": PASSWORD}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def words(store: IndexStore, seed: int, number: int) -> list[str]:
    return [hit.passage_id for hit in store.lexical_search(f"mark{seed}x{number}x0", 5)]


def nearest(store: IndexStore, seed: int, number: int) -> tuple[str, float]:
    hit = store.dense_search(letter(number, seed=seed).vectors[0], 1)[0]
    return hit.passage_id, round(hit.score, 2)


@pytest.mark.parametrize("running", [True, False], ids=["running", "away"])
def test_a_server_put_back_to_an_earlier_state(
    running: bool, postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(n) for n in range(4)])
    dumped(server, tmp_path / "dump.sql")
    front = opened(tmp_path / "front", server)
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(n, seed=1) for n in (10, 11, 12)])
    within(5, lambda: front.info()["behind"] == 0)
    assert words(front, 1, 11) == ["d11#0"] and nearest(front, 1, 11) == ("d11#0", 1.0)
    assert front.containing(letter(11, seed=1).search_key) == ["d11"]
    assert front.capitalised() == frozenset()
    if not running:
        front.close()
    put_back(server, tmp_path / "dump.sql")
    with opened(tmp_path / "two", server, write=True) as writer:  # the numbers are given again
        writer.put([letter(n, seed=2) for n in (20, 21, 22)])
        if not running:
            front = opened(tmp_path / "front", server)
        assert nearest(front, 2, 21) == ("d21#0", 1.0)
        assert nearest(front, 1, 11)[1] < 0.99
        assert front.containing(letter(21, seed=2).search_key) == ["d21"]
        assert front.containing(letter(11, seed=1).search_key) == []
        within(5, lambda: words(front, 2, 21) == ["d21#0"])
        assert words(front, 1, 11) == []
        assert {d.document_id for d in front.documents()} >= {"d20", "d21", "d22"}
    front.close()
    for folder in ("one", "two", "front"):
        if folder != "front":
            opened(tmp_path / folder, server, write=True).close()
        assert doctor.check(tmp_path / folder, None, server).sound


def test_a_file_put_back_to_an_earlier_state(tmp_path: Path) -> None:
    store, kept = tmp_path / "store", tmp_path / "kept.sqlite3"
    with IndexStore.open(store, write=True, encoder=IDENTITY) as writer:
        writer.put([letter(n) for n in range(4)])
    shutil.copy(store / "catalogue.sqlite3", kept)
    with IndexStore.open(store, write=True, encoder=IDENTITY) as writer:
        writer.put([letter(n, seed=1) for n in (10, 11, 12)])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(kept, elsewhere / "catalogue.sqlite3")
    with IndexStore.open(elsewhere, write=True, encoder=IDENTITY) as writer:
        writer.put([letter(n, seed=2) for n in (20, 21, 22)])
    shutil.copy(elsewhere / "catalogue.sqlite3", store / "catalogue.sqlite3")
    with IndexStore.open(store) as reader:  # the file of vectors is of the state before
        assert nearest(reader, 2, 21) == ("d21#0", 1.0)
        assert nearest(reader, 1, 11)[1] < 0.99
    with IndexStore.open(store, write=True, encoder=IDENTITY) as writer:
        assert words(writer, 2, 21) == ["d21#0"] and words(writer, 1, 11) == []
    assert doctor.check(store).sound


def test_a_front_end_whose_catalogue_was_restored_from_a_backup(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """The restored store has another identity and an empty outbox, but as many passages."""
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(n) for n in range(4)])
    backup(tmp_path / "one", tmp_path / "copy.zip", server=server)
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(2, seed=9)])
    opened(tmp_path / "front", server).close()
    postgres.sql(f"DROP SCHEMA {server.schema} CASCADE")
    restore(tmp_path / "copy.zip", tmp_path / "two", server=server)
    with opened(tmp_path / "front", server) as front:
        assert front.info()["was_behind"] == 1
        assert words(front, 0, 2) == ["d2#0"] and words(front, 9, 2) == []
    assert doctor.check(tmp_path / "front", None, server).sound


def test_an_outbox_made_before_there_were_tokens(tmp_path: Path) -> None:
    """A reader reads it as it is, the next writer adds them, and nothing is read anew for it."""
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY, with_chroma=False) as writer:
        writer.put([letter(n) for n in range(4)])
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite3")) as connection:
        connection.execute("ALTER TABLE outbox DROP COLUMN token")
        connection.commit()
    positions = json.loads((tmp_path / "positions.json").read_text())
    positions["done"] = {name: int(at.split(":")[0]) for name, at in positions["done"].items()}
    (tmp_path / "positions.json").write_text(json.dumps(positions))
    with IndexStore.open(tmp_path) as reader:
        assert reader._catalogue.position() == Position(4)
        assert reader._positions.behind("passages") == 0
        assert nearest(reader, 0, 2) == ("d2#0", 1.0)
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY, with_chroma=False) as writer:
        writer.put([letter(7)])
        assert writer._catalogue.position().token
        assert words(writer, 0, 7) == ["d7#0"] and words(writer, 0, 1) == ["d1#0"]
    assert doctor.check(tmp_path, with_chroma=False).sound


def test_positions_as_text() -> None:
    for position in (START, Position(-1), Position(7), Position(7, "ab12")):
        assert Position.parse(str(position)) == position
