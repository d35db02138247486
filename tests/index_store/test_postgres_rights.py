"""A catalogue in PostgreSQL: addresses and passwords, rights, locks, long fields, the doctor."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from index_store.catalogue.connection import Place
from index_store.catalogue.engines import postgres_engine, postgres_words
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.moving import take_from_server
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreError, StoreLocked
from index_store.maintenance import checks, doctor
from index_store.maintenance.backup import backup, restore
from index_store.store import IndexStore
from index_store.vectors.server import ChromaServer
from tests.index_store.test_postgres import opened
from tests.kits.postgres_kit import PostgresServer
from tests.kits.store_kit import IDENTITY, entry, letter


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@geheim@db/x", "postgresql://fonds:4711/geheim@db", "postgresql://u:1?geheim@h",
        "postgresql://u:1#geheim@h", "postgresql://u:geheim#2@h/x", "postgresql://geheim:x:y/z",
    ],
)  # fmt: skip
def test_an_address_with_a_password_that_is_not_encoded_is_not_repeated(url: str) -> None:
    with pytest.raises(StoreError, match="PGPASSFILE") as refused:
        CatalogueServer(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://me:geheim@h", "https://h/?token=geheim", "x://geheim@h"])
def test_an_address_of_chroma_with_a_password_is_not_repeated(url: str) -> None:
    with pytest.raises(StoreError, match="FONDS_CHROMA_HEADERS") as refused:
        ChromaServer(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p%40w@h1:5432,h2:5433/x", "h1:5432, h2:5433, x"),
        ("postgresql:///x", "this machine:5432, x"),
        ("postgres://[::1]:7/x?sslmode=require", "[::1]:7, x"),
        ("postgresql://h", "h:5432, the user's database"),
    ],
)
def test_the_hosts_are_told(url: str, hosts: str) -> None:
    assert str(CatalogueServer(url)) == f"PostgreSQL on {hosts}, schema fonds"


def test_the_second_of_two_hosts_serves(postgres: PostgresServer, tmp_path: Path) -> None:
    server = postgres.catalogue()
    host = f"127.0.0.1:{postgres.port}"
    two = CatalogueServer(server.url.replace(host, f"127.0.0.1:1,{host}"), server.schema)
    with opened(tmp_path, two, write=True) as store:
        store.put([letter(1)])


def test_who_does_not_own_the_tables_is_told_so(postgres: PostgresServer, tmp_path: Path) -> None:
    server = postgres.catalogue()
    opened(tmp_path / "one", server, write=True).close()
    postgres.sql("CREATE ROLE other LOGIN PASSWORD 'another word'")
    postgres.sql(f"GRANT ALL ON SCHEMA {server.schema} TO other")
    postgres.sql(f"GRANT ALL ON ALL TABLES IN SCHEMA {server.schema} TO other")
    postgres.sql(f"ALTER TABLE {server.schema}.outbox DROP COLUMN token")
    other = CatalogueServer(postgres.url(user="other", password="another word"), server.schema)
    with pytest.raises(StoreError, match="only their owner may"):
        opened(tmp_path / "two", other, write=True)
    postgres.sql("GRANT fonds TO other")
    with opened(tmp_path / "two", other, write=True) as store:
        store.put([letter(1)])


def noise(length: int) -> str:
    """Text that cannot be packed."""
    return "".join(random.Random(length).choices(string.ascii_letters + string.digits, k=length))


def test_a_long_field_is_stored_and_a_long_id_refused(catalogue: str, tmp_path: Path) -> None:
    long = noise(9_000)
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([entry("a", "frost", recipient=long, author=long, place=long)])
        assert store.document("a").recipient == long and store.values("author") == [long]
        with pytest.raises(StoreError, match=r"takes 3,000 bytes.*shorter") as refused:
            store.put([entry(noise(3_000), "frost")])
        assert len(str(refused.value)) < 400
        store.put([entry(noise(2_500), "frost")])
        assert len(store.documents()) == 2


def test_what_no_store_can_hold_is_told(catalogue: str, tmp_path: Path) -> None:
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([letter(1)])
        assert len(store.documents(limit=10**20)) == 1
        with pytest.raises(StoreError, match=r"not valid UTF-8"):
            store.document("\ud800")
        assert store.document("d1") == letter(1).document


def test_rows_are_sent_in_parts() -> None:
    rows = [("x" * 1_500_000, n) for n in range(5)]
    parts = list(postgres_words.batches(rows))
    assert [len(part) for part in parts] == [3, 2]
    assert [row for part in parts for row in part] == rows
    assert list(postgres_words.batches([])) == []


def test_a_session_has_no_timeouts_for_idleness(postgres: PostgresServer) -> None:
    server = postgres.catalogue()
    postgres.sql("ALTER ROLE fonds SET idle_session_timeout TO '1s'")
    try:
        engine = postgres_engine.PostgresEngine(server)
    finally:
        postgres.sql("ALTER ROLE fonds RESET idle_session_timeout")
    for name in ("idle_session_timeout", "idle_in_transaction_session_timeout"):
        assert engine.rows(f"SHOW {name}") == [("0",)]
    assert engine._connection.info.get_parameters()["keepalives_idle"] == "30"
    engine.close()


# -- restoring --------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    with IndexStore.open(tmp_path / "one", write=True, encoder=IDENTITY) as store:
        store.put([letter(n) for n in range(3)])
    backup(tmp_path / "one", tmp_path / "copy.zip")
    return tmp_path / "copy.zip"


def test_a_restore_keeps_the_lock_to_its_end(
    copy: Path, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    whole, claimed = IndexStore.open, []

    def opening(*given: object, **named: object) -> IndexStore:
        other = WritingCatalogue(Place(tmp_path, server))
        claimed.append(other.engine.claim())
        other.close()
        return whole(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(IndexStore, "open", opening)
    restore(copy, tmp_path / "two", server=server, with_chroma=False)
    monkeypatch.undo()
    assert claimed == [False]
    assert not (tmp_path / "two" / "vectors").exists()
    assert doctor.check(tmp_path / "two", None, server).sound


def test_a_catalogue_that_another_writes_to_is_not_taken_away(
    copy: Path, postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    restore(copy, tmp_path / "two", server=server, with_chroma=False)
    place = Place(tmp_path / "two", server)
    with opened(tmp_path / "three", server, write=True) as other:
        store_id = other._catalogue.meta()["store_id"]
        with pytest.raises(StoreLocked):
            take_from_server(place, store_id)
        other.put([letter(7)])
    with pytest.raises(StoreError, match="another has written"):
        take_from_server(place, store_id)
    with opened(tmp_path / "three", server) as front:
        assert len(front.documents()) == 4


# -- the doctor -------------------------------------------------------------------------------


def test_the_doctor_of_a_front_end_holds_no_writers_lock(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    opened(tmp_path / "one", server, write=True).close()
    whole, written = checks.catalogue_problems, []

    def checking(*given: object) -> object:
        with opened(tmp_path / "one", server, write=True) as writer:
            writer.put([letter(1)])
        written.append(True)
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(checks, "catalogue_problems", checking)
    assert doctor.check(tmp_path / "front", None, server).sound and written == [True]


def test_a_repair_builds_no_chroma_where_none_is_kept(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(1)])
    opened(tmp_path / "front", server).close()
    report = doctor.repair(tmp_path / "front", None, server)
    assert report.sound and report.repaired == 0
    assert not (tmp_path / "front" / "vectors").exists()
    assert doctor.check(tmp_path / "one", None, server).checked["vectors"] == 3


def test_the_doctor_reads_a_store_in_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    folder = tmp_path / "box #4?mode=rwc"
    with IndexStore.open(folder, write=True, encoder=IDENTITY) as store:
        store.put([letter(1)])
    assert doctor.check(folder).sound
    assert list(tmp_path.iterdir()) == [folder]  # it has opened no other file, nor made one
