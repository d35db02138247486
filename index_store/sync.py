"""Brings the indexes up to date with the catalogue.

The outbox tells which documents changed, not how: what the catalogue still has is added to the
index, the rest removed. So this can be repeated after any crash. Not here: checking indexes
(`maintenance.checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from index_store.catalogue.engines.engine import AMONG
from index_store.catalogue.outbox import FROM_THE_START, START, Position
from index_store.catalogue.reading import Catalogue, Table
from index_store.catalogue.rows import COLUMNS, to_document, to_passage
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_index import LexicalIndex
from index_store.lexical_schema import IndexEntry
from index_store.positions import Positions
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

VECTORS = "vectors"
"""The name, among the positions, of Chroma in the folder of the store."""

SERVER_POSITION = "position:chroma"
"""The key in the catalogue's manifest of how far a Chroma server is."""


def apply_vectors(catalogue: WritingCatalogue, index: VectorIndex, positions: Positions) -> int:
    """Brings Chroma up to date; rebuilds it if it then has another number of rows.

    Returns how many rows were stale.
    """
    if (stale := _catch_up(catalogue, index, positions)) is not None:
        return stale
    rebuild_vectors(catalogue, index, positions)
    return catalogue.count("passages")


def _catch_up(catalogue: WritingCatalogue, index: VectorIndex, positions: Positions) -> int | None:
    """Does what has changed; returns how many rows, None where Chroma has to be rebuilt."""
    after = vectors_position(catalogue, index, positions)
    if after == catalogue.position():
        return 0
    stale = 0
    with index.use(catalogue.generation()) as chroma:
        while after != catalogue.position():
            changes = catalogue.changes(after)
            if changes is None:
                return None
            stored: set[str] = set()
            rows = changes.passage_rows
            for start in range(0, len(rows), PAGE):
                batch = _replace(catalogue, chroma, rows[start : start + PAGE])
                stored.update(row.passage.passage_id for row in batch)
            chroma.delete([name for name in changes.gone if name not in stored])
            stale += len(stored.union(changes.gone))
            after = changes.position
            _note_vectors(catalogue, index, positions, after)
        return stale if len(chroma) == catalogue.count("passages") else None


def rebuild_vectors(catalogue: WritingCatalogue, index: VectorIndex, positions: Positions) -> None:
    """Replaces the collection. Raises StoreCorrupt when Chroma does not keep all rows."""
    index.drop()
    _note_vectors(catalogue, index, positions, FROM_THE_START)
    position = catalogue.position()
    with index.use(catalogue.generation()) as chroma:
        for rows in _pages_of_rows(catalogue):
            _replace(catalogue, chroma, rows)
        if len(chroma) != catalogue.count("passages"):
            raise StoreCorrupt(f"{index.path}: Chroma does not keep all rows that it is given")
    _note_vectors(catalogue, index, positions, position)


def _replace(
    catalogue: WritingCatalogue, chroma: ChromaRows, rows: Sequence[int]
) -> list[VectorRow]:
    """Writes those of the rows that are stored, and returns them."""
    batch = list(vector_rows(catalogue, rows))
    chroma.replace(batch)
    reinsert_lost(chroma, batch)
    return batch


def _pages_of_rows(catalogue: Catalogue) -> Iterator[list[int]]:
    """The rows of all passages, a page at a time."""
    last = -1
    while page := catalogue.rows(
        "SELECT row FROM passages WHERE row > ? ORDER BY row LIMIT ?", [last, PAGE]
    ):
        last = page[-1][0]
        yield [row for (row,) in page]


def vectors_position(catalogue: Catalogue, index: VectorIndex, positions: Positions) -> Position:
    """How far Chroma is. Of a server the catalogue tells: all writers share its collection."""
    if index.url is None:
        return positions.get(VECTORS)
    noted = catalogue.noted_position(SERVER_POSITION)
    if noted is not None:
        return noted
    return START if catalogue.position() == START else FROM_THE_START


def _note_vectors(
    catalogue: WritingCatalogue, index: VectorIndex, positions: Positions, position: Position
) -> None:
    if index.url is None:
        positions.set(VECTORS, position)
    else:
        catalogue.note_position(SERVER_POSITION, position)


def tidy_vectors(catalogue: WritingCatalogue, index: VectorIndex, changed: int) -> None:
    """Puts back rows that Chroma's graph lost, if at least half of all rows have changed.

    After smaller changes, and in large indexes, this is left to `fonds doctor`: each row takes a
    search.
    """
    if catalogue.count("passages") <= min(_MAX_CHECKED_ROWS, 2 * changed):
        refind(catalogue, index)


def refind(catalogue: WritingCatalogue, index: VectorIndex) -> None:
    """Puts back every passage that Chroma does not find by its own vector."""
    with index.use(catalogue.generation()) as chroma:
        for rows in _pages_of_rows(catalogue):
            reinsert_lost(chroma, list(vector_rows(catalogue, rows)))


def reinsert_lost(chroma: ChromaRows, rows: Sequence[VectorRow]) -> None:
    """Inserts rows again that Chroma's graph has lost, as happens after deletes."""
    for _ in range(_REINSERTIONS):
        lost = set(chroma.not_found(rows))
        if not lost:
            return
        chroma.replace([row for row in rows if row.passage.passage_id in lost])


def apply_lexical(
    catalogue: Catalogue, index: LexicalIndex, target: Table, positions: Positions
) -> None:
    """Brings a word index up to date; rebuilds it if it then has another number of entries."""
    while True:
        with catalogue.snapshot():
            changes = catalogue.changes(positions.get(target))
            if changes is None:
                break
            if not changes.documents:
                if len(index) != catalogue.count(target):
                    break
                return
            rows = changes.documents if target == "documents" else changes.passage_rows
            try:
                index.update(rows, entries(catalogue, target, rows))
            except StoreError as fault:
                _build_anew(catalogue, index, target, fault, positions)
                return
        positions.set(target, changes.position)
    rebuild_lexical(catalogue, index, target, positions)


def tidy_lexical(
    catalogue: Catalogue, index: LexicalIndex, target: Table, positions: Positions
) -> bool:
    """Rebuilds a word index with deleted entries, if it is small or they are many; whether it did.

    Deleted entries count in the scores until they are gone.
    """
    deleted, size = index.deleted(), len(index)
    if not deleted or (size > _SMALL_INDEX and deleted <= _MAX_DELETED_SHARE * size):
        return False
    rebuild_lexical(catalogue, index, target, positions)
    return True


def rebuild_lexical(
    catalogue: Catalogue, index: LexicalIndex, target: Table, positions: Positions
) -> None:
    """Replaces all entries of a word index by those of the catalogue. Raises StoreError."""
    with catalogue.snapshot():
        position = catalogue.position()
        try:
            index.rebuild(entries(catalogue, target))
        except StoreError as fault:
            _build_anew(catalogue, index, target, fault, positions)
            return
    positions.set(target, position)


def _build_anew(
    catalogue: Catalogue,
    index: LexicalIndex,
    target: Table,
    fault: StoreError,
    positions: Positions,
) -> None:
    """Replaces an index whose writer failed with `fault`; raises that if this fails too."""
    position = catalogue.position()
    try:
        index.replace(entries(catalogue, target))
    except StoreError as again:
        raise fault from again
    positions.set(target, position)


def entries(
    catalogue: Catalogue, target: Table, rows: Sequence[int] | None = None
) -> Iterator[IndexEntry]:
    """Entries of a lexical index for these rows, or for all, in ascending order of rows."""
    if rows is None:
        rows = [row for (row,) in catalogue.rows(f"SELECT row FROM {target}")]
    rows = sorted(rows)
    for start in range(0, len(rows), PAGE):
        page = rows[start : start + PAGE]
        if target == "passages":
            yield from _passage_entries(catalogue, page)
        else:
            yield from _document_entries(catalogue, page)


def _passage_entries(catalogue: Catalogue, page: Sequence[int]) -> Iterator[IndexEntry]:
    documents = _Documents(catalogue)
    for row, document_row, start, end in catalogue.rows(
        f'SELECT row, document, start, "end" FROM passages WHERE row {AMONG} ORDER BY row',
        [page],
    ):
        document, header = documents.get(document_row)
        yield IndexEntry(row, document.text[start:end], header, document)


def _document_entries(catalogue: Catalogue, page: Sequence[int]) -> Iterator[IndexEntry]:
    documents = _Documents(catalogue)
    for (row,) in catalogue.rows(
        f"SELECT row FROM documents WHERE row {AMONG} ORDER BY row", [page]
    ):
        document, header = documents.get(row)
        yield IndexEntry(row, document.text, header, document)


def vector_rows(
    catalogue: Catalogue, keys: Sequence[int] | Sequence[str], by: str = "row"
) -> Iterator[VectorRow]:
    """Rows of the vector index for those of the passages that are stored, in order.

    `keys` are rows, or passage ids where `by` is "passage_id".
    """
    documents = _Documents(catalogue)
    for passage_id, ordinal, start, end, row, document_row, blob in catalogue.rows(
        'SELECT passage_id, ordinal, start, "end", row, document, vector FROM passages'
        f" WHERE {by} {AMONG} ORDER BY row",
        [list(keys)],
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
