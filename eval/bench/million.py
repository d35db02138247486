"""Fonds at a million passages: `python -m eval million`. Time, memory, disk and exactness by size.

The archive is made (`made_archive`), its encoder hashes words. Each part runs in a new process;
what it found is kept in the folder `--out`, and a run that is cut off goes on there. The peer and
Chroma's graph are measured up to `BESIDE` passages. Not here: the parts (`million_parts`).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from eval.bench.driver import run_command, run_python

BESIDE = 100_000
"""Passages up to which the peer and Chroma's graph are measured, unless that is asked for."""

Figures = dict[str, Any]


class Target(NamedTuple):
    """What is wanted at the largest size: a name, the figure, the most it may be, its unit."""

    name: str
    of: Callable[[Figures], float]
    most: float
    unit: str


def _slowest_filter(row: Figures) -> float:
    named = row["warm"].values()
    return max(float(f["search_p95_ms"]) for f in named if isinstance(f, dict))


def _bytes_over(row: Figures) -> float:
    """Bytes a passage beyond texts and vectors, without Chroma."""
    told = row["sizes"]
    whole = sum(size for name, size in told["files"].items() if not name.startswith("vectors"))
    return float((whole - told["texts"] - told["vectors"]) / row["passages"])


def _most_memory(row: Figures) -> float:
    parts = ("ingest", "again", "cold", "warm")
    return float(max(row[part]["resident_mb"] for part in parts)) / 1024


TARGETS = (
    Target("built", lambda row: row["ingest"]["seconds"] / 3600, 2, "h"),
    Target("bytes a passage over texts and vectors", _bytes_over, 3_000, "B"),
    Target("resident memory, the most of all parts", _most_memory, 4, "GB"),
    Target("loading the unchanged archive", lambda row: row["again"]["seconds"], 60, "s"),
    Target("search p95", lambda row: row["warm"]["plain"]["search_p95_ms"], 150, "ms"),
    Target("search p95 with the slowest filter", _slowest_filter, 200, "ms"),
    Target(
        "hits not of the exact ten", lambda row: 1 - row["exactness"]["store"]["hits"], 0.005, ""
    ),
    Target("opened and first search", lambda row: row["cold"]["seconds"], 5, "s"),
    Target("`fonds list` of an author", lambda row: row["commands"]["list"], 1, "s"),
    Target("`fonds list` of a hundred", lambda row: row["commands"]["list_part"], 1, "s"),
    Target("verify, warm", lambda row: row["warm"]["verify_s"], 1, "s"),
    Target("`fonds verify`", lambda row: row["commands"]["verify"], 1, "s"),
)


def million(sizes: Sequence[int], out: Path, beside: int = BESIDE) -> list[Figures]:
    """Measures each size, the smallest first, and returns the figures of all; see the module."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for size in sorted(sizes):
        rows.append(_Size(out, size).measure(with_peer=size <= beside))
        (out / "million.md").write_text(as_markdown(rows), encoding="utf-8")
    return rows


class _Size:
    """The measurements of one size; each part that is done is in its file."""

    def __init__(self, out: Path, passages: int) -> None:
        self.out, self.passages = out, passages
        self.docs, self.store = out / "docs", out / f"store-{passages}"
        self.path = out / f"figures-{passages}.json"
        self.row: Figures = {"passages": passages}
        if self.path.exists():
            self.row = json.loads(self.path.read_text(encoding="utf-8"))

    def measure(self, *, with_peer: bool) -> Figures:
        notes = self.out / f"ingest-{self.passages}.json"
        self._part("ingest", "ingest", self.docs, self.passages, self.store, notes)
        self._part("again", "again", self.docs, self.passages, self.store)
        self._part("sizes", "sizes", self.store)
        self._part("cold", "cold", self.passages, self.store)
        self._part("warm", "warm", self.passages, self.store)
        self._part("exactness", "exactness", self.passages, self.store)
        if "commands" not in self.row:
            self._keep("commands", self._commands())
        if with_peer:
            chroma = self.out / f"chroma-{self.passages}"
            if "graph" not in self.row:
                if not chroma.exists():
                    draft = chroma.with_suffix(".new")
                    shutil.rmtree(draft, ignore_errors=True)
                    shutil.copytree(self.store, draft)
                    draft.replace(chroma)
                noted = self.out / f"chroma-{self.passages}.json"
                self._part("chroma", "add_chroma", chroma, noted)
                self._part("chroma_sizes", "sizes", chroma)
                self._part("graph", "exactness", self.passages, chroma)
            folder = self.out / f"peer-{self.passages}"
            self._part("peer", "letters", self.docs, self.passages, folder, module="peer")
        return self.row

    def _part(
        self, name: str, function: str, *given: object, module: str = "million_parts"
    ) -> None:
        if name in self.row:
            return
        shown = ", ".join(repr(str(g)) if isinstance(g, Path) else repr(g) for g in given)
        code = f"from eval.bench import {module}; {module}.{function}({shown})"
        load = round(os.getloadavg()[0], 1)
        self._keep(name, {**run_python(["-c", code], f"{module}.{function}"), "load": load})

    def _keep(self, name: str, figures: Figures) -> None:
        self.row[name] = figures
        self.path.write_text(json.dumps(self.row, indent=1) + "\n", encoding="utf-8")

    def _commands(self) -> Figures:
        """Seconds of commands of the shell, from nothing, the second time each."""
        first = next(iter((self.docs / "letters-0000.jsonl").open(encoding="utf-8")))
        document = json.loads(first)
        words = " ".join(document["text"].split()[60:72])
        at = ["--store", str(self.store), "--json"]
        commands = {
            "list": ["list", "--author", document["author"], *at],
            "list_part": ["list", "--limit", "100", *at],
            "list_all": ["list", *at],
            "verify": ["verify", words, *at],
        }
        seconds = {}
        for name, command in commands.items():
            for _ in range(2):
                started = time.perf_counter()
                run_command([sys.executable, "-m", "rag.cli", *command], name)
                seconds[name] = round(time.perf_counter() - started, 2)
        return seconds


def as_markdown(rows: Sequence[Figures]) -> str:
    """The targets at each size, the growth of each figure, and what stands beside."""
    head = [f"{row['passages']:,}" for row in rows]
    out = [f"| | target | {' | '.join(head)} |", f"|---|---:|{'---:|' * len(rows)}"]
    for target in TARGETS:
        values = " | ".join(f"{target.of(row):,.3g}" for row in rows)
        out.append(f"| {target.name}, {target.unit} | ≤ {target.most:,} | {values} |")
    for name in rows[0]["warm"]:
        if isinstance(rows[0]["warm"][name], Mapping):
            for measure in ("search_p50_ms", "search_p95_ms", "processor_p95_ms"):
                values = " | ".join(f"{row['warm'][name][measure]:,}" for row in rows)
                out.append(f"| {name}, {measure.replace('_', ' ')} | | {values} |")
    for label, part, keys in _BESIDE_ROWS:
        values = " | ".join(str(_at(row, part, keys)) for row in rows)
        out.append(f"| {label} | | {values} |")
    return "\n".join(out) + "\n"


_BESIDE_ROWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("first tens that are exact, store", "exactness", ("store", "first_tens")),
    ("dense search alone p95, ms", "exactness", ("store_p95_ms",)),
    ("verify what is not there, s", "warm", ("verify_absent_s",)),
    ("`fonds list` of all, s", "commands", ("list_all",)),
    ("adding Chroma, s", "chroma", ("seconds",)),
    ("adding Chroma, resident MB", "chroma", ("resident_mb",)),
    ("Chroma's graph: hits of the exact ten", "graph", ("graph", "hits")),
    ("Chroma's graph: first tens that are exact", "graph", ("graph", "first_tens")),
    ("Chroma's graph p95, ms", "graph", ("graph", "graph_p95_ms")),
    ("Chroma's bytes", "chroma_sizes", ("files", "vectors")),
    ("peer: storing, s", "peer", ("seconds",)),
    ("peer: bytes a passage", "peer", ("bytes_a_passage",)),
    ("peer: plain p95, ms", "peer", ("plain_p95_ms",)),
    ("peer: a tenth of the years p95, ms", "peer", ("filtered_p95_ms",)),
    ("peer: resident MB", "peer", ("resident_mb",)),
)


def _at(row: Figures, part: str, keys: Sequence[str]) -> Any:
    value = row.get(part, {})
    for key in keys:
        value = value.get(key, {})
    return value if isinstance(value, int | float) else "–"
