"""Running an evaluation suite in a process of its own, and its report.

Nothing of `eval` is imported, because the chat is installed without its libraries. One suite
runs at a time. Not here: measures, and how a report looks.
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

POLL_SECONDS = 0.5
MAX_OUTPUT_CHARS = 4_000  # of the end of what the process wrote
_running = Lock()


class SuiteError(FondsError):
    """A suite could not be run."""


class AlreadyRunning(SuiteError):
    """Another suite is running."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a run: seconds so far and the end of its output.

    When it is `done`, `html` has the report if the suite wrote one.
    """

    seconds: int
    output: str = ""
    done: bool = False
    html: str = ""


def suites() -> Mapping[str, Path]:
    """The folders of the suites that come with Fonds, by name."""
    spec = importlib.util.find_spec("eval")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "suites"
    return {path.parent.name: path.parent for path in sorted(folder.glob("*/suite.toml"))}


def command(suite: Path, out: Path) -> list[str]:
    """The command that runs a suite."""
    return [sys.executable, "-m", "eval", "run", str(suite), "--out", str(out)]


def run(name: str) -> Iterator[Progress]:
    """Run a suite and yield its state now and then.

    Raises SuiteError for an unknown or failed suite, AlreadyRunning while another one runs.
    """
    suite = suites().get(name)
    if suite is None:
        raise SuiteError(f"there is no suite called {name!r}")
    if not _running.acquire(blocking=False):
        raise AlreadyRunning("a suite is already running")
    try:
        with tempfile.TemporaryDirectory(prefix="fonds-eval-") as folder:
            yield from _followed(command(suite, Path(folder)), suite.parents[2], Path(folder))
    finally:
        _running.release()


def _followed(arguments: Sequence[str], root: Path, out: Path) -> Iterator[Progress]:
    started = time.monotonic()
    stdout, stderr = out / "stdout.txt", out / "stderr.txt"
    with (
        stdout.open("wb") as output,
        stderr.open("wb") as errors,
        subprocess.Popen(arguments, cwd=root, stdout=output, stderr=errors) as process,
    ):
        try:
            while process.poll() is None:
                time.sleep(POLL_SECONDS)
                yield Progress(int(time.monotonic() - started), _end_of(stderr))
        finally:
            process.kill()  # in case the reader has left; nothing if it has ended
    if process.returncode:
        raise SuiteError(_end_of(stderr) or f"the suite ended with {process.returncode}")
    reports = sorted(out.rglob("*.html"))
    html = reports[0].read_text(encoding="utf-8") if reports else ""
    yield Progress(int(time.monotonic() - started), _end_of(stdout), True, html)


def _end_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-MAX_OUTPUT_CHARS:].strip()
