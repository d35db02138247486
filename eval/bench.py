"""Ingest and query speed against the peer, in one run, in the order A B A B.

The peer is `llamaindex_chroma.py` at chunk size 200, so that both embed every character. What
is printed are ratios of medians; absolute figures hold for this machine at this hour only.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from rag import Archive
from rag.errors import FondsError, UsageError
from rag.settings import load

ROUNDS = 2


def bench(peer: Path, docs: Path, questions: Path, limit: int) -> dict[str, Any]:
    """Figures of each round and the ratios ours / theirs; raises UsageError without the data."""
    for path in (peer, docs, questions):
        if not path.is_file():
            raise UsageError(f"{path} is not there; name it with --peer, --docs, --questions")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(_peer(peer, docs, questions, limit))
        ours.append(_fonds(docs, questions, limit))

    def median(rows: list[dict[str, float]], name: str) -> float:
        return statistics.median(row[name] for row in rows)

    return {
        "documents": limit,
        "fonds": ours,
        "peer": theirs,
        "ingest_ratio": round(
            median(ours, "characters_per_s") / median(theirs, "characters_per_s"), 2
        ),
        "query_p50_ratio": round(median(ours, "query_p50_ms") / median(theirs, "query_p50_ms"), 2),
    }


def _peer(peer: Path, docs: Path, questions: Path, limit: int) -> dict[str, float]:
    command = [sys.executable, str(peer), str(docs), str(questions)]
    command += ["--limit", str(limit), "--chunk-size", "200"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FondsError(f"the peer failed: {done.stderr.strip().splitlines()[-1:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _fonds(docs: Path, questions: Path, limit: int) -> dict[str, float]:
    """One round in a process of its own, as the peer has."""
    code = f"from eval.bench import measure; measure({str(docs)!r}, {str(questions)!r}, {limit})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    if done.returncode:
        raise FondsError(f"the round failed: {done.stderr.strip().splitlines()[-1:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def measure(docs: str, questions: str, limit: int) -> None:
    """Ingest the first `limit` documents and search for every question; print the figures.

    The model and Chroma are loaded before the clock starts, as in the peer.
    """
    import chromadb  # noqa: F401 - the peer has it before its clock starts, too

    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        part = Path(folder) / "part.jsonl"
        with Path(docs).open(encoding="utf-8") as whole:
            lines = list(islice(whole, limit))
        part.write_text("".join(lines), encoding="utf-8")
        characters = sum(len(json.loads(line)["text"]) for line in lines)
        archive = Archive(load({"store": Path(folder) / "store"}))
        archive.encoder.encode(["warm"])
        started = time.perf_counter()
        report = archive.ingest([part])
        ingest = time.perf_counter() - started
        seconds = []
        with Path(questions).open(encoding="utf-8") as file:
            for line in file:
                text = json.loads(line)["text"]
                started = time.perf_counter()
                archive.search(text, k=30)
                seconds.append(time.perf_counter() - started)
        size = sum(f.stat().st_size for f in (Path(folder) / "store").rglob("*") if f.is_file())
        archive.close()
    print(
        json.dumps(
            {
                "passages": report.passages,
                "ingest_s": round(ingest, 2),
                "characters_per_s": round(characters / ingest),
                "query_p50_ms": round(statistics.median(seconds) * 1e3, 1),
                "query_p95_ms": round(sorted(seconds)[int(0.95 * len(seconds))] * 1e3, 1),
                "disk_bytes": size,
            }
        )
    )
