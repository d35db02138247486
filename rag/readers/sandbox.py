"""Files in binary and XML formats, read in a child process under limits of time and memory.

One child reads the files of a batch, one after another, and makes pictures of their pages; it opens
each file itself. A file that kills or stalls it is a ReadError, and the next file gets a new child.
What the child sends is JSON, with bytes behind it for pictures, and is checked like any input. Not
here: the parsers, and the limits that the child sets itself (`rag.readers.sandbox_worker`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from index_store.layout import Layout, Page, WordBox
from index_store.types import Document, DocumentWarning
from rag.errors import ReadError
from rag.readers.scans.unread import Scan, Unread
from rag.types import Failure, ReadItem

SECONDS = 300.0
"""Wall time that one file may take."""
MAX_ANSWER = 256 * 2**20
"""Bytes of JSON that one document may take."""

T = TypeVar("T")
_Child = subprocess.Popen[bytes]
_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.append(sys.argv[1]); from rag.readers.sandbox_worker import main; main()"
)
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
_REMEDY = "open it in its own program, save it again or as plain text, and ingest that"
_SMALLER = "save its pages smaller, as 300 dpi, and ingest that"  # of pictures


class ParserSandbox:
    """The child process, started when first needed. A context manager; not for several threads."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: _Child | None = None

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

    def interrupt(self) -> None:
        """Break off what another thread is reading, which gets a ReadError."""
        if child := self._child:
            child.kill()

    def read(self, format_name: str, path: Path) -> list[ReadItem | Unread]:
        """The documents and Failures of a file, and documents with pages still to be recognised.

        Raises ReadError, also where the child dies.
        """
        return self._answered({"format": format_name, "path": os.fspath(path)}, _items)

    def frames(self, path: Path) -> list[tuple[float, float, bool]]:
        """Width and height of each page, upright, of an image (in pixels) or PDF (in points).

        Also whether it lies on its side in the file. As `read`.
        """
        request = {"request": "frames", "path": os.fspath(path)}
        told = self._answered(request, _told)["frames"]
        return [(float(width), float(height), bool(lies)) for width, height, lies in told]

    def pictures(
        self, path: Path, frame: int, widths: tuple[int, int], upright: bool = True
    ) -> tuple[bytes, bytes]:
        """A page, from 0, in two widths: JPEG, or PNG where it is in black and white. As `read`.

        Not `upright`: as it lies in the file, whatever its EXIF orientation says.
        """
        asked = {"frame": frame, "widths": widths, "upright": upright}
        request = {"request": "pictures", "path": os.fspath(path), **asked}
        first, second = self._answered(request, _told)["data"]
        return first, second

    def scan(self, path: Path, frame: int) -> Scan:
        """A page, from 0, as recognition wants it. As `read`."""
        request = {"request": "scan", "path": os.fspath(path), "frame": frame}
        told = self._answered(request, _told)
        (pixels,) = told["data"]
        width, height, dpi = int(told["width"]), int(told["height"]), told["dpi"]
        if width * height != len(pixels):
            raise ReadError(f"its parser gave a picture that is none; {_REMEDY}")
        return Scan(width, height, int(dpi) if dpi else None, pixels)

    def _answered(self, request: Mapping[str, Any], taken: Callable[[_Child], T]) -> T:
        """What `taken` makes of the child's answers to a request."""
        remedy = _SMALLER if request.get("format", "image") == "image" else _REMEDY
        child = self._child = self._child or _started()
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._seconds, stop)
        timer.start()
        try:
            assert child.stdin
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            return taken(child)
        except (EOFError, BrokenPipeError) as death:
            self.close()
            if late.is_set():
                message = f"reading it takes longer than {self._seconds:g} seconds; {remedy}"
                raise ReadError(message) from death
            raise ReadError(_cause(child.returncode, remedy)) from death
        except _FileFault:
            raise
        except BaseException:
            self.close()  # discard its pending output: it answers the failed request
            raise
        finally:
            timer.cancel()


def _started() -> _Child:
    """A child with no secrets in its environment, and no modules from the folder it is run in."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, _ROOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,  # an interrupt is for the parent, which ends the child
    )


def _items(child: _Child) -> list[ReadItem | Unread]:
    """What the child reads in a file."""
    items: list[ReadItem | Unread] = []
    for answer in _answers(child):
        if "document" in answer:
            items.append(_document(answer["document"]))
        elif "unread" in answer:
            items.append(_unread(answer["unread"]))
        else:
            items.append(Failure(**answer["failure"]))
    return items


def _told(child: _Child) -> dict[str, Any]:
    """The single answer to a request for pictures; `data` are the bytes that come with it."""
    (answer,) = _answers(child)
    return answer


def _answers(child: _Child) -> Iterator[dict[str, Any]]:
    """Answers until the child says that the request is done; EOFError where it dies before."""
    assert child.stdout
    while True:
        line = child.stdout.readline(MAX_ANSWER)
        if not line.endswith(b"\n"):
            if len(line) == MAX_ANSWER:
                raise ReadError(f"a document takes more than {MAX_ANSWER:,} bytes; split the file")
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise _FileFault(answer["error"], answer["line"])
        if not answer:
            return
        if "data" in answer:
            answer["data"] = _data(child.stdout, answer["data"])
        yield answer


def _data(stream: IO[bytes], lengths: list[int]) -> list[bytes]:
    """The bytes that follow a line, in pieces of these lengths."""
    if sum(lengths) > MAX_ANSWER:
        raise ReadError(f"a picture takes more than {MAX_ANSWER:,} bytes; save it smaller")
    pieces = [stream.read(length) for length in lengths]
    if [len(piece) for piece in pieces] != lengths:
        raise EOFError
    return pieces


class _FileFault(ReadError):
    """A fault that the child reports about a file; it is ready for the next one."""


def _document(given: dict[str, Any]) -> Document:
    warnings = tuple(DocumentWarning(**warning) for warning in given.pop("warnings"))
    pages = tuple((int(offset), str(label)) for offset, label in given.pop("pages"))
    layout = None
    if rows := given.pop("layout"):
        printed, words = rows
        layout = Layout(tuple(Page(*row) for row in printed), tuple(WordBox(*row) for row in words))
    return Document(**given, warnings=warnings, pages=pages, layout=layout)


def _unread(given: dict[str, Any]) -> Unread:
    document, files = _document(given["document"]), given["files"]
    return Unread(
        document,
        tuple(given["labels"]),
        tuple(given["frames"]),
        given["cause"],
        tuple(given["numbers"]),
        tuple((file, frame) for file, frame in files),
        given["declared"],
    )


def _cause(code: int | None, remedy: str) -> str:
    if code == -signal.SIGXCPU:
        return f"reading it takes more processor time than a file may have; {remedy}"
    if code in (MEMORY, -signal.SIGABRT):  # PDFium aborts where it gets no memory
        return f"reading it takes more memory than a file may have; {remedy}"
    return f"its parser broke off ({code}): the file is damaged or made to do harm; {remedy}"


MEMORY = 3
"""Exit code of a child that ran out of memory."""
