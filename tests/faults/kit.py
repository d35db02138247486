"""What fault tests share: the shim, a host that forks trials, a small archive that changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from index_store.maintenance import doctor
from index_store.store import IndexStore
from rag.archive import Archive
from rag.settings import Settings
from tests.faults.host import FailingEncoder
from tests.kits import engine_kit

ROOT = Path(__file__).resolve().parents[2]
KILLED = -9


def build_shim(folder: Path) -> Path:
    """The interposed library, compiled; the test is skipped where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("a C compiler on Linux is needed to make writes fail")
    library = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True
    )
    return library


def discard(store: Path) -> None:
    """Removes a trial's store, all but what a thread of tantivy's may put back meanwhile: its
    lock file, as long as an index has just been opened."""
    shutil.rmtree(store, ignore_errors=True)


class Trial:
    """A trial under way in a child; `ended` is how it ended, once it has."""

    def __init__(self) -> None:
        self.ended: dict[str, Any] = {}


class Host:
    """A process that runs trials in forked children."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def run(self, store: Path, **trial: Any) -> dict[str, Any]:
        """How one trial that `host` knows ended: "exit" is its status, the rest what it told."""
        with self.running(store, **trial) as started:
            pass
        return started.ended

    def ingest(self, letters: Path, store: Path, **trial: Any) -> dict[str, Any]:
        """The same of an ingest."""
        return self.run(store, letters=str(letters), **trial)

    @contextmanager
    def running(self, store: Path, **trial: Any) -> Iterator[Trial]:
        """A trial that goes on while the block runs, and has ended after it."""
        result = self._folder / "result.json"
        result.unlink(missing_ok=True)
        trial = {**trial, "store": str(store), "result": str(result)}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(trial) + "\n")
        self._process.stdin.flush()
        started = Trial()
        yield started
        status = int(self._process.stdout.readline())
        told = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
        started.ended = {"exit": status, **told}


@contextmanager
def host(folder: Path, shim: Path | None = None) -> Iterator[Host]:
    """A host whose children's writes below `folder` can be made to fail if `shim` is given."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if shim is not None:
        environment |= {"LD_PRELOAD": str(shim), "SHIM_FOLDER": str(folder.resolve())}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.host"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Host(process, folder)
    finally:
        process.communicate()


class World:
    """A folder of letters before and after a day's work: some edited, gone, new; and its store."""

    def __init__(self, folder: Path, size: int = 10) -> None:
        self.letters = folder / "letters"
        self.before = {f"l{n}": _letter(n, "before") for n in range(size)}
        self.after = {
            f"l{n}": _letter(n, "after" if n % 3 == 0 else "before")
            for n in range(size + max(1, size // 3))
            if n % 4 != 2
        }

    def write(self, letters: dict[str, str]) -> None:
        """The folder as these letters: the even ones a file each, the odd ones in one file."""
        shutil.rmtree(self.letters, ignore_errors=True)
        self.letters.mkdir(parents=True)
        alone = [name for name in letters if int(name[1:]) % 2 == 0]
        for name in alone:
            (self.letters / f"{name}.txt").write_text(letters[name], encoding="utf-8")
        lines = [
            json.dumps({"id": name, "text": text})
            for name, text in letters.items()
            if name not in alone
        ]
        (self.letters / "journal.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def check_whole(self, store: Path) -> None:
        """Every document that the store returns is wholly as before or wholly as after."""
        if not IndexStore.exists(store):
            return
        allowed = {*self.before.values(), *self.after.values()}
        with IndexStore.open(store) as reader:
            for listed in reader.documents():
                text = reader.document(listed.document_id).text
                assert text in allowed, f"half a document: {listed.document_id}"
                passages = reader.passages(listed.document_id)
                assert all(p.text == text[p.start : p.end] for p in passages)
                assert "".join(p.text.replace("\n", "") for p in passages) == text.replace("\n", "")

    def check_final(self, store: Path, letters: dict[str, str]) -> None:
        """The store holds these letters, each once; it is sound and finds every passage."""
        report = doctor.check(store)
        assert report.sound, report.problems
        with IndexStore.open(store) as reader:
            stored = [reader.document(d.document_id).text for d in reader.documents()]
            assert sorted(stored) == sorted(letters.values())
            encoder = FailingEncoder()
            for listed in reader.documents():
                for passage in reader.passages(listed.document_id):
                    vector = encoder.encode([passage.text])[0]
                    assert reader.dense_search(vector, 1)[0].passage_id == passage.passage_id
                    word = next(w for w in passage.text.split() if w.startswith("mark"))
                    found = reader.lexical_search(word, 5)
                    assert [hit.passage_id for hit in found] == [passage.passage_id]


def copy_old(old: Path, store: Path, world: World) -> None:
    """Another store as `old`, that of the world's letters before; the letters are then as after."""
    if engine_kit.server_of(store) is None:
        shutil.copytree(old, store)
        return
    world.write(world.before)  # its catalogue cannot be copied with the folder
    ingest(world.letters, store)
    world.write(world.after)


def ingest(letters: Path, store: Path) -> None:
    """An ingest that nothing disturbs, in this process."""
    with Archive(Settings(store=store), FailingEncoder()) as archive:
        report = archive.ingest([letters], prune=True)
        assert not report.failures


def _letter(number: int, state: str) -> str:
    """Three paragraphs, long enough to be passages of their own, each with a word of its own."""
    filler = "The keeper of the archive counted the sheets of the bundle and wrote their number. "
    return "\n\n".join(
        f"{filler * 3}mark{state}{number}part{part} stands in the {state} version."
        for part in range(3)
    )
