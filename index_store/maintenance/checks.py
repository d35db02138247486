"""What can be wrong with a store, found by reading all of it.

Each function yields problems, described for archivists. Not here: repairs (`doctor`).
"""

from __future__ import annotations

import math
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index_store.catalogue.engines.sqlite_engine import CATALOGUE
from index_store.catalogue.entry import NORM_TOLERANCE
from index_store.catalogue.reading import Catalogue, Table
from index_store.catalogue.rows import JSON_COLUMNS, PLAIN, document_digest, text_sha256
from index_store.catalogue.schema import digest
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_index import LexicalIndex
from index_store.maintenance.problem import Problem, shown
from index_store.seal import damaged
from index_store.search import lexical_path
from index_store.sync import vector_rows
from index_store.vectors.chroma_rows import PAGE
from index_store.vectors.index import VectorIndex
from index_store.vectors.vector_file import vector_file

REBUILD = "`fonds doctor --repair` rebuilds the index from the stored documents"
PUT_BACK = "`fonds doctor --repair` puts them in again"
BACKUP = "restore a backup with `fonds restore`, or ingest the files into a new store"


def catalogue_problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Checks the database, its seal, every hash, span and vector, the records of files."""
    path = catalogue.directory / CATALOGUE
    if faults := catalogue.engine.integrity_faults():
        what = f"{catalogue.place} is damaged: {'; '.join(faults)}"
        yield Problem("catalogue_damaged", what, BACKUP)
    elif catalogue.place.server is None and damaged(path):
        what = f"{path} is not as it was left; each document in it is checked by its own hash"
        repair = "if none is named, `fonds doctor --repair` accepts the file as it is"
        yield Problem("catalogue_changed", what, repair)
    yield from _document_problems(catalogue)
    yield from _vector_problems(catalogue)
    yield from _file_problems(catalogue)


def waiting_problems(changes: int) -> Iterator[Problem]:
    """Tells of changes in the catalogue that an index has not done."""
    if changes:
        what = f"an interrupted ingest left {changes} changes that searches cannot find yet"
        yield Problem("pending", what, "`fonds doctor --repair`, or the same `fonds ingest` again")


def _document_problems(catalogue: Catalogue) -> Iterator[Problem]:
    columns = ", ".join(f"d.{name}" for name in (*PLAIN, *JSON_COLUMNS))
    rows = [row for (row,) in catalogue.rows("SELECT row FROM documents ORDER BY row")]
    for row in rows:
        try:
            yield from _damage(catalogue, row, columns)
        except StoreCorrupt:  # its text is not UTF-8 any more
            ((name,),) = catalogue.rows(
                "SELECT CAST(document_id AS BLOB) FROM documents WHERE row = ?", [row]
            )  # of SQLite alone: PostgreSQL gives no text that is not UTF-8
            yield _damaged_document(name.decode("utf-8", "backslashreplace"), "its file")


def _damage(catalogue: Catalogue, row: int, columns: str) -> Iterator[Problem]:
    """Checks one document. Raises StoreCorrupt where it cannot be read."""
    found = catalogue.rows(
        f"SELECT {columns}, t.text, t.header, s.search_key, d.text_sha256, d.digest"
        " FROM documents AS d JOIN texts AS t USING (row) JOIN search_keys AS s USING (row)"
        " WHERE d.row = ?",
        [row],
    )
    if not found:
        yield Problem("document_damaged", f"the text of the document in row {row} is gone", BACKUP)
        return
    *plain, text, header, key, text_hash, whole_digest = found[0]
    spans = catalogue.rows(
        'SELECT passage_id, ordinal, start, "end" FROM passages WHERE document = ?', [row]
    )
    intact = (
        document_digest(tuple(plain), (text, header, key), spans) == whole_digest
        and text_sha256(text) == text_hash
        and all(0 <= start <= end <= len(text) for _, _, start, end in spans)
    )
    if not intact:
        yield _damaged_document(plain[0], plain[PLAIN.index("path")] or "its file")


def _damaged_document(name: str, path: str) -> Problem:
    return Problem(
        "document_damaged",
        f"document {name}: its text, metadata or passages are not what was written",
        f"remove it with `fonds remove {name}` and ingest {path} again,"
        " or restore a backup with `fonds restore`",
    )


def _vector_problems(catalogue: Catalogue) -> Iterator[Problem]:
    size = 2 * catalogue.manifest().dimension
    after = -1
    while page := catalogue.rows(
        "SELECT p.row, p.passage_id, d.document_id, d.path, p.crc, p.vector FROM passages AS p"
        " JOIN documents AS d ON d.row = p.document WHERE p.row > ? ORDER BY p.row LIMIT ?",
        [after, PAGE],
    ):
        after = page[-1][0]
        for _, passage_id, document_id, path, crc, blob in page:
            norm = 0.0
            if len(blob) == size:
                norm = float(np.linalg.norm(np.frombuffer(blob, np.float16).astype(np.float64)))
            # 2: encoders give norm 1 up to the tolerance, float16 may add as much
            sound = math.isfinite(norm) and abs(norm - 1) <= 2 * NORM_TOLERANCE
            if not sound or zlib.crc32(blob) != crc:
                yield Problem(
                    "vector_damaged",
                    f"passage {passage_id}: its vector is not what was written",
                    f"remove the document with `fonds remove {document_id}` and ingest"
                    f" {path or 'its file'} again",
                )


def _file_problems(catalogue: Catalogue) -> Iterator[Problem]:
    for path, sha256, ids, complete, seal in catalogue.rows("SELECT * FROM files"):
        if digest(path, sha256, ids, complete) != seal:
            what = f"the note about the ingested file {path} is damaged"
            repair = "run `fonds doctor --repair`, then ingest the file again"
            yield Problem("file_note_damaged", what, repair)


def lexical_problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Checks the seal of the lexical indexes, and their rows against the catalogue's."""
    names = damaged(catalogue.directory / "lexical")
    if names:
        what = f"files of the word index are damaged: {shown(names)}"
        yield Problem("lexical_damaged", what, REBUILD)
        return  # opening damaged files proves nothing
    tables: tuple[Table, ...] = ("passages", "documents")
    for table in tables:
        try:
            index = LexicalIndex(lexical_path(catalogue.directory, table))
            found = index.rows()
        except StoreError as error:
            yield Problem("lexical_damaged", str(error), REBUILD)
            continue
        stored = [row for (row,) in catalogue.rows(f"SELECT row FROM {table} ORDER BY row")]
        if found != stored:
            missing = (Counter(stored) - Counter(found)).total()
            extra = (Counter(found) - Counter(stored)).total()
            what = (
                f"{missing} {table} are missing from the word index, so searches by words miss"
                f" them, and {extra} in it are no longer stored or there twice"
            )
            yield Problem("lexical_differs", what, REBUILD)


def vector_file_problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Compares the vector file that searches use with the catalogue."""
    for fault in vector_file(catalogue).faults(catalogue):
        yield Problem("vector_file_damaged", fault, REBUILD)


def chroma_problems(catalogue: Catalogue, index: VectorIndex) -> Iterator[Problem]:
    """Checks Chroma's files, in a child process first, then each of its rows."""
    if index.url is None:
        if not index.path.exists() and not catalogue.count("passages"):
            return
        fault = _sqlite_fault(index.path / "chroma.sqlite3")
        if fault or not index.servable():
            what = f"the vector index {index.path} cannot be opened {fault}".rstrip()
            yield Problem("vectors_damaged", what, REBUILD)
            return
    try:
        yield from _row_problems(catalogue, index)
    except StoreError as error:
        yield Problem("vectors_damaged", str(error), REBUILD)


def _sqlite_fault(path: Path) -> str:
    """SQLite's complaint about the file, "" when it is sound."""
    if not path.is_file():
        return "(chroma.sqlite3 is missing)"
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return f"({error})"
    return "" if answer == "ok" else f"({answer})"


def _row_problems(catalogue: Catalogue, index: VectorIndex) -> Iterator[Problem]:
    known = {name for (name,) in catalogue.rows("SELECT passage_id FROM passages")}
    seen: set[str] = set()
    different: list[str] = []
    lost: list[str] = []
    with index.use(catalogue.generation()) as chroma:
        for page in chroma.all_rows():
            seen.update(page["ids"])
            wanted = {
                row.passage.passage_id: row
                for row in vector_rows(catalogue, page["ids"], "passage_id")
            }
            for name, vector, text, metadata in zip(
                page["ids"], page["embeddings"], page["documents"], page["metadatas"], strict=True
            ):
                row = wanted.get(name)
                if row is not None and not row.agrees(vector, text, metadata):
                    different.append(name)
            lost += chroma.not_found(list(wanted.values()))
    for code, what, names in (
        ("vectors_missing", "has no rows for passages, which searches may miss", known - seen),
        ("vectors_unknown", "has passages that are no longer stored", seen - known),
        ("vectors_differ", "has passages that differ from the stored ones", different),
        ("vectors_lost", "has passages that it does not find", lost),
    ):
        if names:
            repair = PUT_BACK if code == "vectors_lost" else REBUILD
            told = f"the vector index {what} ({len(names)}: {shown(names)})"
            yield Problem(code, told, repair)


def counts(catalogue: Catalogue) -> dict[str, int]:
    """How many documents, passages, vectors, lexical entries and pages there are to check."""
    return {
        "documents": catalogue.count("documents"),
        "passages": catalogue.count("passages"),
        "vectors": catalogue.count("passages"),
        "lexical": catalogue.count("passages") + catalogue.count("documents"),
        "pages": catalogue.page_count(),
    }
