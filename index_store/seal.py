"""Seals: hashes of a store's files, written when a writer has finished with them.

They show damage, which can crash a process that opens the files, or stay hidden where no query
looks. Files without a seal are being written to, or their writer was killed. Lock files and
Chroma's SQLite file, which its readers change, are not sealed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

_UNSEALED = ("*.lock", "chroma.sqlite3*")


def seal_path(target: Path) -> Path:
    """The path of the seal of a file or folder: beside it."""
    return target.with_name(target.name + ".seal.json")


def set_seal(target: Path) -> None:
    """Writes the hashes of `target`, a file or all files of a folder, replacing an older seal."""
    path = seal_path(target)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(_hashes(target), indent=1), encoding="utf-8")
    draft.replace(path)


def break_seal(target: Path) -> None:
    """Removes the seal; to be called before the first change."""
    seal_path(target).unlink(missing_ok=True)


def damaged(target: Path) -> list[str] | None:
    """Names, sorted, of files that are not as sealed; None when there is no readable seal."""
    try:
        sealed = json.loads(seal_path(target).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(sealed, dict):
        return None
    found = _hashes(target)
    return sorted(name for name in sealed.keys() | found if sealed.get(name) != found.get(name))


def _hashes(target: Path) -> dict[str, str]:
    paths = sorted(target.rglob("*")) if target.is_dir() else [target]
    out = {}
    for path in paths:
        if not path.is_file() or any(path.match(pattern) for pattern in _UNSEALED):
            continue
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        out[path.relative_to(target.parent).as_posix()] = digest
    return out
