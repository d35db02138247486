"""A suite of the evaluation, run as a process of its own, and its report.

Nothing of `eval` is imported: the chat does not carry what it needs. One suite runs at a time.
Not here: measures, and how a report looks.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from rag.errors import FondsError

LOOK_EVERY = 0.5  # seconds
TOLD = 4_000  # characters of what the process said last
_running = Lock()


class EvaluationError(FondsError):
    """A suite could not be run."""


class Busy(EvaluationError):
    """Another suite is running."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How a run stands: seconds so far and what it said last; at the end `done`, with the report
    as HTML where the suite wrote one."""

    seconds: int
    said: str = ""
    done: bool = False
    html: str = ""


def suites() -> Mapping[str, Path]:
    """The suites that ship with Fonds, by name."""
    spec = importlib.util.find_spec("eval")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "suites"
    return {path.parent.name: path.parent for path in sorted(folder.glob("*/suite.toml"))}


def command(suite: Path, out: Path) -> list[str]:
    """The command that runs a suite."""
    return [sys.executable, "-m", "eval", "run", str(suite), "--out", str(out)]


def run(name: str) -> Iterator[Progress]:
    """Run a suite and tell how it stands. Raises EvaluationError, Busy among them."""
    suite = suites().get(name)
    if suite is None:
        raise EvaluationError(f"there is no suite called {name!r}")
    if not _running.acquire(blocking=False):
        raise Busy("a suite is already running")
    try:
        with tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder:
            yield from _following(command(suite, Path(folder)), suite.parents[2], Path(folder))
    finally:
        _running.release()


def _following(arguments: Sequence[str], root: Path, out: Path) -> Iterator[Progress]:
    started = time.monotonic()
    said, complaints = out / "said.txt", out / "complaints.txt"
    with (
        said.open("wb") as output,
        complaints.open("wb") as errors,
        subprocess.Popen(arguments, cwd=root, stdout=output, stderr=errors) as process,
    ):
        try:
            while process.poll() is None:
                time.sleep(LOOK_EVERY)
                yield Progress(int(time.monotonic() - started), _last(complaints))
        finally:
            process.kill()  # where the reader has left; does nothing to one that has ended
    if process.returncode:
        raise EvaluationError(_last(complaints) or f"the suite ended with {process.returncode}")
    reports = sorted(out.rglob("*.html"))
    html = reports[0].read_text(encoding="utf-8") if reports else ""
    yield Progress(int(time.monotonic() - started), _last(said), True, html)


def _last(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-TOLD:].strip()
