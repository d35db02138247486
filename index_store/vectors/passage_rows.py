"""What the catalogue has of passages' rows and vectors, and how it differs from what is known.

Rows are never reused and the vector of a row never changes; a new row is greater than all before
it. So what is known stays right, but for rows that have gone and rows that have come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from index_store.catalogue.outbox import START, Position
from index_store.catalogue.reading import Catalogue
from index_store.errors import StoreCorrupt
from index_store.vectors.quantized import Halves, Rows

PAGE = 20_000
"""Vectors read at a time, 15 MB at 384 dimensions."""

_MAX_SPANS = 5_000
"""Ranges of rows that are looked up one by one; of more all rows are read, in about a second."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`gone`: places, ascending, of all known rows that are not there; `rows`, `documents`: new."""

    gone: Rows
    rows: Rows
    documents: Rows


def difference(
    catalogue: Catalogue, known: Rows, dead: Rows, position: Position
) -> Difference | None:
    """How the catalogue differs from the `known` rows, which ascend.

    `dead`: places of known rows that have gone before. `position`: that of the catalogue when the
    rows were read, or an earlier one; `START` where that is not known. None where the catalogue has
    other rows among those that are known. To be called in a snapshot.

    Without a position, what is known may also be ahead of the catalogue: then it differs by known
    rows that are not there yet, and rows at `dead` may still be there.
    """
    last = int(known[-1]) if len(known) else -1
    spans = _changed(catalogue, position, last) if position != START else None
    if spans is not None:
        found = _by_spans(catalogue, known, dead, spans)
        left = len(known) - len(found.gone) + len(found.rows)
        if left == catalogue.count("passages"):
            return found
    return _by_all(catalogue, known)


def _changed(catalogue: Catalogue, position: Position, last: int) -> list[tuple[int, int]] | None:
    """Ranges of the rows up to `last` that may have gone since; None where that is not told."""
    spans: list[tuple[int, int]] = []
    while changes := catalogue.changes(position):
        if not changes.documents:
            joined = _joined(spans)
            return joined if len(joined) <= _MAX_SPANS else None
        spans += (span for span in changes.spans if span[0] <= last)
        position = changes.position
    return None


def _by_spans(
    catalogue: Catalogue, known: Rows, dead: Rows, spans: Sequence[tuple[int, int]]
) -> Difference:
    last = int(known[-1]) if len(known) else -1
    gone = [dead]
    for start, end in spans:
        low, high = np.searchsorted(known, (start, end))
        present = catalogue.rows(
            "SELECT row FROM passages WHERE row >= ? AND row < ?", [start, end]
        )
        gone.append(_places_of_missing(known[low:high], _column(present, 0)) + low)
    fresh = catalogue.rows("SELECT row, document FROM passages WHERE row > ? ORDER BY row", [last])
    gone_places = np.unique(np.concatenate(gone))
    return Difference(gone_places, _column(fresh, 0), _column(fresh, 1))


def _by_all(catalogue: Catalogue, known: Rows) -> Difference | None:
    # Unordered, so that SQLite reads an index and not the pages with the vectors.
    told = catalogue.stream("SELECT row, document FROM passages")
    numbers = np.fromiter(chain.from_iterable(told), dtype=np.int64)
    rows, documents = numbers[::2], numbers[1::2]
    gone = _places_of_missing(known, rows)
    new = np.flatnonzero(rows > (known[-1] if len(known) else -1))
    if len(known) - len(gone) + len(new) != len(rows):
        return None
    new = new[np.argsort(rows[new])]
    return Difference(gone, rows[new], documents[new])


def _places_of_missing(known: Rows, present: Rows) -> Rows:
    return np.flatnonzero(~np.isin(known, present))


def _column(table: Sequence[Sequence[int]], number: int) -> Rows:
    return np.fromiter((line[number] for line in table), dtype=np.int64, count=len(table))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same rows in as few ranges as can be, ascending."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif start < end:
            out.append((start, end))
    return out


def vectors(catalogue: Catalogue, rows: Rows, dimension: int) -> Iterator[Halves]:
    """The vectors of these rows (ascending) as the catalogue has them, page by page, in order.

    Zeros for a row that it does not have. Raises StoreCorrupt for a vector of another length.
    """
    for start in range(0, len(rows), PAGE):
        wanted = rows[start : start + PAGE]
        page = np.zeros((len(wanted), dimension), dtype=np.float16)
        found = catalogue.rows(
            "SELECT row, vector FROM passages WHERE row >= ? AND row <= ? ORDER BY row",
            [int(wanted[0]), int(wanted[-1])],
        )
        if any(len(blob) != 2 * dimension for _, blob in found):
            raise StoreCorrupt("a stored vector has another length; run `fonds doctor`")
        stored = _column(found, 0)
        asked = np.isin(stored, wanted)
        joined = np.frombuffer(b"".join(blob for _, blob in found), dtype=np.float16)
        at = np.searchsorted(wanted, stored[asked])
        page[at] = joined.reshape(len(found), dimension)[asked]
        yield page
