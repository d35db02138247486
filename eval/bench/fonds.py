"""The parts of the bench that Fonds does; each prints its figures as one JSON line.

Archives of a given size are made of at most a thousand real passages: their vectors with seeded
noise, their texts with words exchanged, a date for each document. Nothing more is encoded.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import chromadb  # noqa: F401 - the peer has it before its clock starts, too
import numpy as np
from numpy.typing import NDArray

from index_store.store import Entry, IndexStore
from index_store.types import Document, Passage
from rag import Archive, Filters
from rag.settings import load
from rag.text.chunking import split
from rag.text.normalization import key

BASE = 1_000
"""Passages that are encoded."""

QUESTIONS = 50
NOISE = 0.5
"""Length of the noise beside a vector of length 1."""

OF_DOCUMENT = 10
YEARS = (1900, 1999)
FILTERED = Filters(date_from="1930", date_to="1939")
"""A tenth of the documents."""

_BATCH = 200


def ingest(docs: str, questions: str, limit: int, folder: str) -> None:
    """Load the first documents, ask every question, load again; the model is loaded before."""
    part = Path(folder) / "part.jsonl"
    part.parent.mkdir(parents=True)
    with Path(docs).open(encoding="utf-8") as whole:
        lines = list(islice(whole, limit))
    part.write_text("".join(lines), encoding="utf-8")
    characters = sum(len(json.loads(line)["text"]) for line in lines)
    store = Path(folder) / "store"
    with Archive(load({"store": store})) as archive:
        archive.encoder.encode_passages(["warm"])
        started = time.perf_counter()
        report = archive.ingest([part])
        seconds = time.perf_counter() - started
        started = time.perf_counter()
        archive.ingest([part])
        again = time.perf_counter() - started
        asked = _times(archive, _texts(questions), Filters(), 30)
    print(
        json.dumps(
            {
                "passages": report.passages,
                "ingest_s": round(seconds, 2),
                "characters_per_s": round(characters / seconds),
                "again_s": round(again, 3),
                "disk_bytes": disk(store),
                **percentiles("query", asked),
            }
        )
    )


def base(docs: str, questions: str, out: str) -> None:
    """Encode the first passages, and keep them with the questions for both sides."""
    texts: list[str] = []
    with Path(docs).open(encoding="utf-8") as file:
        for line in file:
            document = Document("d", "d", "en", json.loads(line)["text"])
            texts += [p.text for p in split(document) if len(p.text) > 80]
            if len(texts) >= BASE:
                break
    archive = Archive(load())
    asked = _texts(questions)[:QUESTIONS]
    np.savez(
        out, texts=texts[:BASE], vectors=archive.encoder.encode_passages(texts[:BASE]), asked=asked
    )
    print(json.dumps({"passages": len(texts[:BASE]), "questions": len(asked)}))


def sized(base: str, size: int, folder: str) -> None:
    """An archive of `size` passages, asked with and without a filter."""
    data = np.load(base)
    asked = [str(q) for q in data["asked"]]
    archive = Archive(load({"store": folder}))
    archive.encoder.encode_passages(["warm"])
    seconds = 0.0
    if not IndexStore.exists(Path(folder)):
        identity = archive.encoder.identity
        started = time.perf_counter()
        with IndexStore.open(Path(folder), write=True, encoder=identity) as store:
            for batch in _batched(made(data["texts"], data["vectors"], size)):
                store.put([_entry(n, rows) for n, rows in batch])
        seconds = time.perf_counter() - started
    _times(archive, asked[:3], Filters(), 10)
    plain = _times(archive, asked, Filters(), 10)
    filtered = _times(archive, asked, FILTERED, 10)
    archive.close()
    print(
        json.dumps(
            {
                "store_s": round(seconds, 1),
                "bytes_a_passage": round(disk(Path(folder)) / size),
                **percentiles("plain", plain),
                **percentiles("filtered", filtered),
            }
        )
    )


Made = tuple[str, NDArray[np.float32]]


def made(texts: Sequence[str], vectors: NDArray[np.float32], size: int) -> Iterator[Made]:
    """`size` passages: real ones in turn, words and vectors changed, the same for both sides."""
    draw, noise = random.Random(20), np.random.default_rng(20)
    words = sorted({w for text in texts for w in str(text).split()})
    for n in range(size):
        row = n % len(texts)
        own = str(texts[row]).split()
        for _ in range(len(own) // 5):
            own[draw.randrange(len(own))] = draw.choice(words)
        other = noise.normal(size=vectors.shape[1])
        changed = vectors[row] + NOISE * other / np.linalg.norm(other)
        yield " ".join(own), (changed / np.linalg.norm(changed)).astype(np.float32)


def year(document: int) -> int:
    """The year that the document of this number is given."""
    first, last = YEARS
    return first + (document * 37) % (last - first + 1)


def _batched(passages: Iterator[Made]) -> Iterator[list[tuple[int, list[Made]]]]:
    """Numbered documents, some at a time."""
    n = 0
    while rows := list(islice(passages, OF_DOCUMENT * _BATCH)):
        starts = range(0, len(rows), OF_DOCUMENT)
        yield [(n + i, rows[s : s + OF_DOCUMENT]) for i, s in enumerate(starts)]
        n += len(starts)


def _entry(n: int, rows: Sequence[Made]) -> Entry:
    name, text, passages = f"made-{n}", "", []
    for ordinal, (passage, _) in enumerate(rows):
        start = len(text)
        text += passage + "\n\n"
        place = (start, start + len(passage), passage)
        passages.append(Passage(f"{name}#{ordinal}", name, ordinal, *place))
    document = Document(
        name, name, "en", text, title=f"Document {n}", date=str(year(n)),
        date_from=f"{year(n)}-01-01", date_to=f"{year(n)}-12-31", sha256=name,
    )  # fmt: skip
    return Entry(document, tuple(passages), np.stack([v for _, v in rows]), key(text), "")


def _texts(questions: str) -> list[str]:
    lines = Path(questions).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def _times(archive: Archive, asked: Sequence[str], filters: Filters, k: int) -> list[float]:
    seconds = []
    for text in asked:
        started = time.perf_counter()
        archive.search(text, k=k, filters=filters)
        seconds.append(time.perf_counter() - started)
    return seconds


def percentiles(name: str, seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    return {
        f"{name}_p50_ms": round(statistics.median(seconds) * 1e3, 1),
        f"{name}_p95_ms": round(sorted(seconds)[int(0.95 * len(seconds))] * 1e3, 1),
    }


def disk(folder: Path) -> int:
    """Bytes of all files below the folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
