"""The parts of the benchmark for Fonds; each prints its figures as one JSON line.

Archives of a given size are made of at most a thousand real passages: their vectors with seeded
noise, their texts with words exchanged, a date for each document. Nothing else is encoded.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import chromadb  # noqa: F401 - the peer also imports it before its clock starts
import numpy as np

from eval.sets.jsonl import read_lines
from index_store.store import Entry, IndexStore
from index_store.types import Document, Passage, Vectors
from rag import Archive, Filters
from rag.settings import load
from rag.text.chunking import split
from rag.text.normalization import key

BASE_PASSAGES = 1_000
"""Real passages, which are encoded."""

QUESTIONS = 50
NOISE = 0.5
"""Length of the noise beside a vector of length 1."""

PASSAGES_PER_DOCUMENT = 10
YEARS = (1900, 1999)
FILTERED = Filters(date_from="1930", date_to="1939")
"""A tenth of the documents."""

_BATCH_DOCUMENTS = 200


def ingest(docs: str, questions: str, limit: int, folder: str) -> None:
    """Times loading the first documents, every question, and loading again; not the model."""
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
    """Encodes the first passages and writes them, with the questions, for both sides."""
    texts: list[str] = []
    with Path(docs).open(encoding="utf-8") as file:
        for line in file:
            document = Document("d", "d", "en", json.loads(line)["text"])
            texts += [p.text for p in split(document) if len(p.text) > 80]
            if len(texts) >= BASE_PASSAGES:
                break
    archive = Archive(load())
    asked = _texts(questions)[:QUESTIONS]
    texts = texts[:BASE_PASSAGES]
    np.savez(out, texts=texts, vectors=archive.encoder.encode_passages(texts), asked=asked)
    print(json.dumps({"passages": len(texts), "questions": len(asked)}))


def sized(base: str, size: int, folder: str) -> None:
    """Times an archive of `size` passages: storing it, questions with and without a filter."""
    data = np.load(base)
    asked = [str(q) for q in data["asked"]]
    archive = Archive(load({"store": folder}))
    archive.encoder.encode_passages(["warm"])
    seconds = 0.0
    if not IndexStore.exists(Path(folder)):
        identity = archive.encoder.identity
        started = time.perf_counter()
        with IndexStore.open(Path(folder), write=True, encoder=identity) as store:
            for batch in numbered_documents(made(data["texts"], data["vectors"], size)):
                store.put([made_entry(n, rows) for n, rows in batch])
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


Made = tuple[str, Vectors]


def made(texts: Sequence[str], vectors: Vectors, size: int) -> Iterator[Made]:
    """`size` passages with vectors, always the same: real ones in turn, both changed."""
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
    """The year of the document with this number."""
    first, last = YEARS
    return first + (document * 37) % (last - first + 1)


def numbered_documents(passages: Iterator[Made]) -> Iterator[list[tuple[int, list[Made]]]]:
    """Documents with their numbers, in batches; each is a list of passages."""
    n = 0
    while rows := list(islice(passages, PASSAGES_PER_DOCUMENT * _BATCH_DOCUMENTS)):
        starts = range(0, len(rows), PASSAGES_PER_DOCUMENT)
        yield [(n + i, rows[s : s + PASSAGES_PER_DOCUMENT]) for i, s in enumerate(starts)]
        n += len(starts)


def made_entry(n: int, rows: Sequence[Made]) -> Entry:
    """The document of this number, made of these passages, as an entry of the store."""
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
    return [row["text"] for row in read_lines(Path(questions))]


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
