"""Files in binary and XML formats, read in a child process under limits of time and memory.

One child reads the files of a batch, one after another; it opens each file itself. A file that
kills or stalls it is a ReadError, and the next file gets a new child. What the child sends is JSON
and is checked like any input. Not here: the parsers, and the limits that the child sets itself
(`rag.readers.sandbox_worker`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index_store.types import Document, DocumentWarning
from rag.errors import ReadError
from rag.types import Failure, ReadItem

SECONDS = 300.0
"""Wall time that one file may take."""
MAX_ANSWER = 256 * 2**20
"""Bytes of JSON that one document may take."""

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.append(sys.argv[1]); from rag.readers.sandbox_worker import main; main()"
)
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_REMEDY = "open it in its own program, save it again or as plain text, and ingest that"


class ParserSandbox:
    """The child process, started when first needed. A context manager; not for several threads."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ParserSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def read(self, format_name: str, path: Path) -> list[ReadItem]:
        """The documents and Failures of a file. Raises ReadError, also where the child dies."""
        child = self._child = self._child or _started()
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._seconds, stop)
        timer.start()
        try:
            return list(_answers(child, format_name, path))
        except (EOFError, BrokenPipeError) as death:
            self.close()
            if late.is_set():
                message = f"reading it takes longer than {self._seconds:g} seconds; {_REMEDY}"
                raise ReadError(message) from death
            raise ReadError(_cause(child.returncode)) from death
        except _FileFault:
            raise
        except BaseException:
            self.close()  # discard its pending output: it answers the failed request
            raise
        finally:
            timer.cancel()


def _started() -> subprocess.Popen[bytes]:
    """A child with no secrets in its environment, and no modules from the folder it is run in."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, _ROOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,  # an interrupt is for the parent, which ends the child
    )


def _answers(child: subprocess.Popen[bytes], format_name: str, path: Path) -> Iterator[ReadItem]:
    """Items until the child says that the file is done; EOFError where it dies before."""
    assert child.stdin
    assert child.stdout
    request = json.dumps({"format": format_name, "path": os.fspath(path)})
    child.stdin.write(request.encode() + b"\n")
    child.stdin.flush()
    while True:
        line = child.stdout.readline(MAX_ANSWER)
        if not line.endswith(b"\n"):
            if len(line) == MAX_ANSWER:
                raise ReadError(f"a document takes more than {MAX_ANSWER:,} bytes; split the file")
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        if "document" in answer:
            yield _document(answer["document"])
        elif "failure" in answer:
            yield Failure(**answer["failure"])
        elif "error" in answer:
            raise _FileFault(answer["error"], answer["line"])
        else:
            return


class _FileFault(ReadError):
    """A fault that the child reports about a file; it is ready for the next one."""


def _document(given: dict[str, Any]) -> Document:
    warnings = tuple(DocumentWarning(**warning) for warning in given.pop("warnings"))
    pages = tuple((int(offset), str(label)) for offset, label in given.pop("pages"))
    return Document(**given, warnings=warnings, pages=pages)


def _cause(code: int | None) -> str:
    if code == -signal.SIGXCPU:
        return f"reading it takes more processor time than a file may have; {_REMEDY}"
    if code in (MEMORY, -signal.SIGABRT):  # PDFium aborts where it gets no memory
        return f"reading it takes more memory than a file may have; {_REMEDY}"
    return f"its parser broke off ({code}): the file is damaged or made to do harm; {_REMEDY}"


MEMORY = 3
"""Exit code of a child that ran out of memory."""
