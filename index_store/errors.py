"""Faults of the store. Each message says what, where and how to mend it.

FondsError
└── StoreError
    ├── StoreLocked      another writer holds the store
    ├── StoreMismatch    built with another encoder, dimension, metric or newer schema
    ├── StoreCorrupt     what is stored is not what was written
    └── NotStored        no such document or passage
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FondsError(Exception):
    """Any fault that Fonds explains in one line; `exit_code` is what the command returns."""

    exit_code = 1


class StoreError(FondsError):
    """The store cannot do what was asked."""


class StoreLocked(StoreError):
    """Another process is writing to this store."""


class StoreMismatch(StoreError):
    """The store was built with something else than what is configured now."""


class StoreCorrupt(StoreError):
    """A stored hash, vector or index does not agree with the catalogue."""


class NotStored(StoreError):
    """The id is not in the store."""


@contextmanager
def explained(directory: Path) -> Iterator[None]:
    """Turns a fault of the disk into a StoreError that says what is safe and how to mend it."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreError(
            f"cannot write to the store {directory} ({error}): make room or mend"
            " the disk and run `fonds ingest` again; what was committed is safe"
        ) from error
