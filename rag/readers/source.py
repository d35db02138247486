"""A file opened once: its hash, encoding, first lines and content, in bounded memory.

Only regular files are opened. A file below 1 MB is read once and kept; a larger one is read from
the same open file as often as it is needed, so that JSON Lines and CSV can be streamed. Size and
line length are limited.

Not here: which files are read (`discovery`), how bytes become text (`encoding`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from pathlib import Path

from rag.errors import ReadError
from rag.readers.discovery import sidecar_of
from rag.readers.encoding import decode, encoding_of, with_line_feeds

MAX_FILE = 64 * 2**20
"""Bytes of a file that is read whole."""
MAX_LINE = 16 * 2**20
"""Bytes of one line, in any text format."""
_CHUNK = 2**20  # bytes read first; the encoding is looked for in one such stretch
_START = 2**16  # bytes that show the format


def open_regular(path: Path) -> BufferedReader:
    """The file, opened for reading; ReadError where it is not a regular file. Never blocks."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ReadError("not a regular file; copy its content into one")
    # The name may be that of a pipe by now: open without waiting for its writer, and look again.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReadError("not a regular file; copy its content into one")
    return os.fdopen(descriptor, "rb")


def open_source(path: Path) -> SourceFile:
    """A file and the sidecar beside it. Raises ReadError and OSError."""
    file = open_regular(path)
    try:
        beside = sidecar_of(path)
        sidecar = SourceFile(beside, open_regular(beside)) if beside.is_file() else None
    except BaseException:
        file.close()
        raise
    return SourceFile(path, file, sidecar)


@dataclass(frozen=True, eq=False)
class SourceFile:
    """An open file; what is known of it is found out when it is first asked for, and once.

    `sidecar` is the `.meta.yaml` file beside it, where that is a regular file. A context manager,
    which closes both.
    """

    path: Path
    file: BufferedReader
    sidecar: SourceFile | None = None

    def __enter__(self) -> SourceFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        if self.sidecar:
            self.sidecar.file.close()

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @cached_property
    def sha256(self) -> bytes:
        """The SHA-256 of the bytes, read in pieces."""
        if self._is_small:
            return hashlib.sha256(self._first).digest()
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").digest()

    @cached_property
    def start(self) -> bytes:
        """The first 64 KB."""
        return self._first[:_START]

    @cached_property
    def sample(self) -> bytes:
        """The first 1 MB, or the first 1 MB in which other bytes than ASCII stand.

        It shows the encoding. The edges may cut a character in two.
        """
        chunk = self._first
        if not self._is_small:
            self.file.seek(_CHUNK)
            while chunk.isascii() and len(chunk) == _CHUNK:
                chunk = self.file.read(_CHUNK)
        return self._first if chunk.isascii() else chunk

    @cached_property
    def encoding(self) -> str:
        """The encoding of the sample. Raises ReadError where it is not clear."""
        return encoding_of(self.sample)

    @cached_property
    def head(self) -> str:
        """The first 64 KB as text with line feeds; as UTF-8 where the encoding is not clear."""
        try:
            encoding = self.encoding
        except ReadError:
            encoding = "utf-8"  # the reader says what is wrong with the file
        return with_line_feeds(self.start.decode(encoding, "ignore").removeprefix("\ufeff"))

    @cached_property
    def first_line(self) -> str:
        """The first line that is not empty."""
        return self.head.lstrip().partition("\n")[0]

    def read(self, limit: int = MAX_FILE) -> bytes:
        """All bytes. ReadError for more than `limit` bytes or a line of more than MAX_LINE."""
        data = self._first
        if not self._is_small:
            self.file.seek(0)
            data = self.file.read(limit + 1)
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

    def text(self) -> str:
        """All of the file as text with line feeds. Raises ReadError."""
        data = self.read()
        return with_line_feeds(decode(data, self.encoding if self._is_small else None))

    def lines(self) -> Iterator[tuple[int, bytes | ReadError]]:
        """Numbered lines with their line feeds; a line that is too long comes as an error."""
        self.file.seek(0)
        number = 0
        while line := self.file.readline(MAX_LINE):
            number += 1
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                yield number, line
                continue
            while line and not line.endswith(b"\n"):
                line = self.file.readline(MAX_LINE)
            yield number, ReadError(f"a line is longer than {MAX_LINE:,} bytes; shorten it", number)

    @cached_property
    def _first(self) -> bytes:
        size = os.fstat(self.file.fileno()).st_size
        self.file.seek(0)
        data = self.file.read(min(size + 1, _CHUNK))  # to ask for 1 MB is slow, however short it is
        return data if len(data) <= size else data + self.file.read(_CHUNK - len(data))

    @property
    def _is_small(self) -> bool:
        """Whether the first piece is the whole file."""
        return len(self._first) < _CHUNK
