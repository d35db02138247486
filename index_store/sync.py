"""Brings the indexes up to date with the catalogue.

The table `pending` has keys of stale entries, not operations: what the catalogue still has is added
to the index, the rest removed. So this can be repeated after any crash. Not here: checking indexes
(`maintenance.checks`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from index_store.catalogue.reading import Catalogue, Table
from index_store.catalogue.rows import COLUMNS, to_document, to_passage
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_index import LexicalIndex
from index_store.lexical_schema import IndexEntry
from index_store.types import Document
from index_store.vectors.chroma_rows import PAGE, ChromaRows
from index_store.vectors.index import VectorIndex
from index_store.vectors.row import VectorRow

_MAX_DELETED_SHARE = 0.1
"""Of the entries of a large word index; with more it is rebuilt."""

_SMALL_INDEX = 20_000
"""Entries of a word index that is rebuilt at any deletion, in about a second."""

_MAX_CHECKED_ROWS = 20_000
"""Rows of the vector index that are searched for one by one, in some ten seconds."""

_REINSERTIONS = 3
"""Attempts to put back rows that Chroma's graph lost."""


def apply_vectors(catalogue: WritingCatalogue, index: VectorIndex) -> int:
    """Brings Chroma up to date; rebuilds it if it then has another number of rows.

    Returns how many rows were stale.
    """
    changed = len(catalogue.pending("vectors"))
    if changed and _settle_vectors(catalogue, index) != catalogue.count("passages"):
        rebuild_vectors(catalogue, index)
    return changed


def rebuild_vectors(catalogue: WritingCatalogue, index: VectorIndex) -> None:
    """Replaces the collection. Raises StoreCorrupt when Chroma does not keep all rows."""
    index.drop()
    catalogue.mark_all("vectors")
    if _settle_vectors(catalogue, index) != catalogue.count("passages"):
        raise StoreCorrupt(f"{index.path}: Chroma does not keep all rows that it is given")


def _settle_vectors(catalogue: WritingCatalogue, index: VectorIndex) -> int:
    """Writes the stale rows; returns how many rows Chroma then has."""
    keys = catalogue.pending("vectors")
    with index.use(catalogue.generation()) as chroma:
        for start in range(0, len(keys), PAGE):
            page = keys[start : start + PAGE]
            rows = list(vector_rows(catalogue, page))
            stored = {row.passage.passage_id for row in rows}
            chroma.delete([key for key in page if key not in stored])
            chroma.replace(rows)
            reinsert_lost(chroma, rows)
            catalogue.settle("vectors", page)
        return len(chroma)


def tidy_vectors(catalogue: WritingCatalogue, index: VectorIndex, changed: int) -> None:
    """Puts back rows that Chroma's graph lost, if at least half of all rows have changed.

    After smaller changes, and in large indexes, this is left to `fonds doctor`: each row takes a
    search.
    """
    if catalogue.count("passages") <= min(_MAX_CHECKED_ROWS, 2 * changed):
        refind(catalogue, index)


def refind(catalogue: WritingCatalogue, index: VectorIndex) -> None:
    """Puts back every passage that Chroma does not find by its own vector."""
    names = [name for (name,) in catalogue.rows("SELECT passage_id FROM passages ORDER BY row")]
    with index.use(catalogue.generation()) as chroma:
        for start in range(0, len(names), PAGE):
            rows = list(vector_rows(catalogue, names[start : start + PAGE]))
            reinsert_lost(chroma, rows)


def reinsert_lost(chroma: ChromaRows, rows: Sequence[VectorRow]) -> None:
    """Inserts rows again that Chroma's graph has lost, as happens after deletes."""
    for _ in range(_REINSERTIONS):
        lost = set(chroma.not_found(rows))
        if not lost:
            return
        chroma.replace([row for row in rows if row.passage.passage_id in lost])


def apply_lexical(catalogue: WritingCatalogue, index: LexicalIndex, target: Table) -> None:
    """Brings a lexical index up to date; rebuilds it if it then has another number of entries."""
    keys = catalogue.pending(target)
    try:
        if keys:
            rows = [int(key) for key in keys]
            index.update(rows, entries(catalogue, target, rows))
        if len(index) != catalogue.count(target):
            index.rebuild(entries(catalogue, target))
    except StoreError as fault:
        _build_anew(catalogue, index, target, fault)
    if keys:
        catalogue.settle(target, keys)


def tidy_lexical(catalogue: WritingCatalogue, index: LexicalIndex, target: Table) -> None:
    """Rebuilds a lexical index with deleted entries, if it is small or they are many."""
    deleted, size = index.deleted(), len(index)
    if deleted and (size <= _SMALL_INDEX or deleted > _MAX_DELETED_SHARE * size):
        rebuild_lexical(catalogue, index, target)
        catalogue.announce()


def rebuild_lexical(catalogue: WritingCatalogue, index: LexicalIndex, target: Table) -> None:
    """Replaces all entries of a lexical index by those of the catalogue. Raises StoreError."""
    try:
        index.rebuild(entries(catalogue, target))
    except StoreError as fault:
        _build_anew(catalogue, index, target, fault)


def _build_anew(
    catalogue: WritingCatalogue, index: LexicalIndex, target: Table, fault: StoreError
) -> None:
    """Replaces an index whose writer failed with `fault`; raises that if this fails too."""
    try:
        index.replace(entries(catalogue, target))
    except StoreError as again:
        raise fault from again


def entries(
    catalogue: Catalogue, target: Table, rows: Sequence[int] | None = None
) -> Iterator[IndexEntry]:
    """Entries of a lexical index for these rows, or for all, in ascending order of rows."""
    if rows is None:
        rows = [row for (row,) in catalogue.rows(f"SELECT row FROM {target}")]
    rows = sorted(rows)
    for start in range(0, len(rows), PAGE):
        page = json.dumps(rows[start : start + PAGE])
        if target == "passages":
            yield from _passage_entries(catalogue, page)
        else:
            yield from _document_entries(catalogue, page)


def _passage_entries(catalogue: Catalogue, page: str) -> Iterator[IndexEntry]:
    documents = _Documents(catalogue)
    for row, document_row, start, end in catalogue.rows(
        'SELECT row, document, start, "end" FROM passages'
        " WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row",
        [page],
    ):
        document, header = documents.get(document_row)
        yield IndexEntry(row, document.text[start:end], header, document)


def _document_entries(catalogue: Catalogue, page: str) -> Iterator[IndexEntry]:
    documents = _Documents(catalogue)
    for (row,) in catalogue.rows(
        "SELECT row FROM documents WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row",
        [page],
    ):
        document, header = documents.get(row)
        yield IndexEntry(row, document.text, header, document)


def vector_rows(catalogue: Catalogue, passage_ids: Sequence[str]) -> Iterator[VectorRow]:
    """Rows of the vector index for those of the passages that are stored."""
    documents = _Documents(catalogue)
    for passage_id, ordinal, start, end, row, document_row, blob in catalogue.rows(
        'SELECT passage_id, ordinal, start, "end", row, document, vector FROM passages'
        " WHERE passage_id IN (SELECT value FROM json_each(?)) ORDER BY row",
        [json.dumps(list(passage_ids))],
    ):
        document, _ = documents.get(document_row)
        passage = to_passage((passage_id, ordinal, start, end), document.document_id, document.text)
        vector = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
        yield VectorRow(row, passage, document, vector)


class _Documents:
    """Documents with their headers, by row. Keeps the last one, because rows come in groups."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._row = -1
        self._value: tuple[Document, str] | None = None

    def get(self, row: int) -> tuple[Document, str]:
        if self._value is None or row != self._row:
            (found,) = self._catalogue.rows(
                f"SELECT {COLUMNS}, t.text, t.header FROM documents AS d JOIN texts AS t"
                " USING (row) WHERE d.row = ?",
                [row],
            )
            self._row, self._value = row, (to_document(found, found[-2]), found[-1])
        return self._value
