"""Ingest by several processes: the same store, clear errors, no process left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index_store.store import IndexStore
from index_store.types import Vectors
from rag import Archive
from rag.cli.commands import main
from rag.errors import EncoderError, ReadError, UsageError
from rag.ingest import ingest
from rag.models.encoder import Encoder
from rag.models.encoding import encoding
from rag.models.registry import encoder_maker
from rag.readers.sandbox import ParserSandbox
from rag.settings import Settings
from rag.types import IngestReport
from tests.kits.bundled import bundled
from tests.kits.hashing import HashingEncoder
from tests.kits.pdf_kit import pdf, prose
from tests.kits.worker_kit import Troubled, not_loaded

ROOT = Path(__file__).resolve().parents[1]


def line(name: str, text: str) -> str:
    return json.dumps({"id": name, "text": text, "lang": "en"}) + "\n"


def letters(folder: Path, **more: str) -> Path:
    """Sixty letters in one file; `more` are letters after them."""
    folder.mkdir(exist_ok=True)
    rows = {f"l{n}": f"Letter {n} is about coal." for n in range(60)} | more
    (folder / "letters.jsonl").write_text("".join(line(*row) for row in rows.items()))
    return folder


def ingested(
    store: Path, folder: Path, workers: int, make: Callable[[], Encoder] = Troubled
) -> IngestReport:
    encoder = HashingEncoder()
    with (
        IndexStore.open(store, write=True, encoder=encoder.identity) as opened,
        encoding(encoder, make, workers) as encoded,
    ):
        return ingest(opened, encoded, [folder])


def contents(store: Path) -> list[Any]:
    """All that must not depend on the number of workers."""
    with IndexStore.open(store) as opened:
        ids = [listed.document_id for listed in opened.documents()]
        pages = [[page.picture for page in opened.pages(name)] for name in ids]
        passages = [p for name in ids for p in opened.passages(name)]
        sha256 = opened.sha256()
    with closing(sqlite3.connect(store / "catalogue.sqlite3")) as catalogue:
        rows = catalogue.execute("SELECT passage_id, vector FROM passages ORDER BY passage_id")
        return [sha256, ids, pages, passages, rows.fetchall()]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.document_writer.BATCH", 16)
    monkeypatch.setattr("rag.models.encoding.SHARE", 5)


@pytest.mark.usefixtures("small_batches")
def test_the_store_is_the_same_for_any_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids of equal names, warnings, failures, pictures of pages, those that cannot be drawn too."""
    real = ParserSandbox.pictures

    def pictures(sandbox: ParserSandbox, path: Path, frame: int, *more: Any) -> tuple[bytes, bytes]:
        if path.name == "c.pdf" and frame in (0, 2, 3, 4):
            raise ReadError(f"page {frame + 1} is damaged")
        return real(sandbox, path, frame, *more)

    monkeypatch.setattr(ParserSandbox, "pictures", pictures)
    folder = letters(tmp_path / "letters")
    for name in ("x", "y", "z"):
        (folder / name).mkdir()
        (folder / name / "a.txt").write_text("The same order to send coal to the north.")
    (folder / "bad.jsonl").write_text("{broken\n" + line("good", "Ice came."))
    pages = [prose([f"Coal came on day {n}; the ship left on the day after it."]) for n in range(7)]
    (folder / "b.pdf").write_bytes(pdf(pages))
    (folder / "c.pdf").write_bytes(pdf(pages[::-1]))
    stores, reports = [], []
    for workers in (1, 3):
        store = tmp_path / f"store-{workers}"
        reports.append(replace(ingested(store, folder, workers), seconds=0))
        stores.append(contents(store))
    assert reports[0] == reports[1] and reports[0].failed == 1
    assert stores[0] == stores[1]
    ids, drawn = stores[0][1:3]
    assert {"a", "a~2", "a~3"} <= set(ids)
    assert [name is not None for name in drawn[ids.index("b")]] == [True] * 7
    expected = [False, True, *[False] * 5]  # after three faults the pages behind are not tried
    assert [name is not None for name in drawn[ids.index("c")]] == expected
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("small_batches")
def test_the_real_encoder_gives_the_same_vectors() -> None:
    texts = [f"Letter {n}: «уголь» came, Kohle and carbón too. " * (1 + 2 * n) for n in range(8)]
    with encoding(bundled(), encoder_maker(Settings()), 2) as encoded:
        wait = encoded.start(texts)
        own = bundled().encode_passages(texts)
        found = wait()
    assert found.dtype == np.float32
    assert np.array_equal(found, own)


class Counted:
    """An Encoding that counts the batches under way."""

    workers = 3

    def __init__(self) -> None:
        self.under_way = self.most = 0

    def start(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)

        def vectors() -> Vectors:
            self.under_way -= 1
            return HashingEncoder().encode(texts)

        return vectors


@pytest.mark.usefixtures("small_batches")
def test_batches_under_way_are_limited(tmp_path: Path) -> None:
    counted, identity = Counted(), HashingEncoder().identity
    more = {f"m{n}": f"More of letter {n}." for n in range(90)}
    with IndexStore.open(tmp_path / "store", write=True, encoder=identity) as store:
        ingest(store, counted, [letters(tmp_path / "letters", **more)])
    assert (counted.most, counted.under_way) == (counted.workers + 1, 0)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("trouble", "make", "told", "kept"),
    [
        ("It shall be killed here.", Troubled, "a worker process .* has ended: it was killed", 16),
        ("It shall fail here.", Troubled, "encoder of a worker failed .ValueError: a fault", 16),
        ("Nothing.", not_loaded, "^the model is not there; install it$", 0),
    ],
)
def test_a_worker_in_trouble_is_one_clear_error(
    tmp_path: Path, trouble: str, make: Callable[[], Encoder], told: str, kept: int
) -> None:
    folder, store = letters(tmp_path / "letters", trouble=trouble), tmp_path / "store"
    with pytest.raises(EncoderError, match=told):
        ingested(store, folder, 2, make)
    assert multiprocessing.active_children() == []
    with IndexStore.open(store) as opened:
        done = len(opened.documents())
        passages = sum(len(opened.passages(d.document_id)) for d in opened.documents())
        assert len(opened) == passages, "a document is stored with its passages or not at all"
    assert kept <= done < 61, "what was committed stays"
    report = ingested(store, folder, 1)
    assert (report.added, report.unchanged, report.failed) == (61 - done, done, 0)


@pytest.mark.parametrize("workers", [0, -1, 65])
def test_a_number_that_is_not_allowed(
    tmp_path: Path, workers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(tmp_path / "store")
    with pytest.raises(SystemExit) as exit:
        main(["ingest", str(letters(tmp_path / "a")), "--store", store, f"--workers={workers}"])
    assert exit.value.code == 2
    assert capsys.readouterr().err == (f"fonds: workers is {workers}; give a number from 1 to 64\n")
    assert not Path(store).exists()


def test_an_encoder_that_was_handed_in_is_not_shared(tmp_path: Path) -> None:
    archive = Archive(Settings(store=tmp_path / "store"), HashingEncoder())
    with pytest.raises(UsageError, match="name it in the settings, or leave workers at 1"):
        archive.ingest([letters(tmp_path / "letters")], workers=2)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("kind", ["Ctrl-C", "kill -9"])
def test_workers_end_with_the_command(tmp_path: Path, kind: str) -> None:
    """`fonds ingest` with a slow encoder; Ctrl-C reaches all its processes, kill -9 only itself."""
    folder, seen = letters(tmp_path / "letters"), tmp_path / "seen"
    more = {f"m{n}": f"More of letter {n}." for n in range(2000)}
    letters(folder, **more)
    seen.mkdir()
    arguments = [str(seen), "ingest", str(folder), "--store", str(tmp_path / "store")]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kits.worker_kit", *arguments, "--workers", "2"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert until(lambda: len(list(seen.iterdir())) == 2), "two workers encode"
        if kind == "Ctrl-C":
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.kill()
        _, told = process.communicate(timeout=60)
        workers = [int(file.name) for file in seen.iterdir()]
        assert until(lambda: not any(map(is_running, workers)))
    finally:
        if any(is_running(int(file.name)) for file in seen.iterdir()) or process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    if kind == "Ctrl-C":
        assert process.returncode == 130
        assert told.strip() == "fonds: interrupted; documents already stored are kept"


def until(done: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it is done within this time."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    return done()


def is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("batch", [1, 512])
def test_ids_do_not_depend_on_what_is_queued(
    tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that moved from one file to another, and one whose id another file has taken."""
    monkeypatch.setattr("rag.document_writer.BATCH", batch)
    archive = Archive(Settings(store=tmp_path / "store"), HashingEncoder())
    a, b, z = (tmp_path / f"{name}.jsonl" for name in "abz")
    a.write_text(line("one", "Coal is short.") + line("two", "Bread is short."))
    b.write_text(line("three", "Ice came."))
    archive.ingest([a, b])
    a.write_text(line("two", "Bread is short."))
    b.write_text(line("three", "Ice came.") + line("one", "Coal is short."))
    report = archive.ingest([a, b])
    assert (report.added, report.updated, report.unchanged, report.removed) == (1, 0, 2, 1)
    assert {d.document_id: Path(d.path) for d in archive.documents()} == {
        "one": b, "two": a, "three": b,
    }  # fmt: skip

    z.write_text(line("four", "The ship left."))
    archive.ingest([z])
    archive.remove("four")
    a.write_text(line("four", "The ship came."))
    c = tmp_path / "c.jsonl"
    c.write_text(line("five", "Bread came."))
    archive.ingest([a, b, c, z])
    held = {d.document_id: Path(d.path) for d in archive.documents()}
    assert held == {"one": b, "three": b, "four": a, "five": c, "four~2": z}
