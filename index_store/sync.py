"""Brings the indexes up to the catalogue: whatever `pending` names is looked up anew.

A key is an id or row, not an operation: what the catalogue still has is added, the rest removed.
So this can be repeated after any crash. It does not judge whether the indexes are sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from index_store.catalogue.reading import Catalogue, Table
from index_store.catalogue.rows import COLUMNS, to_document, to_passage
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_index import IndexEntry, LexicalIndex
from index_store.types import Document
from index_store.vectors.chroma_rows import PAGE, ChromaRows
from index_store.vectors.index import VectorIndex
from index_store.vectors.row import VectorRow

_STALE_SHARE = 0.1  # deleted entries that make a rebuild worth while in a large index
_ROUNDS = 3  # of putting back what the graph lost
_SMALL = 20_000  # entries that are rebuilt in about a second
_LOOKED_FOR = 20_000  # rows, in some ten seconds


def apply_vectors(catalogue: WritingCatalogue, index: VectorIndex) -> int:
    """Settles all pending passage ids with Chroma, which is rebuilt if it then lacks any.

    Returns how many there were.
    """
    changed = len(catalogue.pending("vectors"))
    if changed and _settle_vectors(catalogue, index) != catalogue.count("passages"):
        rebuild_vectors(catalogue, index)
    return changed


def rebuild_vectors(catalogue: WritingCatalogue, index: VectorIndex) -> None:
    """Replaces the collection. Raises StoreCorrupt when Chroma does not keep what it is given."""
    index.drop()
    catalogue.mark_all("vectors")
    if _settle_vectors(catalogue, index) != catalogue.count("passages"):
        raise StoreCorrupt(f"{index.path}: Chroma does not keep all rows that it is given")


def _settle_vectors(catalogue: WritingCatalogue, index: VectorIndex) -> int:
    """Returns the number of rows that Chroma then has."""
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
    """Puts back what later rows took from Chroma's graph, where `changed` rows are most of them.

    Less is left to the doctor, and so is a large index, whose every row takes a search.
    """
    if catalogue.count("passages") <= min(_LOOKED_FOR, 2 * changed):
        refind(catalogue, index)


def refind(catalogue: WritingCatalogue, index: VectorIndex) -> None:
    """Puts back every passage that Chroma does not find by its own vector."""
    names = [name for (name,) in catalogue.rows("SELECT passage_id FROM passages ORDER BY row")]
    with index.use(catalogue.generation()) as chroma:
        for start in range(0, len(names), PAGE):
            rows = list(vector_rows(catalogue, names[start : start + PAGE]))
            reinsert_lost(chroma, rows)


def reinsert_lost(chroma: ChromaRows, rows: Sequence[VectorRow]) -> None:
    """Its graph loses a row now and then, mostly after deletes; inserted anew it is found."""
    for _ in range(_ROUNDS):
        lost = set(chroma.not_found(rows))
        if not lost:
            return
        chroma.replace([row for row in rows if row.passage.passage_id in lost])


def apply_words(catalogue: WritingCatalogue, index: LexicalIndex, target: Table) -> None:
    """Settles all pending rows with a lexical index, which is rebuilt if it then lacks any."""
    keys = catalogue.pending(target)
    try:
        if keys:
            rows = [int(key) for key in keys]
            index.update(rows, words(catalogue, target, rows))
        if len(index) != catalogue.count(target):
            index.rebuild(words(catalogue, target))
    except StoreError as fault:
        _build_anew(catalogue, index, target, fault)
    if keys:
        catalogue.settle(target, keys)


def tidy(catalogue: WritingCatalogue, index: LexicalIndex, target: Table) -> None:
    """Rebuilds a lexical index whose statistics still count deleted entries, where worth it."""
    deleted, size = index.deleted(), len(index)
    if deleted and (size <= _SMALL or deleted > _STALE_SHARE * size):
        try:
            index.rebuild(words(catalogue, target))
        except StoreError as fault:
            _build_anew(catalogue, index, target, fault)
        catalogue.announce()


def _build_anew(
    catalogue: WritingCatalogue, index: LexicalIndex, target: Table, fault: StoreError
) -> None:
    """Replaces an index whose writer failed with `fault`, which is raised where that fails too."""
    try:
        index.replace(words(catalogue, target))
    except StoreError as again:
        raise fault from again


def words(
    catalogue: Catalogue, target: Table, rows: Sequence[int] | None = None
) -> Iterator[IndexEntry]:
    """What is to be indexed, for these rows or for all, in ascending order."""
    if rows is None:
        rows = [row for (row,) in catalogue.rows(f"SELECT row FROM {target}")]
    rows = sorted(rows)
    for start in range(0, len(rows), PAGE):
        page = json.dumps(rows[start : start + PAGE])
        if target == "passages":
            yield from _passage_words(catalogue, page)
        else:
            yield from _document_words(catalogue, page)


def _passage_words(catalogue: Catalogue, page: str) -> Iterator[IndexEntry]:
    documents = _Documents(catalogue)
    for row, document_row, start, end in catalogue.rows(
        'SELECT row, document, start, "end" FROM passages'
        " WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row",
        [page],
    ):
        document, header = documents.get(document_row)
        yield IndexEntry(row, document.text[start:end], header, document)


def _document_words(catalogue: Catalogue, page: str) -> Iterator[IndexEntry]:
    documents = _Documents(catalogue)
    for (row,) in catalogue.rows(
        "SELECT row FROM documents WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row",
        [page],
    ):
        document, header = documents.get(row)
        yield IndexEntry(row, document.text, header, document)


def vector_rows(catalogue: Catalogue, passage_ids: Sequence[str]) -> Iterator[VectorRow]:
    """Those of the passages that are stored, as Chroma is to hold them."""
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
    """Documents with their headers by row; remembers the last, as rows come grouped."""

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
