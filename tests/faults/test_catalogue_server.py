"""Faults of a catalogue's server: connections lost, restarts, no answer, a full disk, much at once.

Injected into a real PostgreSQL: by ending its connections, by stopping it as a power cut does, by
SIGSTOP, by a small tmpfs.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index_store.catalogue.engines import postgres_engine
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreError
from index_store.maintenance import doctor
from index_store.store import Entry, IndexStore
from tests.faults import kit
from tests.kits.postgres_kit import PostgresServer, postgres_server
from tests.kits.store_kit import IDENTITY, letter

FULL = pytest.mark.slow


@pytest.fixture(scope="module")
def own() -> Iterator[PostgresServer]:
    """A server that the tests of this file may stop."""
    with postgres_server() as server:
        yield server


def opened(folder: Path, server: CatalogueServer, write: bool = False) -> IndexStore:
    return IndexStore.open(folder, write=write, encoder=IDENTITY if write else None, server=server)


def hang_up(server: PostgresServer) -> None:
    """Ends all connections of Fonds."""
    server.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fonds'"
    )


@pytest.mark.parametrize("trials", [3, pytest.param(60, marks=FULL)])
def test_a_connection_lost_in_the_middle_of_a_commit(
    trials: int, own: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing; the writer stops, because its lock is gone; readers connect again."""
    server = own.catalogue()
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(n) for n in range(6)])
    chance = random.Random(f"lost {trials}")
    insert = WritingCatalogue._insert
    model = {f"d{n}": letter(n) for n in range(6)}
    with opened(tmp_path / "front", server) as front:
        for trial in range(1, trials + 1):
            at, puts = chance.randint(1, 4), [letter(n, seed=trial) for n in range(4)]
            seen = 0

            def inserting(self: WritingCatalogue, item: Entry, at: int = at) -> int:
                nonlocal seen
                seen += 1
                row = insert(self, item)
                if seen == at:
                    hang_up(own)
                return row

            with monkeypatch.context() as patch:
                patch.setattr(WritingCatalogue, "_insert", inserting)
                store = opened(tmp_path / "one", server, write=True)
                with pytest.raises(StoreError, match="connection was lost"):
                    store.put(puts)
                with pytest.raises(StoreError, match="connection"):
                    store.put([letter(9)])
                with pytest.raises(StoreError, match="connection"):
                    store.close()
            assert {d.document_id for d in front.documents()} == set(model)
            for name, item in model.items():
                assert front.document(name) == item.document
            if trial % 2:
                with opened(tmp_path / "one", server, write=True) as again:
                    again.put(puts)
                model |= {item.document.document_id: item for item in puts}
    assert doctor.check(tmp_path / "one", None, server).sound


def test_a_server_that_is_restarted(own: PostgresServer, tmp_path: Path) -> None:
    """As after a power cut: faults while it is down, then readers go on by themselves."""
    server = own.catalogue()
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(n) for n in range(5)])
    with opened(tmp_path / "front", server) as front:
        own.stop("immediate")
        try:
            for ask in (
                lambda: front.document("d1"),
                lambda: front.lexical_search("mark0x1x0", 1),
                lambda: front.dense_search(letter(1).vectors[0], 1),
            ):
                with pytest.raises(StoreError, match=r"connect|lost"):
                    ask()
        finally:
            own.start()
        assert front.document("d1") == letter(1).document
        assert front.lexical_search("mark0x1x0", 1)[0].passage_id == "d1#0"
        with opened(tmp_path / "one", server, write=True) as writer:
            writer.put([letter(8)])
        deadline = time.monotonic() + 10
        while not front.lexical_search("mark0x8x0", 1):
            assert time.monotonic() < deadline
    assert doctor.check(tmp_path / "one", None, server).sound


def test_a_server_that_does_not_answer(
    own: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own.catalogue()
    with opened(tmp_path / "one", server, write=True) as writer:
        writer.put([letter(1)])
    monkeypatch.setattr(postgres_engine, "SECONDS", 0.5)
    monkeypatch.setattr(postgres_engine, "CONNECT_SECONDS", 2)
    front = opened(tmp_path / "front", server)
    with own.frozen():
        started = time.monotonic()
        with pytest.raises(StoreError, match="no answer within"):
            front.document("d1")
        with pytest.raises(StoreError, match="cannot connect"):
            opened(tmp_path / "other", server)
        assert time.monotonic() - started < 12
    assert front.document("d1") == letter(1).document
    front.close()


def test_a_statement_that_takes_too_long(
    own: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own.catalogue()
    opened(tmp_path / "one", server, write=True).close()
    monkeypatch.setattr(postgres_engine, "SECONDS", 0.2)
    with opened(tmp_path / "front", server) as front:
        with pytest.raises(StoreError, match="no answer within"):
            front._catalogue.rows("SELECT pg_sleep(5)")
        assert front.documents() == []


def test_a_full_disk_there(tmp_path: Path) -> None:
    """The old state intact, a clear fault, and it resumes when there is room."""
    with postgres_server(disk_mb=130) as small:
        server = small.catalogue()
        with opened(tmp_path / "one", server, write=True) as writer:
            writer.put([letter(n) for n in range(4)])
            before = writer.sha256()
        ballast = small.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 65_536)
            except OSError:
                pass  # it is full now
        stored: list[Entry] = []
        fault = ""
        try:
            with opened(tmp_path / "one", server, write=True) as writer:
                for n in range(10, 400):
                    item = letter(n, paragraphs=300)
                    writer.put([item])
                    stored.append(item)
        except StoreError as error:
            fault = str(error)
        assert "make room" in fault or "lost" in fault or "connect" in fault, fault
        ballast.unlink()
        try:
            small.start()  # it stops itself where its log cannot grow
        except subprocess.CalledProcessError:
            assert small.sql("SELECT 1") == [(1,)]  # it went on
        with opened(tmp_path / "one", server, write=True) as writer:
            kept = {d.document_id for d in writer.documents()}
            committed = {item.document.document_id for item in stored}
            assert committed <= kept
            assert {"d0", "d1", "d2", "d3"} <= kept and len(kept - committed) <= 5
            writer.put([letter(n, paragraphs=300) for n in range(10, 20)])
            writer.delete([name for name in kept if name not in {"d0", "d1", "d2", "d3"}])
            writer.delete([f"d{n}" for n in range(10, 20)])
            assert writer.sha256() == before
        assert doctor.check(tmp_path / "one", None, server).sound


WRITER = """
import json, random, sys, time
from pathlib import Path
from index_store.catalogue.engines.server import CatalogueServer
from index_store.store import IndexStore
from tests.kits.store_kit import IDENTITY, letter
folder, url, schema, seconds = sys.argv[1:]
server = CatalogueServer(url, schema)
chance = random.Random("load")
version, number = {}, 0
deadline = time.monotonic() + float(seconds)
with IndexStore.open(Path(folder), write=True, encoder=IDENTITY, server=server) as store:
    while time.monotonic() < deadline:
        number += 1
        chosen = chance.sample(range(40), 2)
        if chance.random() < 0.7:
            store.put([letter(n, seed=number) for n in chosen])
            version.update((n, number) for n in chosen)
        else:
            store.delete([f"d{n}" for n in chosen])
            for n in chosen:
                version.pop(n, None)
        print(number, flush=True)
print(json.dumps(version), flush=True)
"""


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=FULL)])
def test_two_front_ends_and_a_writer_under_load(
    seconds: int, own: PostgresServer, tmp_path: Path
) -> None:
    """Nothing lost, nothing twice, and no answer from a document that is gone."""
    server = own.catalogue()
    opened(tmp_path / "writer", server, write=True).close()
    arguments = [str(tmp_path / "writer"), server.url, server.schema, str(seconds)]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments],
        cwd=kit.ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    faults: list[str] = []
    asked = [0, 0]

    def ask(place: int) -> None:
        chance = random.Random(place)
        with opened(tmp_path / f"front{place}", server) as front:
            while writer.poll() is None:
                n, part = chance.randrange(40), chance.randrange(3)
                for hits in (
                    front.lexical_search(f"grain lantern frost канал {part}", 5),
                    front.dense_search(letter(n).vectors[part], 5),
                ):
                    if len({hit.passage_id for hit in hits}) != len(hits):
                        faults.append(f"twice: {hits}")
                try:
                    with front._catalogue.snapshot():
                        for document in front.documents():
                            whole = front.document(document.document_id)
                            texts = [p.text for p in front.passages(document.document_id)]
                            if "\n\n".join(texts) != whole.text:
                                faults.append(f"half a document: {document.document_id}")
                except StoreError as error:
                    faults.append(str(error))
                asked[place] += 1

    threads = [threading.Thread(target=ask, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    assert writer.stdout
    with writer.stdout:
        *_, last = writer.stdout
    for thread in threads:
        thread.join()
    assert writer.wait() == 0 and not faults, faults[:3]
    assert min(asked) > seconds
    version = {int(n): seed for n, seed in json.loads(last).items()}
    for place in (0, 1):
        with opened(tmp_path / f"front{place}", server) as front:
            assert {d.document_id for d in front.documents()} == {f"d{n}" for n in version}
            for n, seed in version.items():
                item = letter(n, seed=seed)
                assert front.document(f"d{n}") == item.document
                word = item.passages[1].text.split()[-1]
                assert [h.passage_id for h in front.lexical_search(word, 3)] == [f"d{n}#1"]
        assert doctor.check(tmp_path / f"front{place}", None, server).sound
    assert doctor.check(tmp_path / "writer", None, server).sound
