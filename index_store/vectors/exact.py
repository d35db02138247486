"""Exact cosine search over the catalogue's vectors, held in memory as float32.

Filters come in as places in the matrix. Not here: ids, by which the caller orders equal scores.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.reading import Catalogue
from index_store.errors import StoreCorrupt
from index_store.types import ScoreStats, Vectors

_ROUNDING_SLACK = 1e-4  # more than float32 sums of one vector can differ by
_SCORE_DECIMALS = 7  # do not depend on where in the matrix a vector stands
_LOAD_ROWS = 50_000  # read at a time
_COPY_UP_TO_ONE_IN = 8  # rows: so few are copied out and scored by themselves
_COPY_ROWS = 512  # copied at a time, to stay in the processor's cache until they are scored
_SAMPLE_ROWS = 1_000  # for the statistics of scores
_STATS_DECIMALS = 5  # do not depend on the order of float32 sums

Places = NDArray[np.int64]
"""Indexes of rows of the matrix."""

Scores = NDArray[np.float32]


class Matrix:
    """The vectors of all passages as rows of norm 1, in the order of their rows in the catalogue.

    `rows` are those catalogue rows, ascending; a place is an index into them. Call `refresh` before
    the first search and whenever the store may have changed.
    """

    def __init__(self, dimension: int) -> None:
        self.generation = -1
        self.dimension = dimension
        self.rows = np.empty(0, dtype=np.int64)
        self._documents = np.empty(0, dtype=np.int64)
        self._vectors = np.empty((0, dimension), dtype=np.float32)
        self._last_query: tuple[bytes, Scores] | None = None  # last query vector, its cosines

    def __len__(self) -> int:
        return len(self.rows)

    def refresh(self, catalogue: Catalogue) -> None:
        """Loads what the store has changed. Rows that are held already are kept: they never change.

        Raises StoreCorrupt for a vector of another length.
        """
        generation = catalogue.generation()
        if generation == self.generation:
            return
        found = catalogue.rows("SELECT row, document FROM passages ORDER BY row")
        table = np.array(found, dtype=np.int64).reshape(-1, 2)
        known = int(self.rows[-1]) if len(self.rows) else -1
        kept = np.isin(self.rows, table[:, 0])
        fresh = self._load(catalogue, known, int((table[:, 0] > known).sum()))
        self._vectors = np.concatenate([self._vectors[kept], fresh])
        self.rows, self._documents = table[:, 0].copy(), table[:, 1].copy()
        self.generation, self._last_query = generation, None

    def _load(self, catalogue: Catalogue, after: int, count: int) -> Vectors:
        fresh = np.empty((count, self.dimension), dtype=np.float32)
        size, done = self.dimension * 2, 0
        while done < count:
            page = catalogue.rows(
                "SELECT row, vector FROM passages WHERE row > ? ORDER BY row LIMIT ?",
                [after, _LOAD_ROWS],
            )
            if any(len(blob) != size for _, blob in page):
                raise StoreCorrupt("a stored vector has another length; run `fonds doctor`")
            joined = b"".join(blob for _, blob in page)
            fresh[done : done + len(page)] = np.frombuffer(joined, dtype=np.float16).reshape(
                len(page), self.dimension
            )
            done, after = done + len(page), page[-1][0]
        norms = np.linalg.norm(fresh, axis=1, keepdims=True)
        fresh /= np.where(norms > 0, norms, 1)
        return fresh

    def places(self, documents: NDArray[np.int64]) -> Places:
        """The places, ascending, of the passages of these documents (catalogue rows)."""
        return np.flatnonzero(np.isin(self._documents, documents))

    def search(self, vector: Vectors, k: int, chosen: Places | None) -> list[tuple[int, float]]:
        """(row, cosine) of the best `k` passages and of all that tie with the last, best first.

        `chosen`: places of the passages allowed, as `places` gives them, None for all.
        """
        if chosen is None:
            chosen = np.arange(len(self.rows))
            scores = self._cosines(vector)
        elif len(chosen) * _COPY_UP_TO_ONE_IN < len(self.rows):
            scores = self._copied_cosines(vector, chosen)
        else:  # multiplying all rows costs less than copying many
            scores = self._cosines(vector)[chosen]
        if k < len(scores):
            lowest = np.partition(scores, len(scores) - k)[len(scores) - k]
            chosen = chosen[scores >= lowest - _ROUNDING_SLACK]
        return self._exact(vector, k, chosen)

    def stats(self, vector: Vectors, chosen: Places | None) -> ScoreStats:
        """Number, mean and deviation of the cosines of the chosen passages, None for all.

        Of more than a thousand passages a fixed sample is taken.
        """
        if chosen is None:
            chosen = np.arange(len(self.rows))
        if not len(chosen):
            return ScoreStats(0, 0.0, 0.0)
        sample = chosen[:: 1 + len(chosen) // _SAMPLE_ROWS]
        scores = (self._vectors[sample] @ vector).astype(np.float64)
        mean, deviation = (round(float(x), _STATS_DECIMALS) for x in (scores.mean(), scores.std()))
        return ScoreStats(len(chosen), mean, deviation)

    def _copied_cosines(self, vector: Vectors, chosen: Places) -> Scores:
        scores = np.empty(len(chosen), dtype=np.float32)
        for start in range(0, len(chosen), _COPY_ROWS):
            part = slice(start, start + _COPY_ROWS)
            scores[part] = self._vectors.take(chosen[part], axis=0) @ vector
        return scores

    def _cosines(self, vector: Vectors) -> Scores:
        """The cosines of all passages; kept, because a question is asked once a language."""
        key = vector.tobytes()
        if self._last_query is None or self._last_query[0] != key:
            # One pass over memory; OpenBLAS takes twice as long over a matrix this tall.
            self._last_query = (key, np.einsum("ij,j->i", self._vectors, vector))
        return self._last_query[1]

    def score(self, vector: Vectors, k: int, rows: list[int]) -> list[tuple[int, float]]:
        """As `search`, over the passages of these catalogue rows; unknown rows are dropped."""
        return self._exact(vector, k, np.flatnonzero(np.isin(self.rows, rows)))

    def _exact(self, vector: Vectors, k: int, chosen: Places) -> list[tuple[int, float]]:
        # Float64 sums by row do not depend on where the row stands, unlike the matrix product.
        products = self._vectors[chosen].astype(np.float64) * vector.astype(np.float64)
        scores = np.round(products.sum(axis=1), _SCORE_DECIMALS)
        order = np.lexsort((self.rows[chosen], -scores))
        if k < len(order):
            order = order[scores[order] >= scores[order[k - 1]]]
        return [(int(self.rows[chosen[i]]), float(scores[i])) for i in order]
