"""The catalogue's SQLite schema, how to connect to it, and the manifest.

Not here: reading and writing documents (`reading`, `writing`), indexes.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index_store.catalogue.entry import EncoderIdentity
from index_store.errors import StoreCorrupt, StoreError, StoreMismatch
from index_store.types import Manifest

SCHEMA = 1
METRIC = "cosine"
CATALOGUE = "catalogue.sqlite3"
STEMMING = {"stemming": "by language"}
"""What `meta` has where the word indexes stem each text by the rules of its language; before, they
stemmed all by those of English and Russian."""
MISREADINGS = {"misreadings": "marked"}
"""What `meta` has where the word indexes mark the entries of documents that may be misread."""
BUSY_TIMEOUT_MS = 10_000

# Rows are never reused, so that a stale entry of an index can never name a new passage.
DDL = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE,
    record_id TEXT NOT NULL, lang TEXT NOT NULL, kind TEXT NOT NULL, translator TEXT,
    title TEXT NOT NULL, date TEXT, date_from TEXT, date_to TEXT, date_text TEXT,
    author TEXT, recipient TEXT, place TEXT, collection TEXT, source TEXT, archival_ref TEXT,
    path TEXT NOT NULL, warnings TEXT NOT NULL, pages TEXT NOT NULL, extra TEXT NOT NULL,
    sha256 TEXT NOT NULL, text_sha256 TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE INDEX documents_record ON documents (record_id);
CREATE INDEX documents_text ON documents (text_sha256);
CREATE TABLE texts (
    row INTEGER PRIMARY KEY REFERENCES documents (row) ON DELETE CASCADE,
    text TEXT NOT NULL, header TEXT NOT NULL
);
CREATE TABLE search_keys (
    row INTEGER PRIMARY KEY REFERENCES documents (row) ON DELETE CASCADE,
    search_key TEXT NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    passage_id TEXT NOT NULL UNIQUE,
    document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    crc INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX passages_document ON passages (document, ordinal);
CREATE TABLE files (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, document_ids TEXT NOT NULL,
    complete INTEGER NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE pending (
    target TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (target, key)
) WITHOUT ROWID;
"""

# Stores of before there were layouts get these tables from their next writer.
LAYOUTS = """
CREATE TABLE IF NOT EXISTS layouts (
    row INTEGER PRIMARY KEY REFERENCES documents (row) ON DELETE CASCADE,
    page_count INTEGER NOT NULL, pages BLOB NOT NULL, words BLOB NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS pictures (
    document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
    page INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, large_sha256 TEXT NOT NULL,
    size INTEGER NOT NULL, large_size INTEGER NOT NULL, PRIMARY KEY (document, page)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pictures_name ON pictures (name);
"""


def digest(*parts: Any) -> str:
    """SHA-256 of the parts as canonical JSON, hexadecimal."""
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def connect(directory: Path, *, write: bool) -> sqlite3.Connection:
    """A connection to the catalogue in `directory`, which must exist when only reading.

    On a read-only mount without a leftover log the file is opened as immutable.
    Raises StoreError when SQLite cannot open it.
    """
    path = directory / CATALOGUE
    uri = "file:" + quote(str(path.resolve()))
    if write:
        uri += "?mode=rwc"
    elif os.access(directory, os.W_OK) or path.with_name(CATALOGUE + "-wal").exists():
        uri += "?mode=ro"
    else:
        uri += "?immutable=1"
    try:
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        raise StoreError(f"cannot open {path}: {error}; is the disk readable?") from error
    return connection


def create(connection: sqlite3.Connection, encoder: str, dimension: int, version: str) -> None:
    """Creates the tables and the manifest in an empty database, in one transaction.

    `version` is that of the Fonds that creates the store.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    values = {
        "schema": str(SCHEMA), "encoder": encoder, "dimension": str(dimension),
        "metric": METRIC, "version": version, "store_id": uuid.uuid4().hex, "generation": "0",
        **STEMMING, **MISREADINGS,
    }  # fmt: skip
    connection.execute("BEGIN IMMEDIATE")
    for statement in (DDL + LAYOUTS).split(";\n"):
        if statement.strip():
            connection.execute(statement)
    set_meta(connection, values)
    connection.execute("COMMIT")


def set_meta(connection: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Writes manifest values, each with its digest, inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
        " SET value = excluded.value, digest = excluded.digest",
        [(key, value, digest(key, value)) for key, value in values.items()],
    )


def read_meta(
    connection: sqlite3.Connection, directory: Path, key: str | None = None
) -> dict[str, str]:
    """The manifest values, or the one of `key`.

    Raises StoreCorrupt when they cannot be read or do not have their digest.
    """
    sql = "SELECT key, value, digest FROM meta WHERE ?1 IS NULL OR key = ?1"
    try:
        rows = connection.execute(sql, [key]).fetchall()
    except sqlite3.DatabaseError as error:
        raise StoreCorrupt(
            f"{directory / CATALOGUE} is not a readable catalogue ({error});"
            " restore a backup with `fonds restore`"
        ) from error
    for key, value, stored in rows:
        if digest(key, value) != stored:
            raise StoreCorrupt(
                f"{directory / CATALOGUE}: the stored {key} is damaged;"
                " restore a backup with `fonds restore`"
            )
    return {key: value for key, value, _ in rows}


def read_manifest(connection: sqlite3.Connection, directory: Path) -> Manifest:
    """What the store was built with.

    Raises StoreMismatch for a newer schema than this program knows, StoreCorrupt.
    """
    meta = read_meta(connection, directory)
    try:
        schema = int(meta["schema"])
        if schema > SCHEMA:
            raise StoreMismatch(
                f"the store {directory} has schema {schema}, this program knows {SCHEMA}:"
                " install a newer Fonds, or name another store with `--store`"
            )
        return Manifest(
            schema=schema,
            encoder=meta["encoder"],
            dimension=int(meta["dimension"]),
            metric=meta["metric"],
            version=meta["version"],
        )
    except (KeyError, ValueError) as error:
        raise StoreCorrupt(
            f"{directory / CATALOGUE} has no manifest ({error});"
            " restore a backup with `fonds restore`"
        ) from error


def check_encoder(manifest: Manifest, encoder: EncoderIdentity | None, directory: Path) -> None:
    """Raises StoreMismatch when the store was not built with `encoder` (None: with any)."""
    if manifest.metric != METRIC:
        raise StoreMismatch(
            f"the store {directory} measures by {manifest.metric}, this program by {METRIC}:"
            " ingest into a new store with `fonds ingest --store DIR PATH…`"
        )
    built = EncoderIdentity(manifest.encoder, manifest.dimension)
    if encoder is not None and encoder != built:
        raise StoreMismatch(
            f"the store {directory} was built with the encoder {built.name}"
            f" ({built.dimension} dimensions), not {encoder.name} ({encoder.dimension}):"
            " use that encoder, or ingest into a new store with `fonds ingest --store DIR PATH…`"
        )
