"""Ingests, or random steps of a store, in forked children that die or fail when told.

A line of JSON in names one trial; a line out tells how it ended. The libraries are loaded once,
before the forks, so that a trial costs little more than its ingest.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import chromadb  # noqa: F401
import tantivy  # noqa: F401

import rag.document_writer
import rag.readers
import rag.records.duplicates
import rag.records.warnings
from index_store.store import Entry, IndexStore
from index_store.types import Vectors
from index_store.vectors import index
from rag.archive import Archive
from rag.errors import EncoderError, FondsError
from rag.settings import Settings
from tests.kits.hashing import HashingEncoder
from tests.kits.store_kit import EAGER, IDENTITY, letter


class FailingEncoder(HashingEncoder):
    """The hashing encoder; every `every`-th call raises (0: none)."""

    def __init__(self, every: int = 0) -> None:
        super().__init__(dimension=32)
        self._every = every
        self._calls = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._calls += 1
        if self._every and self._calls % self._every == 0:
            raise EncoderError("the encoder fails, as this trial wants")
        return super().encode(texts)


def change(seed: str, step: int) -> tuple[list[Entry], list[str]]:
    """What the step of that number puts into and deletes from a store of a dozen letters."""
    chance = random.Random(f"{seed}/{step}")
    chosen = chance.sample(range(12), chance.randint(1, 3))
    if chance.random() < 0.6:
        return [letter(n, seed=step, paragraphs=chance.randint(1, 3)) for n in chosen], []
    return [], [f"d{n}" for n in chosen]


def run_steps(trial: dict[str, Any]) -> dict[str, Any]:
    """Steps of a store, from "first" on; each step done is noted in the file "done"."""
    index.HNSW_SETTINGS = EAGER  # type: ignore[assignment]
    first, count = trial["first"], trial["steps"]
    with (
        Path(trial["done"]).open("w", buffering=1) as done,
        IndexStore.open(Path(trial["store"]), write=True, encoder=IDENTITY) as store,
    ):
        for step in range(first, first + count):
            puts, deletions = change(trial["seed"], step)
            store.put(puts)
            store.delete(deletions)
            done.write(f"{step}\n")
    return {}


def run_ingest(trial: dict[str, Any]) -> dict[str, Any]:
    """One ingest in this process."""
    archive = Archive(Settings(store=Path(trial["store"])), FailingEncoder(trial.get("every", 0)))
    try:
        return {"report": archive.ingest([trial["letters"]], prune=True).to_dict()}
    finally:
        archive.close()


def run(trial: dict[str, Any]) -> dict[str, Any]:
    """One trial in this process; with the count of calls if it is to be killed at one."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        if event in ("call", "c_call"):
            calls += 1
            if calls == trial.get("kill_at"):
                os.kill(os.getpid(), signal.SIGKILL)

    shim = ctypes.CDLL(None)
    if "fail_at" in trial:
        shim.shim_set(trial["fail_at"], trial["errno"], int(trial["once"]))
    work = run_steps if "steps" in trial else run_ingest
    if "kill_at" in trial:
        sys.setprofile(count)
    try:
        answer = work(trial)
    finally:
        sys.setprofile(None)
    return {**answer, "calls": calls}


def main() -> None:
    rag.document_writer.BATCH = 8  # several commits in a small ingest
    for line in sys.stdin:
        trial = json.loads(line)
        result = Path(trial["result"])
        child = os.fork()
        if not child:
            answer: dict[str, Any] = {}
            try:
                answer = run(trial)
            except FondsError as error:
                answer = {"fault": str(error)}
            except BaseException:  # noqa: BLE001 - told to the test, which fails on it
                answer = {"crash": traceback.format_exc()}
            finally:
                if "fail_at" in trial:
                    shim = ctypes.CDLL(None)
                    answer["writes"] = shim.shim_seen()
                    shim.shim_set(0, 0, 0)
                result.write_text(json.dumps(answer), encoding="utf-8")
                os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
