"""Opening files safely and in bounded memory: regular files only, of bounded size and line length.

Not here: which files are read (`rag.readers.walk`), what bytes mean (`rag.readers.decoding`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rag.errors import ReadError

MAX_FILE = 64 * 2**20
"""Bytes of a file that is read whole."""
MAX_LINE = 16 * 2**20
"""Bytes of one line, in any text format."""
_SAMPLE = 2**20


def open_regular(path: Path) -> BinaryIO:
    """The file, opened for reading; ReadError where it is no regular file. Never blocks."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ReadError("not a regular file; copy its content into one")
    # What the name stands for may have changed since: do not wait for the writer of a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReadError("not a regular file; copy its content into one")
    return os.fdopen(descriptor, "rb")


def read_whole(path: Path, limit: int = MAX_FILE) -> bytes:
    """All bytes of a file of at most `limit` bytes, no line of which is longer than MAX_LINE."""
    with open_regular(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ReadError(f"larger than {limit:,} bytes; split it into several files")
    start, number = 0, 1
    while len(data) - start > MAX_LINE:
        end = data.rfind(b"\n", start, start + MAX_LINE)
        if end < 0:
            number += data.count(b"\n", 0, start)
            raise ReadError(
                f"a line is longer than {MAX_LINE:,} bytes; break it into lines", number
            )
        start = end + 1
    return data


def sample(path: Path) -> bytes:
    """The start of a file, or its first stretch with other bytes than ASCII, up to 1 MB.

    For telling encodings; what lies at the edges may be half a character.
    """
    with open_regular(path) as file:
        first = chunk = file.read(_SAMPLE)
        while chunk.isascii() and len(chunk) == _SAMPLE:
            chunk = file.read(_SAMPLE)
    return first if chunk.isascii() else chunk


def start(path: Path, size: int = 2**16) -> bytes:
    """The first bytes of a file, for telling formats."""
    with open_regular(path) as file:
        return file.read(size)


def byte_lines(path: Path) -> Iterator[tuple[int, bytes | ReadError]]:
    """Numbered lines with their line feed; a line that is too long is skipped and told."""
    with open_regular(path) as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                yield number, line
                continue
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
            yield number, ReadError(f"a line is longer than {MAX_LINE:,} bytes; shorten it", number)
