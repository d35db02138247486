"""Errors of the store. Each message says what is wrong, where, and how to repair it.

FondsError
└── StoreError
    ├── StoreLocked      another writer holds the store
    ├── StoreMismatch    built with another encoder, dimension, metric or newer schema
    ├── StoreCorrupt     what is stored is not what was written
    ├── NotStored        no such document or passage
    └── NeverStored      an id or number that no database can hold
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FondsError(Exception):
    """Any error that Fonds explains in one line; `exit_code` is what the command returns."""

    exit_code = 1


class StoreError(FondsError):
    """The store cannot do what was asked."""


class StoreLocked(StoreError):
    """Another process is writing to this store."""


class StoreMismatch(StoreError):
    """The store was built with another encoder, metric or schema than this program uses."""


class StoreCorrupt(StoreError):
    """What is stored does not have its hash, or an index cannot be read."""


class NotStored(StoreError):
    """The id is not in the store."""


class NeverStored(StoreError):
    """No database can hold the id or number that was asked for."""

    exit_code = 2


@contextmanager
def explained(directory: Path) -> Iterator[None]:
    """Turns an error of the disk into a StoreError that says what is safe and what to do."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreError(
            f"cannot write to the store {directory} ({error}): make room or repair"
            " the disk, and run `fonds ingest` again; what was committed is safe"
        ) from error
