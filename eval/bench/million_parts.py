"""The parts of `million`; each runs in its own process and prints its figures as a line of JSON.

Not here: the archive and its encoder (`made_archive`), the order of the parts (`million`), the
peer's part (`peer`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.bench import made_archive
from eval.bench.fonds import disk, percentiles
from index_store.catalogue.connection import Place
from index_store.catalogue.reading import Catalogue
from index_store.store import IndexStore
from index_store.types import Vectors
from index_store.vectors.index import VectorIndex
from rag import Archive, Filters
from rag.settings import load

QUESTIONS = 200
FIRST = 10
"""Hits compared with exact search."""

_WARMING = 40  # questions before the clock starts
_NOTED_PASSAGES = 20_000  # how far the load has come is written down
_SCORED = 20_000  # vectors compared at a time by brute force


def opened(folder: str, *, chroma: bool = False) -> Archive:
    """The archive in a folder, with the hashing encoder."""
    return Archive(load({"store": Path(folder), "chroma": chroma}), made_archive.HashingEncoder())


def ingest(docs: str, passages: int, folder: str, notes: str) -> None:
    """Loads the archive; goes on where it was cut off.

    `notes`: a file of [passages, seconds] pairs, the time of all tries together.
    """
    files = made_archive.write(Path(docs), passages)
    path = Path(notes)
    noted = json.loads(path.read_text(encoding="utf-8")) if path.exists() else [[0, 0.0]]
    done, before, started = int(noted[-1][0]), float(noted[-1][1]), time.perf_counter()

    def note(now: int) -> None:
        noted.append([now, round(before + time.perf_counter() - started, 1)])
        path.write_text(json.dumps(noted), encoding="utf-8")

    def progress(_files: int, _of: int, stored: int) -> None:
        if done + stored >= noted[-1][0] + _NOTED_PASSAGES:
            note(done + stored)
            print(f"{noted[-1]}", file=sys.stderr, flush=True)

    with opened(folder) as archive:
        archive.ingest(files, progress=progress)
    with IndexStore.open(Path(folder)) as store:
        count = len(store)
    if count != noted[-1][0]:
        note(count)
    _print({"passages": count, "seconds": noted[-1][1], "noted": noted})


def again(docs: str, passages: int, folder: str) -> None:
    """Loads the unchanged archive."""
    files = made_archive.write(Path(docs), passages)
    with opened(folder) as archive:
        started = time.perf_counter()
        report = archive.ingest(files)
        seconds = time.perf_counter() - started
    _print({"seconds": round(seconds, 2), "unchanged": report.unchanged, "changed": report.updated})


def sizes(folder: str) -> None:
    """Bytes on the disk by what they are of; texts and vectors are those of the catalogue."""
    path = Path(folder)
    catalogue = Catalogue(Place(path))
    (texts,) = catalogue.rows("SELECT sum(length(CAST(text AS BLOB))) FROM texts")[0]
    (vectors,) = catalogue.rows("SELECT sum(length(vector)) FROM passages")[0]
    catalogue.close()
    parts = {
        item.name: disk(item) if item.is_dir() else item.stat().st_size for item in path.iterdir()
    }
    _print({"texts": texts, "vectors": vectors, "files": parts})


def cold(passages: int, folder: str) -> None:
    """Opening and the first search in a process that has loaded nothing but its modules."""
    (question, _), *_ = made_archive.questions(passages, 1)
    encoder = made_archive.HashingEncoder()
    started = time.perf_counter()
    with Archive(load({"store": Path(folder)}), encoder) as archive:
        archive.search(question)
        first = time.perf_counter() - started
    _print({"seconds": round(first, 2)})


def warm(passages: int, folder: str) -> None:
    """Questions without a filter and with each kind of filter, after others to warm up."""
    asked = made_archive.questions(passages, QUESTIONS)
    figures: dict[str, Any] = {}
    with opened(folder) as archive:
        for question, _ in made_archive.questions(passages, _WARMING):
            archive.search(question)
        given = dict(_filters(archive, asked))
        for name, filters in given.items():
            seconds, processor, found, steps = [], [], 0, []
            for (question, source), narrowed in zip(asked, filters, strict=True):
                started, used = time.perf_counter(), time.process_time()
                result = archive.search(question, filters=narrowed)
                seconds.append(time.perf_counter() - started)
                processor.append(time.process_time() - used)
                steps.append(result.seconds)
                found += any(hit.document.document_id == source for hit in result.hits)
            encode = float(np.mean([step["encode"] for step in steps])) * 1e3
            figures[name] = {
                **percentiles("search", seconds),
                **percentiles("processor", processor),
                "encode_ms": round(encode, 2),
                "source_found": round(found / len(asked), 3),
            }
        quoted = [_quotation(archive, source) for _, source in asked[:20]]
        figures["verify_s"] = _seconds(lambda: [archive.verify(q) for q in quoted], len(quoted))
        figures["verify_absent_s"] = _seconds(
            lambda: [archive.verify(q[::-1]) for q in quoted[:5]], 5
        )
    _print(figures)


def _filters(
    archive: Archive, asked: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, list[Filters]]]:
    """For each kind of filter one for each question, which its document meets."""
    sources = [archive.show(source).document for _, source in asked]
    years = [int(str(document.date)[:4]) for document in sources]
    yield "plain", [Filters() for _ in sources]
    tenths = [(f"{y - 5}-01-01", f"{y + 5}-12-31") for y in years]
    dated = [Filters(date_from=first, date_to=last) for first, last in tenths]
    yield "dates", dated
    yield "language", [Filters(lang=d.lang) for d in sources]
    yield "author", [Filters(author=d.author) for d in sources]
    yield "collection", [Filters(collection=d.collection) for d in sources]
    yield "original", [Filters(kind="original") for _ in sources]
    yield "excluded", [Filters(exclude=(asked[n - 1][1],)) for n in range(len(asked))]
    yield (
        "dates and collection",
        [replace(f, collection=d.collection) for f, d in zip(dated, sources, strict=True)],
    )


def _quotation(archive: Archive, source: str) -> str:
    """Twelve words of a document."""
    words = archive.show(source).document.text.split()
    return " ".join(words[60:72])


def _seconds(run: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    run()
    return round((time.perf_counter() - started) / times, 3)


def exactness(passages: int, folder: str) -> None:
    """How many of the first tens are those of brute force over the catalogue's vectors.

    The search of the store, and where Chroma is there, its graph alone.
    """
    asked = [question for question, _ in made_archive.questions(passages, QUESTIONS)]
    queries = made_archive.HashingEncoder().encode_queries(asked)
    right = _brute_force(Path(folder), queries)
    with IndexStore.open(Path(folder)) as store:
        seconds, found = [], []
        store.dense_search(queries[0], FIRST)
        for query in queries:
            started = time.perf_counter()
            hits = store.dense_search(query, FIRST)
            seconds.append(time.perf_counter() - started)
            found.append({hit.passage_id for hit in hits})
    figures = {"store": _shares(right, found), **percentiles("store", seconds)}
    if (Path(folder) / "vectors").exists():
        figures["graph"] = _graph(Path(folder), queries, right)
    _print(figures)


def _brute_force(folder: Path, queries: Vectors) -> list[list[tuple[str, float]]]:
    """For each query the ids and cosines of the best, and of all that tie with the last."""
    catalogue = Catalogue(Place(folder))
    best: list[list[tuple[str, float]]] = [[] for _ in queries]
    after = -1
    while page := catalogue.rows(
        "SELECT row, passage_id, vector FROM passages WHERE row > ? ORDER BY row LIMIT ?",
        [after, _SCORED],
    ):
        after = page[-1][0]
        halves = np.frombuffer(b"".join(blob for _, _, blob in page), dtype=np.float16)
        vectors = halves.reshape(len(page), -1).astype(np.float64)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        scores = np.round(queries.astype(np.float64) @ vectors.T, 6)
        for own, row in zip(best, scores, strict=True):
            top = np.argpartition(row, -FIRST)[-FIRST:]
            top = np.flatnonzero(row >= row[top].min())
            own += ((page[i][1], float(row[i])) for i in top)
            own.sort(key=lambda item: -item[1])
            if len(own) > FIRST:
                own[:] = [item for item in own if item[1] >= own[FIRST - 1][1]]
    catalogue.close()
    return best


def _shares(
    right: Sequence[Sequence[tuple[str, float]]], found: Sequence[set[str]]
) -> dict[str, float]:
    """The share of the hits that belong to the best, and of first tens that are right whole."""
    own = [len(ids & {name for name, _ in best}) for best, ids in zip(right, found, strict=True)]
    most = [min(FIRST, len(best)) for best in right]
    whole = np.mean([have >= need for have, need in zip(own, most, strict=True)])
    return {
        "hits": round(sum(min(a, b) for a, b in zip(own, most, strict=True)) / sum(most), 4),
        "first_tens": round(float(whole), 4),
    }


def _graph(folder: Path, queries: Vectors, right: Sequence[Any]) -> dict[str, Any]:
    """Chroma's graph, asked for ten."""
    catalogue = Catalogue(Place(folder))
    index = VectorIndex(folder, catalogue.meta()["store_id"], owner=True)
    generation, seconds, found = catalogue.generation(), [], []
    with index.use(generation) as rows:
        rows.candidates(queries[0], FIRST)
        for query in queries:
            started = time.perf_counter()
            found.append(set(rows.candidates(query, FIRST)))
            seconds.append(time.perf_counter() - started)
    index.close()
    catalogue.close()
    return {**_shares(right, found), **percentiles("graph", seconds)}


def add_chroma(folder: str, notes: str) -> None:
    """Gives Chroma all rows that it lacks.

    Goes on where it was cut off, unless there are more documents than the outbox keeps changes.
    """
    path = Path(notes)
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else 0.0
    started = time.perf_counter()
    with _noting(path, before, started), IndexStore.open(Path(folder), write=True):
        pass
    _print({"seconds": round(before + time.perf_counter() - started, 1)})


@contextmanager
def _noting(path: Path, before: float, started: float) -> Iterator[None]:
    """Writes down the seconds so far, also when the block is cut off by an error."""
    try:
        yield
    finally:
        seconds = before + time.perf_counter() - started
        path.write_text(json.dumps(round(seconds, 1)), encoding="utf-8")


def letters(docs: str, passages: int) -> Iterator[tuple[str, NDArray[np.float32], int]]:
    """Text, vector and year of each passage of the archive, for the peer."""
    encoder = made_archive.HashingEncoder()
    for file in made_archive.write(Path(docs), passages):
        for line in file.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            texts = document["text"].split("\n\n")
            vectors = encoder.encode_passages(texts)
            for text, vector in zip(texts, vectors, strict=True):
                yield text, vector, int(document["date"][:4])


def _print(figures: Mapping[str, Any]) -> None:
    print(json.dumps({**figures, "resident_mb": resident_mb()}))


def resident_mb() -> int:
    """The most memory that this process has had resident, mapped files too, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
