"""Exact cosine search over the catalogue's vectors, in two stages.

First int8 codes of all vectors are compared, mapped from files where there are some. How far a code
may be off is known, so every passage that may be among the best is left; of these the vectors
themselves are compared, in float64. The result is that of comparing all vectors so.

Filters come in as places in the matrix. Not here: the codes (`quantized`), the files
(`mapped_vectors`), ids, by which the caller orders equal scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.connection import State
from index_store.catalogue.outbox import START
from index_store.catalogue.reading import Catalogue
from index_store.types import ScoreStats, Vectors
from index_store.vectors.mapped_vectors import Header, MappedVectors
from index_store.vectors.passage_rows import difference, vectors
from index_store.vectors.quantized import (
    Halves,
    Query,
    Segment,
    joined,
    scan,
    scan_some,
    segment,
    unit,
)

_ROUNDING_SLACK = 1e-4  # more than float32 sums of one vector can differ by
_SCORE_DECIMALS = 7  # do not depend on where in the matrix a vector stands
_DIRECTLY = 1_000  # passages: so few are compared without the first stage
_COPY_UP_TO_ONE_IN = 8  # rows: so few are copied out and compared by themselves
_SAMPLE_ROWS = 1_000  # for the statistics of scores
_STATS_DECIMALS = 5  # do not depend on the order of float32 sums
_PAGE = 512  # vectors widened to float64 at a time, to stay in the processor's cache
_MAX_HELD = 8  # parts that are held in memory before they are joined

Places = NDArray[np.int64]
"""Indexes of rows of the matrix."""

Scores = NDArray[np.float64]


class _DistrustedError(Exception):
    """A code and its vector are further apart than they can be: a file is damaged."""


@dataclass(slots=True)
class _LastQuery:
    """The last query, how many passages were compared with it one by one, and its products."""

    query: Query | None = None
    copied: int = 0
    nearly: NDArray[np.float32] | None = None


class Matrix:
    """The vectors of all passages as rows of norm 1, in the order of their rows in the catalogue.

    `rows` are those catalogue rows, ascending; a place is an index into them. Some may be of
    passages that have gone, which are never found. Call `refresh` before the first search and
    whenever the store may have changed. `file`: where vectors are mapped from, as far as it goes;
    what it lacks is held in memory.
    """

    def __init__(self, dimension: int, file: MappedVectors | None = None) -> None:
        self.state: State | None = None
        self.dimension = dimension
        self._file = file
        self._header: Header | None = None  # of the files that are mapped
        self._catalogue: Catalogue | None = None
        self._position = START
        self._parts: list[Segment] = []  # the first is mapped where there is a header
        self._gone: Places = np.empty(0, dtype=np.int64)
        self._arrange()

    def __len__(self) -> int:
        return len(self._alive)

    # -- following the store -----------------------------------------------------------------

    def refresh(self, catalogue: Catalogue) -> None:
        """Takes up what the store has changed, from the files or the catalogue.

        To be called in a snapshot, as all searches. Raises StoreCorrupt for a vector of another
        length, OSError for files that cannot be read.
        """
        self._catalogue = catalogue
        state = catalogue.state()
        if state == self.state:
            return
        if not catalogue.knows(self._position):  # its rows may have other vectors now
            self._forget()
        if self._file is not None:
            self._take(self._file, catalogue)
        found = difference(catalogue, self.rows, self._gone, self._position)
        if found is None:
            self._forget()
            found = difference(catalogue, self.rows, self._gone, START)
            assert found is not None  # nothing is known
        self._gone = found.gone
        if len(found.rows):
            halves = _loaded(catalogue, found.rows, self.dimension)
            self._parts.append(segment(found.rows, found.documents, halves))
        held = 1 if self._header else 0
        if len(self._parts) > held + _MAX_HELD:
            self._parts[held:] = [joined(self._parts[held:])]
        self._position = catalogue.position()
        self.state = state
        self._arrange()

    def _forget(self) -> None:
        self._header, self._parts, self._gone = None, [], self._gone[:0]
        self._position = START
        self._arrange()

    def _take(self, file: MappedVectors, catalogue: Catalogue) -> None:
        """Maps the files, if they are others than those that are mapped, in place of all else.

        Not where they are ahead of this snapshot, or of a state that is no more.
        """
        if file.header() == self._header:
            return
        mapped = file.read()
        if mapped is None:  # what is mapped stays so: a file that was removed is still there
            return
        if not catalogue.knows(mapped.header.at):
            return
        self._header, self._position = mapped.header, mapped.header.at
        self._parts, self._gone = [mapped.segment], mapped.gone
        self._arrange()

    def _arrange(self) -> None:
        """Sets what follows from the parts and from what has gone."""
        empty = np.empty(0, dtype=np.int64)
        self.rows = np.concatenate([empty, *(part.rows for part in self._parts)])
        self._documents = np.concatenate([empty, *(part.documents for part in self._parts)])
        errors = [part.errors for part in self._parts]
        self._errors = np.concatenate([np.empty(0, dtype=np.float32), *errors])
        self._farthest = float(self._errors.max(initial=0.0))
        self._starts = np.cumsum([0, *map(len, self._parts)])
        self._is_alive = np.ones(len(self.rows), dtype=bool)
        self._is_alive[self._gone] = False
        self._alive = np.flatnonzero(self._is_alive)
        self._last = _LastQuery()

    def _distrust(self) -> None:
        """Reads from the catalogue what was mapped, at the same places, and maps no more."""
        assert self._catalogue is not None
        part = self._parts[0]
        halves = _loaded(self._catalogue, part.rows, self.dimension)
        self._parts[0] = segment(part.rows, part.documents, halves)
        self._file = self._header = None
        self._arrange()

    # -- searching ---------------------------------------------------------------------------

    def places(self, documents: NDArray[np.int64]) -> Places:
        """The places, ascending, of the passages of these documents (catalogue rows)."""
        allowed = np.zeros(int(self._documents.max(initial=0)) + 1, dtype=bool)
        allowed[documents[documents < len(allowed)]] = True
        return np.flatnonzero(allowed[self._documents] & self._is_alive)

    def search(self, vector: Vectors, k: int, chosen: Places | None) -> list[tuple[int, float]]:
        """(row, cosine) of the best `k` passages and of all that tie with the last, best first.

        `chosen`: places of the passages allowed, as `places` gives them, None for all.
        """
        places = self._alive if chosen is None else chosen
        try:
            return self._search(vector, k, places)
        except _DistrustedError:
            self._distrust()
            return self._search(vector, k, places)

    def _search(self, vector: Vectors, k: int, places: Places) -> list[tuple[int, float]]:
        if len(places) > max(k, _DIRECTLY):
            places = self._likeliest(vector, k, places)
        scores = self._scores(vector, places)
        order = np.lexsort((self.rows[places], -scores))
        if k < len(order):
            order = order[scores[order] >= scores[order[k - 1]]]
        return [(int(self.rows[places[i]]), float(scores[i])) for i in order]

    def _likeliest(self, vector: Vectors, k: int, places: Places) -> Places:
        """The places, ascending, that may be among the best `k`, by their codes."""
        query, nearly = self._nearly(vector, places)
        best = np.argpartition(nearly, len(nearly) - k)[len(nearly) - k :]
        floor = self._scores(vector, np.sort(places[best])).min()
        floor -= _ROUNDING_SLACK * max(1.0, query.length)
        places = places[nearly >= floor - query.off(self._farthest)]
        nearer = self._copied(vector, places)  # with the query itself, not its code
        return np.asarray(places[nearer >= floor - query.length * self._errors[places]])

    def _nearly(self, vector: Vectors, places: Places) -> tuple[Query, NDArray[np.float32]]:
        """The query with its code, and cosines at these places by the codes.

        Those of all passages are kept, because a question is asked once a language.
        """
        last = self._last
        if last.query is None or not np.array_equal(last.query.vector, vector):
            last = self._last = _LastQuery(Query.of(vector))
            assert last.query is not None
        last.copied += len(places)
        if last.nearly is None and last.copied * _COPY_UP_TO_ONE_IN <= len(self.rows):
            return last.query, self._copied(vector, places)
        if last.nearly is None:  # multiplying all costs less than copying many
            last.nearly = np.empty(len(self.rows), dtype=np.float32)
            for part, start in zip(self._parts, self._starts, strict=False):
                scan(part, last.query, last.nearly[start : start + len(part)])
        everything = len(places) == len(self.rows)
        return last.query, last.nearly if everything else last.nearly.take(places)

    def _copied(self, vector: Vectors, places: Places) -> NDArray[np.float32]:
        out = np.empty(len(places), dtype=np.float32)
        for part, here, own in self._by_part(places):
            scan_some(part, vector, own, out[here])
        return out

    def _by_part(self, places: Places) -> Iterator[tuple[Segment, slice, Places]]:
        """For each part: which of the places (ascending) are its, and the places in the part."""
        cuts = np.searchsorted(places, self._starts)
        for number, part in enumerate(self._parts):
            here = slice(int(cuts[number]), int(cuts[number + 1]))
            yield part, here, places[here] - self._starts[number]

    def _scores(self, vector: Vectors, places: Places) -> Scores:
        """The cosines at these places (ascending). Raises _DistrustedError."""
        # Float64 sums by row do not depend on where the row stands, unlike the matrix product.
        scores = np.empty(len(places), dtype=np.float64)
        wide = vector.astype(np.float64)
        for part, here, own in self._by_part(places):
            for start in range(0, len(own), _PAGE):
                page = unit(part.halves.take(own[start : start + _PAGE], axis=0))
                at = slice(here.start + start, here.start + start + len(page))
                scores[at] = (page.astype(np.float64) * wide).sum(axis=1)
        if self._header is not None:
            self._check(vector, places, scores)
        return np.round(scores, _SCORE_DECIMALS)

    def _check(self, vector: Vectors, places: Places, scores: Scores) -> None:
        """Raises _DistrustedError where a mapped vector and its code do not belong together."""
        part, here, own = next(self._by_part(places))
        nearly = np.empty(len(own), dtype=np.float32)
        scan_some(part, vector, own, nearly)
        length = float(np.linalg.norm(vector))
        most = length * part.errors[own] + _ROUNDING_SLACK * max(1.0, length)
        if not (np.abs(scores[here] - nearly) <= most).all():
            raise _DistrustedError

    def score(self, vector: Vectors, k: int, rows: list[int]) -> list[tuple[int, float]]:
        """As `search`, over the passages of these catalogue rows; unknown rows are dropped."""
        return self.search(vector, k, np.flatnonzero(np.isin(self.rows, rows) & self._is_alive))

    def stats(self, vector: Vectors, chosen: Places | None) -> ScoreStats:
        """Number, mean and deviation of the cosines of the chosen passages, None for all.

        Of more than a thousand passages a fixed sample is taken.
        """
        places = self._alive if chosen is None else chosen
        if not len(places):
            return ScoreStats(0, 0.0, 0.0)
        sample = places[:: 1 + len(places) // _SAMPLE_ROWS]
        halves = [part.halves.take(own, axis=0) for part, _, own in self._by_part(sample)]
        scores = (unit(np.concatenate(halves)) @ vector).astype(np.float64)
        mean, deviation = (round(float(x), _STATS_DECIMALS) for x in (scores.mean(), scores.std()))
        return ScoreStats(len(places), mean, deviation)


def _loaded(catalogue: Catalogue, rows: Places, dimension: int) -> Halves:
    """The vectors of these rows (ascending), zeros where a row has gone."""
    halves = np.empty((len(rows), dimension), dtype=np.float16)
    at = 0
    for page in vectors(catalogue, rows, dimension):
        halves[at : at + len(page)] = page
        at += len(page)
    return halves
