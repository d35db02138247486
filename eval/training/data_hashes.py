"""Hashes of the data that something was fitted to, for the record beside the fitted file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def data_sha256(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each of these files of the folder, by name."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
