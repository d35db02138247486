"""Ingest at size: bounded memory, resumable, unchanged files skipped, searches in time.

In full 100,000 passages, killed half way. Milliseconds and seconds are asserted of the full form
only, where they mean something; the short form checks the counts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from index_store.maintenance import doctor
from index_store.store import IndexStore
from tests.faults import kit, size

PEAK_MB, UNCHANGED_SECONDS, PLAIN_MS, FILTERED_MS = 2048, 10, 60, 80


def _start(what: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.size", what, *map(str, arguments)],
        cwd=kit.ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "2"},
        stdout=subprocess.PIPE,
        text=True,
    )


def _run(what: str, *arguments: object) -> dict[str, Any]:
    process = _start(what, *arguments)
    out, _ = process.communicate()
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(out)
    print(what, told)  # `pytest -s` shows the figures
    return told


def _committed(store: Path) -> int:
    if not IndexStore.exists(store):
        return 0
    with IndexStore.open(store) as reader:
        return len(reader)


@pytest.mark.parametrize("documents", [150, pytest.param(20_000, marks=pytest.mark.slow)])
def test_ingest_at_size(documents: int, tmp_path: Path) -> None:
    folder, store = tmp_path / "letters", tmp_path / "store"
    size.write(folder, documents)
    passages, full = size.passages(folder), documents > 1000
    first = _start("ingest", store, folder)
    while _committed(store) < passages // 3:
        assert first.poll() is None, "it ended before it was killed"
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    kept = _committed(store)
    assert 0 < kept < passages

    second = _run("ingest", store, folder)
    assert second["encoded"] == passages - kept, "what was committed is not encoded again"
    assert second["documents"]["failed"] == 0
    assert second["documents"]["added"] + second["documents"]["unchanged"] == documents
    assert _committed(store) == passages

    again = _run("ingest", store, folder)
    assert again["encoded"] == 0 and again["documents"]["unchanged"] == documents
    assert doctor.repair(store).sound  # Chroma's graph loses a row now and then
    if full:
        found = _run("search", store, 200)
        assert second["peak_mb"] <= PEAK_MB
        assert again["seconds"] <= UNCHANGED_SECONDS
        limits = {name: PLAIN_MS if name == "none" else FILTERED_MS for name in size.FILTERS}
        slow = {name: found[name] for name, most in limits.items() if found[name]["95"] > most}
        assert not slow, (slow, "p50 and p95 in ms")
