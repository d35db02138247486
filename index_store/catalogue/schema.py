"""The catalogue's tables and its manifest.

Not here: the databases (`engines`), reading and writing documents (`reading`, `writing`), indexes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from index_store.catalogue.engines.engine import Engine
from index_store.catalogue.entry import EncoderIdentity
from index_store.errors import StoreCorrupt, StoreMismatch
from index_store.types import Manifest

SCHEMA = 1
METRIC = "cosine"
STEMMING = {"stemming": "by language"}
"""What `meta` has where the word indexes stem each text by the rules of its language; before, they
stemmed all by those of English and Russian."""
MISREADINGS = {"misreadings": "marked"}
"""What `meta` has where the word indexes mark the entries of documents that may be misread."""

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
"""`pending` had, before there was an outbox, what the indexes lacked. It stays empty."""

# Stores that were made before there were layouts get these tables from their next writer.
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

# One row for each document that was added or removed: its row, the rows of its passages from
# `first` to before `past`, as JSON the ids of those that are gone, and a random token. What follows
# the catalogue notes the last `seq` that it has done, with its token (see `catalogue.outbox`).
OUTBOX = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL, first INTEGER NOT NULL, past INTEGER NOT NULL, gone TEXT NOT NULL,
    token TEXT NOT NULL DEFAULT ''
);
"""
TOKENS = "ALTER TABLE outbox ADD COLUMN token TEXT NOT NULL DEFAULT '';\n"

# Without these a filter by one author reads all documents. Those of the first names were B-trees in
# PostgreSQL too, where a long field stopped an ingest.
INDEXES = "".join(
    f"DROP INDEX IF EXISTS documents_{column};\n"
    f"CREATE INDEX IF NOT EXISTS documents_by_{column} ON documents ({column});\n"
    for column in ("lang", "author", "recipient", "collection", "place")
)

NEWER = {
    ("layouts", None): LAYOUTS,
    ("outbox", None): OUTBOX,
    ("outbox", "token"): TOKENS,
    ("documents_by_place", None): INDEXES,
}
"""Tables, columns and indexes that older stores lack, in the order in which they are made, with the
statements that make them."""

COPIED = ("meta", "documents", "texts", "search_keys", "passages", "files", "layouts", "pictures")
"""Tables with what is archived, in an order in which they can be filled."""

NUMBERED = ("documents", "passages")
"""Tables whose rows are numbered as they are added."""


def digest(*parts: Any) -> str:
    """SHA-256 of the parts as canonical JSON, hexadecimal."""
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def create(engine: Engine, encoder: str, dimension: int, version: str) -> None:
    """Creates the tables and the manifest in an empty database, in one transaction.

    `version` is that of the Fonds that creates the store. Raises StoreError.
    """
    values = {
        "schema": str(SCHEMA), "encoder": encoder, "dimension": str(dimension),
        "metric": METRIC, "version": version, "store_id": uuid.uuid4().hex, "generation": "0",
        **STEMMING, **MISREADINGS,
    }  # fmt: skip
    with engine.making_tables():
        make_tables(engine)
        set_meta(engine, values)


def make_tables(engine: Engine) -> None:
    """Creates the tables and indexes, inside the caller's transaction."""
    define(engine, DDL + LAYOUTS + OUTBOX + INDEXES)


def define(engine: Engine, statements: str) -> None:
    """Runs statements that define tables, each ended by a semicolon and a line break."""
    for statement in statements.split(";\n"):
        if statement.strip():
            engine.execute(engine.adapted(statement))


def set_meta(engine: Engine, values: Mapping[str, str]) -> None:
    """Writes manifest values, each with its digest, inside the caller's transaction."""
    engine.execute_many(
        "INSERT INTO meta VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
        " SET value = excluded.value, digest = excluded.digest",
        [(key, value, digest(key, value)) for key, value in values.items()],
    )


def read_meta(engine: Engine, key: str | None = None) -> dict[str, str]:
    """The manifest values, or the one of `key`.

    Raises StoreCorrupt when they do not have their digest, StoreError when they cannot be read.
    """
    sql = "SELECT key, value, digest FROM meta"
    rows = engine.rows(sql) if key is None else engine.rows(sql + " WHERE key = ?", [key])
    for name, value, stored in rows:
        if digest(name, value) != stored:
            raise StoreCorrupt(
                f"{engine.place}: the stored {name} is damaged;"
                " restore a backup with `fonds restore`"
            )
    return {name: value for name, value, _ in rows}


def read_manifest(engine: Engine) -> Manifest:
    """What the store was built with.

    Raises StoreMismatch for a newer schema than this program knows, StoreCorrupt.
    """
    meta = read_meta(engine)
    try:
        schema = int(meta["schema"])
        if schema > SCHEMA:
            raise StoreMismatch(
                f"the store {engine.place} has schema {schema}, this program knows {SCHEMA}:"
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
            f"{engine.place} has no manifest ({error}); restore a backup with `fonds restore`"
        ) from error


def check_encoder(manifest: Manifest, encoder: EncoderIdentity | None, place: str) -> None:
    """Raises StoreMismatch when the store was not built with `encoder` (None: with any)."""
    if manifest.metric != METRIC:
        raise StoreMismatch(
            f"the store {place} measures by {manifest.metric}, this program by {METRIC}:"
            " ingest into a new store with `fonds ingest --store DIR PATH…`"
        )
    built = EncoderIdentity(manifest.encoder, manifest.dimension)
    if encoder is not None and encoder != built:
        raise StoreMismatch(
            f"the store {place} was built with the encoder {built.name}"
            f" ({built.dimension} dimensions), not {encoder.name} ({encoder.dimension}):"
            " use that encoder, or ingest into a new store with `fonds ingest --store DIR PATH…`"
        )
