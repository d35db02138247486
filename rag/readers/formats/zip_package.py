"""Files that are ZIP archives: which they are, and their parts in bounded memory.

A part is unpacked only when a reader asks for it, up to a limit, whatever the archive says of its
size; nothing is written to disk. Not here: the formats themselves (`docx`, `epub`).
"""

from __future__ import annotations

import zlib
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile

from rag.errors import ReadError

MAX_PARTS = 20_000
MAX_PART = 32 * 2**20
"""Bytes of one part, unpacked."""
MAX_WHOLE = 256 * 2**20
"""Bytes of all parts that are read, unpacked."""


class Package:
    """A ZIP archive opened for reading; its parts by name."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, LargeZipFile, ValueError, NotImplementedError) as error:
            raise ReadError(
                f"a damaged ZIP archive ({error}); copy or download it again"
            ) from error
        self.names = frozenset(self._zip.namelist())
        if len(self._zip.infolist()) > MAX_PARTS:
            raise ReadError(f"a ZIP archive of more than {MAX_PARTS:,} parts; unpack it first")
        self._left = MAX_WHOLE

    def part(self, name: str) -> bytes:
        """A part, unpacked. Raises ReadError where it is missing, locked, damaged or too large."""
        if name not in self.names:
            raise ReadError(f"its part {name!r} is missing; save the file again in its own program")
        limit = min(MAX_PART, self._left)
        try:
            with self._zip.open(name) as part:
                data = part.read(limit + 1)
        except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise ReadError(f"its part {name!r} is damaged ({error}); copy it again") from error
        except RuntimeError as error:  # what zipfile says of a password
            raise ReadError("protected by a password; save a copy without one") from error
        if len(data) > limit:
            raise ReadError(
                f"its part {name!r} unpacks to more than {limit:,} bytes: "
                "a ZIP bomb, or a text to be split into several files"
            )
        self._left -= len(data)
        return data
