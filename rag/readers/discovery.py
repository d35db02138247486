"""Which files an ingest reads: the files given, and those below the folders given.

Hidden files and `*.meta.yaml` sidecars are not documents. Nothing outside a given folder is read:
a symbolic link out of it is a Failure; one to a place inside is skipped, since that place is
visited itself. Pipes, devices and sockets are Failures and never opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.types import Failure

SIDECAR = ".meta.yaml"


def sidecar_of(path: Path) -> Path:
    """Where the metadata of this file would stand."""
    return Path(f"{path}{SIDECAR}")


def find_files(paths: Sequence[Path]) -> Iterator[Path | Failure]:
    """Each file once, sorted by path, with a Failure in the place of each that cannot be read."""
    found: dict[str, Path | Failure] = {}
    seen: set[Path] = set()
    for given in paths:
        for item in _given(Path(given)):
            if isinstance(item, Failure):
                found.setdefault(item.path, item)
            elif (real := item.resolve()) not in seen:
                seen.add(real)
                found[str(item)] = item
    for name in sorted(found):
        yield found[name]


def _given(path: Path) -> Iterator[Path | Failure]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        cause = "does not exist; check the spelling" if _missing(error) else str(error)
        yield _failure(path, cause)
        return
    if stat.S_ISDIR(mode):
        yield from _below(path)
    elif not stat.S_ISREG(mode):
        yield _failure(path, f"{_kind(mode)}, not a file; copy its content into a file")
    elif path.name.endswith(SIDECAR):
        yield _failure(path, "this is metadata beside a document; name the document instead")
    else:
        yield _storable(path)


def _missing(error: Exception) -> bool:
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def _below(root: Path) -> Iterator[Path | Failure]:
    real_root = root.resolve()
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries]
        except OSError as error:
            yield _failure(folder, f"{error.strerror}; check the permissions")
            continue
        for name in names:
            if name.startswith(".") or name.endswith(SIDECAR):
                continue
            path = folder / name
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                folders.append(path)
            elif stat.S_ISREG(mode):
                yield _storable(path)
            elif stat.S_ISLNK(mode):
                yield from _link(path, real_root)
            else:
                yield _failure(path, f"{_kind(mode)}, not a file; copy its content into a file")


def _link(path: Path, root: Path) -> Iterator[Failure]:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield _failure(path, "a symbolic link that leads nowhere; remove it")
        return
    if not target.is_relative_to(root):
        message = "a symbolic link out of the folder given; ingest its target by its own path"
        yield _failure(path, message)


def _storable(path: Path) -> Path | Failure:
    """The path, or a Failure where its name cannot be stored."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return _failure(path, "the file name is not valid UTF-8; rename the file")
    return path


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def _failure(path: Path, error: str) -> Failure:
    name = os.fsencode(path).decode("utf-8", "backslashreplace")
    return Failure(path=name, error=error)
