"""Readings that are kept: what recognition found in a picture, so that it is done once.

A reading is a compressed file in a folder, named by a hash. The folder is bounded: the readings
that were not used for longest go first. It holds nothing that cannot be made again, so whatever is
wrong with one of its files means only that the page is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import zlib
from pathlib import Path

from rag.readers.scans.unread import Scan

MAX_BYTES = 256 * 2**20
"""Size of the folder: some 40,000 pages."""
_SUFFIX = ".reading"


def key(scan: Scan, reader: str) -> str:
    """The name of a reading: `reader` tells the program, its version and languages."""
    digest = hashlib.sha256(f"{reader}\n{scan.width} {scan.height} {scan.dpi}\n".encode())
    digest.update(scan.pixels)
    return digest.hexdigest()


class Readings:
    """The readings in a folder, which is made when first needed. Of one writer at a time."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._folder, self._max = folder, max_bytes

    def get(self, name: str) -> str | None:
        """The reading of this name, None where there is none or it is damaged."""
        path = self._path(name)
        try:
            text = zlib.decompress(path.read_bytes()).decode("utf-8")
            os.utime(path)  # it was used
        except (OSError, zlib.error, UnicodeDecodeError):
            return None
        return text

    def put(self, name: str, text: str) -> None:
        """Keep a reading; where the folder cannot be written it is made again when it is needed.

        Several threads may put the same one.
        """
        path = self._path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{secrets.token_hex(8)}.part")
            try:
                part.write_bytes(zlib.compress(text.encode("utf-8"), 9))
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)  # of a full disk

    def prune(self) -> int:
        """Remove those not used for longest until the folder is within its size; how many went.

        None where the folder cannot be written.
        """
        gone = 0
        with contextlib.suppress(OSError):
            for part in self._folder.glob("*.part"):  # of a run that was cut off
                part.unlink(missing_ok=True)
            known = [(path, path.stat()) for path in self._folder.glob(f"*{_SUFFIX}")]
            known.sort(key=lambda item: item[1].st_mtime_ns)
            size = sum(stat.st_size for _, stat in known)
            for path, stat in known:
                if size <= self._max:
                    break
                path.unlink(missing_ok=True)
                size, gone = size - stat.st_size, gone + 1
        return gone

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
