"""Searching a store: exact dense search, BM25, and the confirmation of both by the catalogue.

What an index returns that the catalogue does not know is dropped. It fuses nothing and knows
nothing of questions.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.cache import CatalogueCache
from index_store.catalogue.reading import Catalogue, Table
from index_store.errors import StoreError, StoreMismatch
from index_store.lexical_index import FIELDS, LexicalIndex
from index_store.types import Filter, Scored, ScoreStats
from index_store.vectors.exact import Matrix
from index_store.vectors.index import VectorIndex

_FILTERS = 16
"""Filters whose passages are remembered until the store changes."""

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


Places = NDArray[np.int64]


class Search:
    """The indexes of one open store. Safe to share between threads."""

    def __init__(
        self, catalogue: Catalogue, vectors: VectorIndex, dimension: int, exact_limit: int
    ) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._exact_limit = exact_limit
        self._matrix = Matrix(dimension)
        self._known = CatalogueCache(catalogue)
        self._lexical: dict[Table, tuple[LexicalIndex, int]] = {}
        self._guard = threading.RLock()
        self._capitalised: tuple[int, frozenset[str]] | None = None
        self._stems: dict[str, list[str]] = {}
        self._stems_of = -1  # the generation they are of
        self._allowed: dict[Filter, tuple[int, Places]] = {}
        self._allowed_of = -1

    def lexical(self, table: Table, *, create: bool = False) -> LexicalIndex:
        """The lexical index, opened at first use, as last committed by any process."""
        version = self._catalogue.data_version()
        if table not in self._lexical:
            index = LexicalIndex(lexical_path(self._catalogue.directory, table), create=create)
        else:
            index, seen = self._lexical[table]
            if seen != version:
                index.reload()
        self._lexical[table] = (index, version)
        return index

    def dense(self, vector: NDArray[np.float32], k: int, filter: Filter) -> list[Scored]:
        """The `k` passages of highest cosine; see `IndexStore.dense_search`."""
        vector = self._checked(vector)
        if k <= 0:
            return []
        with self._guard, self._catalogue.snapshot():
            self._matrix.refresh(self._catalogue)
            if not filter.is_empty:
                found = self._matrix.search(vector, k, self._places(filter)[1])
            elif len(self._matrix) <= self._exact_limit:
                found = self._matrix.search(vector, k, None)
            else:
                found = self._approximately(vector, k)
            return self._named("passages", found, k)

    def dense_stats(self, vector: NDArray[np.float32], filter: Filter) -> ScoreStats:
        """How the cosines of all passages under the filter lie."""
        vector = self._checked(vector)
        with self._guard, self._catalogue.snapshot():
            self._matrix.refresh(self._catalogue)
            return self._matrix.stats(vector, None if filter.is_empty else self._places(filter)[1])

    def size(self, filter: Filter, table: Table) -> int:
        """The number of documents or passages under the filter."""
        with self._guard, self._catalogue.snapshot():
            self._matrix.refresh(self._catalogue)
            documents, passages = self._places(filter)
            return documents if table == "documents" else len(passages)

    def _places(self, filter: Filter) -> tuple[int, Places]:
        """How many documents the filter allows, and where their passages stand in the matrix."""
        generation = self._matrix.generation
        if self._allowed_of != generation or len(self._allowed) > _FILTERS:
            self._allowed, self._allowed_of = {}, generation
        if filter not in self._allowed:
            rows = self._known.documents(filter)
            self._allowed[filter] = (len(rows), self._matrix.places(rows))
        return self._allowed[filter]

    def _checked(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        vector = np.asarray(vector, dtype=np.float32).reshape(-1)
        if len(vector) != self._matrix.dimension:
            raise StoreMismatch(
                f"the query vector has {len(vector)} dimensions, the store"
                f" {self._catalogue.directory} has {self._matrix.dimension}:"
                " use the encoder that the store was built with"
            )
        return vector

    def _approximately(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Chroma's candidates scored exactly; where it cannot help, slower but never wrong."""
        wanted = max(10 * k, 200)
        try:
            with self._vectors.use(self._matrix.generation, wait=1.0) as chroma:
                names = chroma.candidates(vector, wanted)
        except StoreError:
            return self._matrix.search(vector, k, None)
        rows = list(self._catalogue.rows_of_ids(names).values())
        if len(rows) < min(k, len(self._matrix)):
            return self._matrix.search(vector, k, None)
        return self._matrix.score(vector, k, rows)

    def words(
        self,
        query: str | Sequence[Mapping[str, float]],
        k: int,
        filter: Filter,
        table: Table,
        fields: Mapping[str, float] | None,
    ) -> list[Scored]:
        """The `k` best by BM25; see `IndexStore.lexical_search`."""
        if k <= 0:
            return []
        with self._guard, self._catalogue.snapshot():
            index = self.lexical(table)
            reach = k
            while True:
                boosts = FIELDS if fields is None else fields
                if isinstance(query, str):
                    found = index.search(query, reach, filter, boosts)
                else:
                    found = index.search_words(query, reach, filter, boosts)
                named = self._named(table, found, k)
                if len(named) == k or len(found) < reach:
                    return named
                reach *= 2  # some were stale

    def holding(self, groups: Sequence[Sequence[str]], filter: Filter) -> list[str]:
        """Ids of the documents that have the stems; see `IndexStore.holding`."""
        with self._guard, self._catalogue.snapshot():
            rows = self.lexical("documents").holding(groups, filter)
            return sorted(self._catalogue.ids_of_rows("documents", rows).values())

    def matching(self, filter: Filter) -> int:
        """The number of documents that meet the filter."""
        with self._guard, self._catalogue.snapshot():
            return len(self._known.documents(filter))

    def values(self, field: str) -> list[str]:
        """The distinct values of a field of documents, sorted."""
        with self._guard, self._catalogue.snapshot():
            return self._known.values(field)

    def capitalised(self) -> frozenset[str]:
        """The words of all texts that begin with a capital; read anew when the store changes."""
        with self._guard, self._catalogue.snapshot():
            generation = self._catalogue.generation()
            if self._capitalised is None or self._capitalised[0] != generation:
                found: set[str] = set()
                for text in self._catalogue.texts():
                    found.update(word for word in _WORD.findall(text) if word[0].isupper())
                self._capitalised = (generation, frozenset(found))
            return self._capitalised[1]

    def stems_from(self, prefix: str) -> list[str]:
        """The stems of passages that begin with `prefix`; read anew when the store changes."""
        with self._guard:
            generation = self._catalogue.generation()
            if self._stems_of != generation:
                self._stems, self._stems_of = {}, generation
            if prefix not in self._stems:
                self._stems[prefix] = self.lexical("passages").stems_from(prefix)
            return self._stems[prefix]

    def stem_frequency(self, stem: str) -> int:
        """The number of passages whose text or header has the stem."""
        with self._guard:
            return self.lexical("passages").stem_frequency(stem)

    def _named(self, table: Table, found: list[tuple[int, float]], k: int) -> list[Scored]:
        names = self._known.names(table, [row for row, _ in found])
        best = sorted((-score, names[row]) for row, score in found if row in names)
        return [Scored(name, -score) for score, name in best[:k]]


def lexical_path(directory: Path, table: Table) -> Path:
    """Where the lexical index of passages or documents lies."""
    return directory / "lexical" / table
