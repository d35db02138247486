"""How far a front end is behind the writer of a catalogue in PostgreSQL, under load.

One process puts documents in without a pause, several front ends look by words for each of them.
A delay is counted from before the document was handed to the store until a search finds it, so
writing is in it. Not here: PostgreSQL itself, which must run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from eval.bench.fonds import percentiles
from eval.bench.made_archive import HashingEncoder, documents
from index_store.catalogue.engines.server import CatalogueServer
from index_store.store import Entry, IndexStore
from index_store.types import Document
from rag.errors import StoreError
from rag.records.description import header_of
from rag.text.chunking import split
from rag.text.normalization import key

Figures = dict[str, float]

FRONT_ENDS = 2
BATCH = 20  # documents committed together, of some ten passages each
PATIENCE = 60.0  # seconds after which a document counts as lost


def follow(server: CatalogueServer, seconds: float, before: int) -> Figures:
    """Seconds behind of the front ends, and what was written meanwhile, with `before` passages
    there at the start.

    Raises StoreError where the schema has a catalogue already: it is for the measurement alone.
    """
    with tempfile.TemporaryDirectory(prefix="fonds-follow-") as work:
        folder = Path(work)
        if IndexStore.exists(folder / "writer", server):
            raise StoreError(f"{server} has a catalogue: name a schema that is not there yet")
        source = _entries()
        encoder = HashingEncoder()
        with _writer(folder, server, encoder) as store:
            while len(store) < before:
                store.put([next(source)[1] for _ in range(BATCH)])
        began = time.perf_counter()
        fronts = [_Front(folder / f"front{n}", server) for n in range(FRONT_ENDS)]
        filled = time.perf_counter() - began
        written = _write(folder, server, encoder, source, seconds, fronts)
        delays = sorted(delay for front in fronts for delay in front.close())
    return {
        "documents": float(written),
        "documents_a_second": round(written / seconds, 1),
        "lost": float(written * FRONT_ENDS - len(delays)),
        "filling_s": round(filled, 2),
        **percentiles("behind", delays),
        "behind_max": round(delays[-1], 3) if delays else 0.0,
    }


def _write(
    folder: Path,
    server: CatalogueServer,
    encoder: HashingEncoder,
    source: Iterator[tuple[str, Entry]],
    seconds: float,
    fronts: list[_Front],
) -> int:
    """Puts documents in for so long; tells the front ends which. Returns how many."""
    written = 0
    with _writer(folder, server, encoder) as store:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            batch = [next(source) for _ in range(BATCH)]
            started = time.time()
            store.put([entry for _, entry in batch])
            written += BATCH
            for front in fronts:
                front.expect(started, [mark for mark, _ in batch])
    return written


def _writer(folder: Path, server: CatalogueServer, encoder: HashingEncoder) -> IndexStore:
    return IndexStore.open(
        folder / "writer", write=True, encoder=encoder.identity, server=server, with_chroma=False
    )


def _entries() -> Iterator[tuple[str, Entry]]:
    """Made documents without end, each with a word that stands in it alone."""
    encoder, file = HashingEncoder(), 0
    while True:
        for made in documents(file):
            mark = f"mark{made['id'].removeprefix('made-')}x"
            fields = {name: made[name] for name in ("title", "lang", "date", "author", "recipient")}
            document = Document(
                document_id=made["id"],
                record_id=made["id"],
                text=f"{made['text']} {mark}",
                date_from=made["date"],
                date_to=made["date"],
                sha256=made["id"],
                **fields,
            )
            passages = split(document)
            vectors = encoder.encode_passages([passage.text for passage in passages])
            header = header_of(document)
            yield mark, Entry(document, tuple(passages), vectors, key(document.text), header)
        file += 1


_FRONT = """
import os, sys, time
from pathlib import Path
from index_store.catalogue.engines.server import CatalogueServer
from index_store.store import IndexStore
server = CatalogueServer(os.environ["FONDS_CATALOGUE"], sys.argv[2])
with IndexStore.open(Path(sys.argv[1]), server=server) as store:
    print("open", flush=True)
    for line in sys.stdin:
        started, mark = line.split()
        deadline = time.monotonic() + %s
        while not store.lexical_search(mark, 1):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            print(time.time() - float(started), flush=True)
"""


class _Front:
    """A front end in a process of its own, which looks for one document after the other."""

    def __init__(self, folder: Path, server: CatalogueServer) -> None:
        code = _FRONT % PATIENCE
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder), server.schema],
            env={**os.environ, "FONDS_CATALOGUE": server.url},  # others can read arguments
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        if self._process.stdout.readline() != "open\n":
            raise StoreError(f"a front end of {server} cannot be opened; see the error above")
        self._delays: list[float] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout
        with closing(self._process.stdout) as told:
            self._delays.extend(float(line) for line in told)

    def expect(self, started: float, marks: list[str]) -> None:
        """Looks for the documents of a batch, which was handed over at `started`."""
        assert self._process.stdin
        for mark in marks:
            print(started, mark, file=self._process.stdin)
        self._process.stdin.flush()

    def close(self) -> list[float]:
        """The seconds until each document was found."""
        assert self._process.stdin
        self._process.stdin.close()
        self._thread.join()
        self._process.wait()
        return self._delays
