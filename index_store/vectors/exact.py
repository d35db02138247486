"""Exact cosine search over the catalogue's vectors, held in memory as float32.

Filters come in as places of passages. It knows no ids: ties are for the caller to break.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.reading import Catalogue
from index_store.errors import StoreCorrupt
from index_store.types import ScoreStats

_SLACK = 1e-4  # more than float32 sums of one vector can differ by
_DIGITS = 7  # of a cosine, the same wherever in the matrix a vector stands
_CHUNK = 50_000
_FEW = 8  # one eighth of the rows or less is copied out and scored by itself
_BLOCK = 512  # rows copied at a time: they stay in the processor's cache until they are scored
_SAMPLE = 1_000  # passages that tell how scores are spread
_COARSE = 5  # digits of a mean, the same in whatever order float32 sums are made


class Matrix:
    """Rows of the passages (ascending), their documents, their unit vectors."""

    def __init__(self, dimension: int) -> None:
        self.generation = -1
        self.dimension = dimension
        self.rows = np.empty(0, dtype=np.int64)
        self._documents = np.empty(0, dtype=np.int64)
        self._vectors = np.empty((0, dimension), dtype=np.float32)
        self._asked: tuple[bytes, NDArray[np.float32]] | None = None  # the last vector, its cosines

    def __len__(self) -> int:
        return len(self.rows)

    def refresh(self, catalogue: Catalogue) -> None:
        """Loads what has changed. A row never changes its vector, so known rows are kept."""
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
        self.generation, self._asked = generation, None

    def _load(self, catalogue: Catalogue, after: int, count: int) -> NDArray[np.float32]:
        fresh = np.empty((count, self.dimension), dtype=np.float32)
        size, done = self.dimension * 2, 0
        while done < count:
            page = catalogue.rows(
                "SELECT row, vector FROM passages WHERE row > ? ORDER BY row LIMIT ?",
                [after, _CHUNK],
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

    def places(self, documents: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the passages of these documents (rows) stand in the matrix, ascending."""
        return np.flatnonzero(np.isin(self._documents, documents))

    def search(
        self, vector: NDArray[np.float32], k: int, chosen: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """(row, cosine) of the best `k` passages and of all that tie with the last, best first.

        `chosen`: places of the passages allowed, as `places` gives them, None for all.
        """
        if chosen is None:
            chosen = np.arange(len(self.rows))
            scores = self._cosines(vector)
        elif len(chosen) * _FEW < len(self.rows):
            scores = self._of_few(vector, chosen)
        else:  # to multiply all costs less than to copy many
            scores = self._cosines(vector)[chosen]
        if k < len(scores):
            least = np.partition(scores, len(scores) - k)[len(scores) - k]
            chosen = chosen[scores >= least - _SLACK]
        return self._exact(vector, k, chosen)

    def stats(self, vector: NDArray[np.float32], chosen: NDArray[np.int64] | None) -> ScoreStats:
        """How the cosines of the chosen passages, None for all, are spread, by a fixed sample."""
        if chosen is None:
            chosen = np.arange(len(self.rows))
        if not len(chosen):
            return ScoreStats(0, 0.0, 0.0)
        sample = chosen[:: 1 + len(chosen) // _SAMPLE]
        scores = (self._vectors[sample] @ vector).astype(np.float64)
        mean, deviation = round(float(scores.mean()), _COARSE), round(float(scores.std()), _COARSE)
        return ScoreStats(len(chosen), mean, deviation)

    def _of_few(
        self, vector: NDArray[np.float32], chosen: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        scores = np.empty(len(chosen), dtype=np.float32)
        for start in range(0, len(chosen), _BLOCK):
            part = slice(start, start + _BLOCK)
            scores[part] = self._vectors.take(chosen[part], axis=0) @ vector
        return scores

    def _cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of all passages; kept, for a question is asked of each language in turn."""
        key = vector.tobytes()
        if self._asked is None or self._asked[0] != key:
            # One pass over memory; OpenBLAS takes twice as long over a matrix this tall.
            self._asked = (key, np.einsum("ij,j->i", self._vectors, vector))
        return self._asked[1]

    def score(
        self, vector: NDArray[np.float32], k: int, rows: list[int]
    ) -> list[tuple[int, float]]:
        """The same over the given passage rows only; unknown rows are dropped."""
        return self._exact(vector, k, np.flatnonzero(np.isin(self.rows, rows)))

    def _exact(
        self, vector: NDArray[np.float32], k: int, chosen: NDArray[np.int64]
    ) -> list[tuple[int, float]]:
        # Float64 sums by row do not depend on where the row stands, unlike the matrix product.
        products = self._vectors[chosen].astype(np.float64) * vector.astype(np.float64)
        scores = np.round(products.sum(axis=1), _DIGITS)
        order = np.lexsort((self.rows[chosen], -scores))
        if k < len(order):
            order = order[scores[order] >= scores[order[k - 1]]]
        return [(int(self.rows[chosen[i]]), float(scores[i])) for i in order]
