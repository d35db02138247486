"""A catalogue in a real PostgreSQL: what is refused and how, front ends that follow, moving."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from index_store.catalogue import outbox
from index_store.catalogue.engines import postgres_engine
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.schema import set_meta
from index_store.errors import StoreError, StoreLocked, StoreMismatch
from index_store.follower import Follower
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.store import EncoderIdentity, IndexStore
from rag.cli.commands import cli
from rag.settings import Settings
from tests.kits.postgres_kit import PASSWORD, PostgresServer
from tests.kits.store_kit import ENCODER, IDENTITY, letter


def opened(folder: Path, server: CatalogueServer, write: bool = False) -> IndexStore:
    return IndexStore.open(folder, write=write, encoder=IDENTITY if write else None, server=server)


def within(seconds: float, holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "mysql://x/y"}, "not an address of PostgreSQL"),
        ({"url": "postgresql://host:port/x"}, "not an address"),
        ({"schema": "no; DROP"}, "FONDS_CATALOGUE_SCHEMA"),
    ],
)
def test_what_is_no_address_is_refused(change: dict[str, str], message: str) -> None:
    with pytest.raises(StoreError, match=message):
        CatalogueServer(**{"url": "postgresql://host/x", **change})


def test_a_server_that_cannot_be_used_is_told_in_one_line(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.sql("CREATE ROLE guest LOGIN PASSWORD 'g'")
    postgres.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    known = postgres.url()
    cases = {
        known.replace(str(postgres.port), "1"): "does the server run",
        postgres.url("nowhere"): "createdb",
        postgres.url(password="wrong word"): "PGPASSFILE",
        postgres.url("latin"): "LATIN1",
        known + "?sslmode=require": "sslmode",
        postgres.url(user="guest", password="g"): "GRANT|permission denied",
    }
    for url, mend in cases.items():
        with pytest.raises(StoreError, match=mend) as refused:
            opened(tmp_path / "store", CatalogueServer(url, "refused"), write=True)
        told = str(refused.value)
        assert "\n" not in told and PASSWORD not in told and "wrong word" not in told
    assert not postgres.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'refused'")
    monkeypatch.setattr(postgres_engine, "OLDEST", 990_000)
    with pytest.raises(StoreError, match="99 or newer"):
        opened(tmp_path / "store", postgres.catalogue())


def test_another_encoder_and_a_newer_schema_are_refused(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as store:
        store.put([letter(1)])
        before = store.sha256()
    for write in (True, False):
        with pytest.raises(StoreMismatch, match="other"):
            IndexStore.open(
                tmp_path / "two", write=write, encoder=EncoderIdentity("other", 32), server=server
            )
    with opened(tmp_path / "one", server) as store:
        assert store.sha256() == before
    engine = postgres_engine.PostgresEngine(server, write=True)
    with engine.transaction():
        set_meta(engine, {"schema": "2"})
    engine.close()
    with pytest.raises(StoreMismatch, match="schema 2"):
        opened(tmp_path / "one", server)


def test_the_password_is_nowhere(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    monkeypatch.setenv("FONDS_CATALOGUE", server.url)
    monkeypatch.setenv("FONDS_CATALOGUE_SCHEMA", server.schema)
    monkeypatch.setenv("FONDS_STORE", str(tmp_path / "store"))
    opened(tmp_path / "store", server, write=True).close()
    told = ""
    for arguments in (["settings"], ["settings", "--json"], ["info", "--json"], ["doctor"]):
        told += CliRunner().invoke(cli, arguments).output
    told += repr(server) + repr(Settings(catalogue=server.url))
    assert "PostgreSQL on 127.0.0.1" in told
    for secret in (PASSWORD, server.url, "pass%3Aword"):
        assert secret not in told
    for file in (tmp_path / "store").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()


def test_a_folder_with_a_catalogue_of_its_own_is_not_mixed_up(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    IndexStore.open(tmp_path, write=True, encoder=IDENTITY).close()
    with pytest.raises(StoreError, match="--store"):
        opened(tmp_path, postgres.catalogue(), write=True)
    assert doctor.check(tmp_path).sound


def test_one_writer_whatever_the_machine(postgres: PostgresServer, tmp_path: Path) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as first:
        first.put([letter(1)])
        with pytest.raises(StoreLocked, match=r"process \d+ on .+ since"):
            opened(tmp_path / "two", server, write=True)
        with pytest.raises(StoreLocked):
            IndexStore.check_free(tmp_path / "two", server)
    with opened(tmp_path / "two", server, write=True) as second:  # the first has let go
        second.put([letter(2)])
        assert second.lexical_search("mark0x1x0", 1)[0].passage_id == "d1#0"
        vector = letter(1).vectors[0]
        assert second.dense_search(vector, 1)[0].passage_id == "d1#0"
    assert doctor.check(tmp_path / "one", None, server).sound
    assert doctor.check(tmp_path / "two", None, server).sound


def test_a_front_end_follows_and_catches_up(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "writer", server, write=True) as writer:
        writer.put([letter(n) for n in range(4)])
        with opened(tmp_path / "front", server) as front:
            assert front.lexical_search("mark0x3x0", 1)[0].passage_id == "d3#0"
            writer.put([letter(7), letter(1, seed=5)])
            writer.delete(["d2"])
            within(5, lambda: front.info()["behind"] == 0)
            assert front.lexical_search("mark0x7x1", 1)[0].passage_id == "d7#1"
            assert front.lexical_search("mark0x2x0", 1) == []
            assert front.lexical_search("mark0x1x0", 1) == []
            assert front.dense_search(letter(7).vectors[2], 1)[0].passage_id == "d7#2"
        for n in range(8, 20):  # while it is away
            writer.put([letter(n)])
        monkeypatch.setattr(outbox, "STEP", 3)
        with opened(tmp_path / "front", server) as front:
            assert front.info()["was_behind"] == 12 and front.info()["behind"] == 0
            assert front.lexical_search("mark0x19x1", 1)[0].passage_id == "d19#1"
        monkeypatch.setattr(outbox, "KEPT", 2)
        for n in range(20, 30):
            writer.put([letter(n)])
        writer._writer().trim_outbox()
        with opened(tmp_path / "front", server) as front:  # away for too long: it reads all
            assert front.lexical_search("mark0x29x1", 1)[0].passage_id == "d29#1"
            assert front.lexical_search("mark0x3x0", 1)[0].passage_id == "d3#0"
        report = doctor.check(tmp_path / "front", None, server)
        assert report.sound and not report.left_out  # it has no Chroma
        own = doctor.check(tmp_path / "writer", None, server)
        assert own.sound and own.checked["vectors"] == 0
        assert own.left_out.startswith("Chroma, because") and "process" in own.left_out
        assert report.checked["lexical"] == 4 * 26 and report.checked["vectors"] == 0


def test_a_damaged_front_end_is_told_and_builds_itself_anew(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "writer", server, write=True) as writer:
        writer.put([letter(n) for n in range(5)])
    opened(tmp_path / "front", server).close()
    for segment in (tmp_path / "front" / "lexical" / "passages").glob("*.term"):
        segment.write_bytes(segment.read_bytes()[:-1] + b"?")
    codes = {p.code for p in doctor.check(tmp_path / "front", None, server).problems}
    assert codes == {"lexical_damaged"}
    with opened(tmp_path / "front", server) as front:
        assert front.lexical_search("mark0x3x0", 1)[0].passage_id == "d3#0"
    assert doctor.check(tmp_path / "front", None, server).sound


def test_two_processes_of_one_folder_share_its_indexes(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "writer", server, write=True) as writer:
        writer.put([letter(1)])
        with opened(tmp_path / "front", server) as one, opened(tmp_path / "front", server) as two:
            writer.put([letter(2)])
            for front in (one, two):
                within(5, lambda front=front: bool(front.lexical_search("mark0x2x0", 1)))  # type: ignore[misc]


def test_a_follower_tells_its_fault_and_goes_on(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "writer", server, write=True) as writer:
        writer.put([letter(1)])
        with opened(tmp_path / "front", server) as front, monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise StoreError("disk full")

            patch.setattr(Follower, "catch_up", full)
            writer.put([letter(2)])
            within(5, lambda: front.info().get("fault") == "disk full")
            patch.undo()
            within(5, lambda: "fault" not in front.info())
            within(5, lambda: bool(front.lexical_search("mark0x2x0", 1)))


@pytest.mark.parametrize("there", [True, False], ids=["to the server", "back to a folder"])
def test_an_archive_moves_between_engines_without_encoding(
    there: bool, postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    source = None if there else server
    target = postgres.catalogue() if there else None
    one, two = tmp_path / "one", tmp_path / "two"
    with IndexStore.open(one, write=True, encoder=IDENTITY, server=source) as store:
        store.put([letter(n) for n in range(9)])
        store.delete(["d4"])
        store.keep("people", "A. Berg")
        before = store.sha256()
    backup(one, tmp_path / "copy.zip", server=source)
    restore(tmp_path / "copy.zip", two, server=target)
    with (
        IndexStore.open(one, server=source) as old,
        IndexStore.open(two, write=True, encoder=IDENTITY, server=target) as new,
    ):
        assert old.sha256() == new.sha256() == before
        assert old.manifest == new.manifest
        query = "frost гавань ledger"
        vector = ENCODER.encode([query])[0]
        assert old.dense_search(vector, 9) == new.dense_search(vector, 9)
        assert old.lexical_search(query, 9) == new.lexical_search(query, 9)
        new.put([letter(30)])  # its rows go on after those that were copied
        assert new.lexical_search("mark0x30x0", 1)[0].passage_id == "d30#0"
    assert doctor.check(two, None, target).sound
    if target is not None:
        with pytest.raises(StoreError, match="FONDS_CATALOGUE_SCHEMA"):
            restore(tmp_path / "copy.zip", tmp_path / "three", server=target)


def test_a_restore_that_fails_leaves_nothing_on_the_server(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with IndexStore.open(tmp_path / "one", write=True, encoder=IDENTITY) as store:
        store.put([letter(1)])
    backup(tmp_path / "one", tmp_path / "copy.zip")
    target = postgres.catalogue()
    with pytest.raises(StoreError, match="Chroma"):
        restore(tmp_path / "copy.zip", tmp_path / "two", "http://127.0.0.1:1", target)
    assert not (tmp_path / "two").exists()
    assert not IndexStore.exists(tmp_path / "two", target)
    restore(tmp_path / "copy.zip", tmp_path / "two", None, target)
    assert doctor.check(tmp_path / "two", None, target).sound


def test_orders_and_filters_are_those_of_sqlite(postgres: PostgresServer, tmp_path: Path) -> None:
    server = postgres.catalogue()
    letters = [letter(n) for n in range(30)]
    odd = [
        replace(item, document=replace(item.document, title=title))
        for item, title in zip(letters, ["Ärger", "a", "B", "%_?", "Я", "é"], strict=False)
    ]
    with (
        IndexStore.open(tmp_path / "one", write=True, encoder=IDENTITY) as one,
        opened(tmp_path / "two", server, write=True) as two,
    ):
        for store in (one, two):
            store.put([*letters[6:], *odd])
        assert one.documents() == two.documents()
        assert one.values("author") == two.values("author")
        assert one.sha256() == two.sha256()
        assert json.dumps(one.info()["languages"], sort_keys=True) == json.dumps(
            two.info()["languages"], sort_keys=True
        )
        assert one.warned("undated") == two.warned("undated")
        key = letters[9].search_key[5:40]
        assert one.containing(key) == two.containing(key) == ["d9"]
        assert one.containing(key, "d9") == two.containing(key, "d9") == ["d9"]


def test_a_reader_needs_no_more_than_select_and_a_password_file(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as store:
        store.put([letter(1)])
    postgres.sql("CREATE ROLE reader LOGIN PASSWORD 'only:reading'")
    postgres.sql(f"GRANT USAGE ON SCHEMA {server.schema} TO reader")
    postgres.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {server.schema} TO reader")
    secrets = tmp_path / "pgpass"
    secrets.write_text(f"127.0.0.1:{postgres.port}:postgres:reader:only\\:reading\n")
    secrets.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secrets))
    reading = CatalogueServer(
        f"postgresql://reader@127.0.0.1:{postgres.port}/postgres", server.schema
    )
    with opened(tmp_path / "front", reading) as front:
        assert front.lexical_search("mark0x1x0", 1)[0].passage_id == "d1#0"
        assert front.dense_search(letter(1).vectors[0], 1)[0].passage_id == "d1#0"
    assert doctor.check(tmp_path / "front", None, reading).sound
    with pytest.raises(StoreError, match="GRANT"):
        opened(tmp_path / "front", reading, write=True)
    assert doctor.check(tmp_path / "one", None, server).sound
