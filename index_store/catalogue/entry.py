"""What a writer hands to the store: documents with passages and vectors, records of files.

They are checked here, before anything is written. Not here: files and databases.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from index_store.catalogue.layout_check import check_layout
from index_store.errors import StoreError
from index_store.types import Document, Passage, Vectors

NORM_TOLERANCE = 2e-3
"""How far rounding to float16 may take a vector from norm 1."""


MAX_KEY_BYTES = 2_600
"""Of an id or path, as UTF-8: PostgreSQL's indexes hold 2,704 bytes."""

_SHOWN = 80  # characters of a name in a message


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """Name and dimension of the encoder that a store is built with."""

    name: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One document ready to be stored.

    `vectors` is float32 of shape (number of passages, dimension), rows of norm 1, in the order
    of `passages`. `search_key` is the text in which quotations are looked for, `header` the words
    about the document that searches use beside its text (title, people, date).
    """

    document: Document
    passages: tuple[Passage, ...]
    vectors: Vectors
    search_key: str
    header: str


@dataclass(frozen=True, slots=True)
class FileState:
    """The record of an ingested file: its hash and documents, `complete` if none of it failed."""

    path: str
    sha256: str
    document_ids: tuple[str, ...]
    complete: bool


def check_entry(entry: Entry, dimension: int) -> None:
    """Raises StoreError, naming the document, for an entry that is inconsistent."""
    document = entry.document
    name = document.document_id
    if not name:
        raise StoreError(f"a document of {document.path or 'unknown origin'} has no id")
    indexed = (name, document.record_id, document.author, document.recipient, document.collection)
    if any("\0" in key for key in indexed if key):  # SQLite's JSON ends there
        raise StoreError(f"document {name!r}: its id, people or collection hold a NUL character")
    for key in (*indexed[:2], document.path, *(p.passage_id for p in entry.passages)):
        check_key(key, f"document {shortened(name)}")
    for day in (document.date_from, document.date_to):
        if day is not None:
            check_day(day, f"document {name}")
    text = document.text
    for passage in entry.passages:
        if passage.document_id != name or "\0" in passage.passage_id:
            raise StoreError(f"passage {passage.passage_id} does not belong to document {name}")
        inside = 0 <= passage.start <= passage.end <= len(text)
        if not inside or text[passage.start : passage.end] != passage.text:
            raise StoreError(
                f"passage {passage.passage_id} is not the text of document {name}"
                f" at {passage.start}:{passage.end}"
            )
    check_vectors(entry.vectors, len(entry.passages), dimension, name)
    if document.layout is not None:
        check_layout(document.layout, len(text), f"document {name}")


def check_vectors(vectors: Vectors, count: int, dimension: int, name: str) -> None:
    """Raises StoreError unless `vectors` has the shape given, is finite and of norm 1."""
    if vectors.shape != (count, dimension) and not (count == 0 and vectors.size == 0):
        raise StoreError(
            f"document {name}: the encoder gave vectors of shape {vectors.shape},"
            f" expected {(count, dimension)}"
        )
    if count == 0:
        return
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    if not bool(np.all(np.abs(norms - 1.0) <= NORM_TOLERANCE)):  # also False for NaN
        raise StoreError(f"document {name}: the encoder gave a vector that has not norm 1")


def check_key(key: str, where: str, room: int = 0) -> None:
    """Raises StoreError, with `where`, for an id or path that no index of a database can hold.

    `room`: bytes that are to be left.
    """
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise StoreError(
            f"{where}: {shortened(key)!r} holds a lone surrogate, which no database can hold"
        ) from error
    if size > MAX_KEY_BYTES - room:
        raise StoreError(
            f"{where}: an id or path takes {size:,} bytes, at most {MAX_KEY_BYTES - room:,} can be"
            " looked up; give the file or record a shorter name"
        )


def shortened(name: str) -> str:
    """A name for a message: the beginning of a long one."""
    return name if len(name) <= _SHOWN else name[:_SHOWN] + "…"


def check_day(day: str, where: str) -> int:
    """The ordinal number of an ISO day. Raises StoreError, with `where`, for anything else."""
    try:
        parsed = datetime.date.fromisoformat(day)
    except ValueError as error:
        raise StoreError(f"{where}: {day!r} is not an ISO day such as 1931-11-27") from error
    if parsed.isoformat() != day:
        raise StoreError(f"{where}: {day!r} is not an ISO day such as 1931-11-27")
    return parsed.toordinal()
