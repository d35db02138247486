"""The pictures of pages: files in the folder `pictures` of a store, each in two sizes.

A picture is named by what it was made of, its bytes are checked against the hash in the catalogue.
`ab/NAME.jpg` (or .png) is the one to read by, `ab/NAME.large.jpg` the one to zoom into. A file is
written whole or not at all, before the document that names it is committed; what no document names
is swept away. Not here: how pictures are made (`rag.readers`), which documents name them
(`catalogue`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index_store.errors import NotStored, StoreError
from index_store.layout import is_picture_name

FOLDER = "pictures"
_MADE = b"1"
"""Raised when pictures are made in another way, so that they are made anew."""
_KINDS = {".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n"}
"""Suffixes, with the first bytes of such a file."""
_DRAFT = ".new"


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """The SHA-256, hexadecimal, and the length in bytes of the two files of a picture."""

    sha256: str
    large_sha256: str
    size: int
    large_size: int

    @classmethod
    def of(cls, small: bytes, large: bytes) -> StoredPicture:
        """Of the contents of the two files."""
        sums = [hashlib.sha256(data).hexdigest() for data in (small, large)]
        return cls(sums[0], sums[1], len(small), len(large))


def picture_name(source_sha256: bytes, frame: int, upright: bool = True) -> str:
    """The name of the picture of page or picture `frame`, from 0, of a file with this SHA-256.

    One that is not `upright` is shown as it lies in the file.
    """
    turned = b"" if upright else b"\0as it lies"
    return hashlib.sha256(b"%s\0%s\0%d" % (_MADE, source_sha256, frame) + turned).hexdigest()


def picture_files(name: str, large: bool) -> list[str]:
    """The paths, within a store, that a picture in one size can have.

    Raises NotStored for a name that cannot be a picture's: it may come from a request.
    """
    if not is_picture_name(name):
        raise NotStored(f"{name[:80]!r} is not the name of a picture")
    size = ".large" if large else ""
    return [f"{FOLDER}/{name[:2]}/{name}{size}{kind}" for kind in _KINDS]


class Pictures:
    """The folder of pictures of the store in `directory`; made when the first is written.

    Every method raises NotStored for a name that cannot be a picture's.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, name: str, small: bytes, large: bytes) -> StoredPicture:
        """Writes both sizes, in place of older ones. Raises StoreError for other than JPEG or PNG.

        What it returns belongs to the catalogue. Raises OSError where the disk is full.
        """
        for data, is_large in ((large, True), (small, False)):
            kind = _kind_of(data)
            paths = self._paths(name, is_large)
            path = next(path for path in paths if path.suffix == kind)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(path.name + _DRAFT)
            with draft.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
            for other in paths:
                if other != path:
                    other.unlink(missing_ok=True)
        return StoredPicture.of(small, large)

    def file(self, name: str, large: bool) -> Path | None:
        """The file of a picture in one size, None where it is missing."""
        return next((path for path in self._paths(name, large) if path.is_file()), None)

    def read(self, name: str, large: bool) -> bytes | None:
        """The bytes of a picture in one size, None where it is missing."""
        path = self.file(name, large)
        return path.read_bytes() if path else None

    def is_whole(self, name: str, stored: StoredPicture) -> bool:
        """Whether both files are there and as long as they were; their bytes are not read."""
        sizes = ((False, stored.size), (True, stored.large_size))
        found = ((self.file(name, large), size) for large, size in sizes)
        return all(path is not None and path.stat().st_size == size for path, size in found)

    def is_intact(self, name: str, stored: StoredPicture) -> bool | None:
        """Whether both files have the bytes that were written; None where one is missing."""
        small, large = self.read(name, large=False), self.read(name, large=True)
        if small is None or large is None:
            return None
        return StoredPicture.of(small, large) == stored

    def remove(self, name: str) -> None:
        """Removes both sizes, where they are there."""
        for path in self._paths(name, large=False) + self._paths(name, large=True):
            path.unlink(missing_ok=True)

    def sweep(self, kept: set[str]) -> int:
        """Removes all files but those of the names in `kept`; returns how many it removed."""
        removed = 0
        for path in list(self._files()):
            if path.name.partition(".")[0] not in kept or path.suffix == _DRAFT:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def bytes(self) -> int:
        """The size of all files together; drafts, and what goes away meanwhile, do not count."""
        total = 0
        for path in self._files():
            if path.suffix != _DRAFT:
                with contextlib.suppress(FileNotFoundError):
                    total += path.stat().st_size
        return total

    def _files(self) -> Iterator[Path]:
        return (path for path in (self._directory / FOLDER).glob("*/*") if path.is_file())

    def _paths(self, name: str, large: bool) -> list[Path]:
        return [self._directory / file for file in picture_files(name, large)]


def _kind_of(data: bytes) -> str:
    for kind, start in _KINDS.items():
        if data.startswith(start):
            return kind
    raise StoreError("a picture is neither JPEG nor PNG; it was not stored")
