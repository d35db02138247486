"""A Chroma server: what is refused before a byte is sent, what goes with each request, readers."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index_store.errors import StoreError
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.store import IndexStore
from index_store.vectors.server import ChromaServer
from rag.archive import Archive
from rag.errors import SettingsError
from rag.settings import Settings
from tests.faults import kit
from tests.faults.host import FailingEncoder
from tests.kits.chroma_kit import chroma_server, guarded_server
from tests.kits.store_kit import IDENTITY, letter


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.mark.parametrize(
    "url",
    [
        *("http://chroma.example.org:8000", "http://192.0.2.1", "http://[2001:db8::1]:8000"),
        *("http://127.0.0.1.example.org", "http://localhost.example.org", "http://0.0.0.0:8000"),
    ],
)
def test_plain_http_to_another_machine_is_refused_unless_allowed(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"plain HTTP.*FONDS_CHROMA_PLAIN_HTTP"):
        IndexStore.open(tmp_path / "store", write=True, encoder=IDENTITY, chroma_url=url)
    assert ChromaServer(url, plain_http=True).host
    assert ChromaServer(url.replace("http:", "https:")).encrypted


@pytest.mark.parametrize(
    "url",
    ["chroma", "ftp://h", "http://", "https://h:port", "https://me:secret@h", "https://h/x?y=1"],
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(StoreError, match="FONDS_CHROMA_URL"):
        ChromaServer(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_this_machine_may_be_plain(url: str) -> None:
    assert not ChromaServer(url).encrypted and ChromaServer(url).port == 9


def test_headers_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "headers"
    path.write_text("# of the Chroma server\nAuthorization: Bearer abc def\n\nX-Token: t\n")
    settings = Settings(chroma_url="https://h", chroma_headers=path, chroma_tenant="t")
    made = settings.chroma_server()
    assert made is not None and made.tenant == "t"
    assert made.headers == {"Authorization": "Bearer abc def", "X-Token": "t"}
    assert "abc" not in repr(made) and "abc" not in str(settings.describe())
    path.write_text("no header")
    with pytest.raises(SettingsError, match="line 1"):
        settings.chroma_server()
    with pytest.raises(SettingsError, match="cannot be read"):
        replace(settings, chroma_headers=tmp_path / "none").chroma_server()
    with pytest.raises(StoreError, match="CERTIFICATES"):
        ChromaServer("https://h", certificates=tmp_path / "none")
    assert Settings().chroma_server() is None


def test_tls_token_tenant_and_database(server: str, tmp_path: Path) -> None:
    """Over TLS with all four; without any one of them the fault names the server."""
    (tmp_path / "tls").mkdir()
    with guarded_server(server, tmp_path / "tls") as guarded:
        with IndexStore.open(
            tmp_path / "store", write=True, encoder=IDENTITY, chroma_url=guarded
        ) as store:
            store.put([letter(n) for n in range(5)])
        assert doctor.check(tmp_path / "store", guarded).sound
        for wrong in (
            replace(guarded, headers={}),
            replace(guarded, tenant="nobody"),
            replace(guarded, database="none"),
            replace(guarded, certificates=None),
        ):
            report = doctor.check(tmp_path / "store", wrong)
            assert [problem.code for problem in report.problems] == ["vectors_damaged"], wrong
            assert guarded.url in report.problems[0].what
        backup(tmp_path / "store", tmp_path / "backup.zip")
        restore(tmp_path / "backup.zip", tmp_path / "restored", guarded)
        assert doctor.check(tmp_path / "restored", guarded).sound
        assert doctor.check(tmp_path / "store", guarded).sound, "the first is as it was"
    gc.collect()  # a connection left open would warn here, and fail


READER = """
import json, sys
from pathlib import Path
from rag.archive import Archive
from rag.settings import Settings
from tests.faults.host import FailingEncoder
settings = Settings(store=Path(sys.argv[1]), chroma_url=sys.argv[2], exact_limit=1)
allowed = set(json.loads(Path(sys.argv[3]).read_text()))
count = 0
with Archive(settings, FailingEncoder()) as archive:
    while not Path(sys.argv[4]).exists() or count < 3:
        hits = archive.search("the keeper of the archive counted the sheets", 20).hits
        assert hits and all(h.document.text in allowed for h in hits)
        assert all(h.passage.text == h.document.text[h.passage.start:h.passage.end] for h in hits)
        count += 1
print(count)
"""


def test_two_readers_go_on_while_one_ingests(server: str, tmp_path: Path) -> None:
    """Two processes search as the chat does, by the server's candidates, during three ingests."""
    world, store, stop = kit.World(tmp_path / "w"), tmp_path / "store", tmp_path / "stop"
    settings = Settings(store=store, chroma_url=server)
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps([*world.before.values(), *world.after.values()]))
    world.write(world.before)
    with Archive(settings, FailingEncoder()) as archive:
        archive.ingest([world.letters], prune=True)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, *map(str, (store, server, texts, stop))],
            cwd=kit.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for letters in (world.after, world.before, world.after):
        world.write(letters)
        with Archive(settings, FailingEncoder()) as archive:
            assert not archive.ingest([world.letters], prune=True).failures
    stop.touch()
    for reader in readers:
        out, errors = reader.communicate(timeout=120)
        assert reader.returncode == 0, errors
        assert int(out) >= 3
    assert doctor.check(store, server).sound
