"""Searching a store: exact dense search and BM25, both confirmed by the catalogue.

What an index returns that the catalogue does not have is dropped. Not here: fusion, questions.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from index_store.analysis.near_stems import NearStems
from index_store.analysis.stemming import SHARED, has_own_stemmer
from index_store.catalogue.cache import CatalogueCache
from index_store.catalogue.connection import State
from index_store.catalogue.reading import Catalogue, Table
from index_store.errors import StoreError, StoreMismatch
from index_store.lexical_index import LexicalIndex
from index_store.lexical_schema import FIELDS
from index_store.positions import Positions, Signature, signature
from index_store.sync import vectors_position
from index_store.types import Filter, Scored, ScoreStats, Vectors
from index_store.vectors.exact import Matrix, Places
from index_store.vectors.index import VectorIndex
from index_store.vectors.vector_file import vector_file

_MAX_FILTERS = 16
"""Filters whose passages are kept until the store changes."""

_Version = tuple[State, Signature]


class Search:
    """The indexes of one open store. Safe to share between threads."""

    def __init__(
        self, catalogue: Catalogue, vectors: VectorIndex, dimension: int, exact_limit: int
    ) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._exact_limit = exact_limit
        self.vector_file = vector_file(catalogue)
        self._matrix = Matrix(dimension, self.vector_file)
        self._cache = CatalogueCache(catalogue)
        self._lexical: dict[Table, tuple[LexicalIndex, Signature]] = {}
        self._guard = threading.RLock()
        self._positions = Positions(catalogue)
        self._stems: dict[str, list[str]] = {}
        self._stems_version: _Version | None = None
        self._near: tuple[_Version, NearStems | None] | None = None
        self._by_language: tuple[State, bool] | None = None
        self._allowed: dict[Filter, tuple[int, Places]] = {}
        self._allowed_state: State | None = None

    def lexical(self, table: Table, *, create: bool = False) -> LexicalIndex:
        """The lexical index as last committed by any process; it is opened at first use."""
        version = signature(self._catalogue.directory)
        if table not in self._lexical:
            index = LexicalIndex(lexical_path(self._catalogue.directory, table), create=create)
        else:
            index, seen = self._lexical[table]
            if seen != version:
                index.reload()
        self._lexical[table] = (index, version)
        return index

    def dense(self, vector: Vectors, k: int, filter: Filter) -> list[Scored]:
        """The `k` passages of highest cosine; see `SearchingStore.dense_search`."""
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

    def dense_stats(self, vector: Vectors, filter: Filter) -> ScoreStats:
        """Number, mean and deviation of the cosines of all passages under the filter."""
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
        """The number of documents that the filter allows, and the places of their passages."""
        state = self._matrix.state
        if self._allowed_state != state:
            self._allowed, self._allowed_state = {}, state
        found = self._allowed.pop(filter, None)
        if found is None:
            rows = self._cache.documents(filter)
            found = (len(rows), self._matrix.places(rows))
            if len(self._allowed) >= _MAX_FILTERS:
                del self._allowed[next(iter(self._allowed))]
        self._allowed[filter] = found  # the last used are the last to go
        return found

    def _checked(self, vector: Vectors) -> Vectors:
        vector = np.asarray(vector, dtype=np.float32).reshape(-1)
        if len(vector) != self._matrix.dimension:
            raise StoreMismatch(
                f"the query vector has {len(vector)} dimensions, the store"
                f" {self._catalogue.directory} has {self._matrix.dimension}:"
                " use the encoder that the store was built with"
            )
        return vector

    def _approximately(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Chroma's candidates, scored exactly; an exhaustive search where Chroma fails or is
        behind, as after an ingest that left it out."""
        done = vectors_position(self._catalogue, self._vectors, self._positions)
        if done != self._catalogue.position():
            return self._matrix.search(vector, k, None)
        wanted = max(10 * k, 200)
        try:
            with self._vectors.use(self._catalogue.generation(), wait=1.0) as chroma:
                names = chroma.candidates(vector, wanted)
        except StoreError:
            return self._matrix.search(vector, k, None)
        rows = list(self._catalogue.rows_of_ids(names).values())
        if len(rows) < min(k, len(self._matrix)):
            return self._matrix.search(vector, k, None)
        return self._matrix.score(vector, k, rows)

    def lexical_search(
        self,
        query: str | Sequence[Mapping[str, float]],
        k: int,
        filter: Filter,
        table: Table,
        fields: Mapping[str, float] | None,
        misread: Sequence[Mapping[str, float]] = (),
    ) -> list[Scored]:
        """The `k` best by BM25; see `SearchingStore.lexical_search`."""
        if k <= 0:
            return []
        with self._guard, self._catalogue.snapshot():
            index = self.lexical(table)
            reach = k
            while True:
                boosts = FIELDS if fields is None else fields
                if isinstance(query, str):
                    found = index.search(query, reach, filter, boosts, self.stem_rules(filter))
                else:
                    found = index.search_words(query, reach, filter, boosts, misread)
                named = self._named(table, found, k)
                if len(named) == k or len(found) < reach:
                    return named
                reach *= 2  # some are no longer stored

    def pairs_search(self, text: str, k: int) -> list[Scored]:
        """The `k` passages with the most pairs of words; see `SearchingStore.pairs_search`."""
        with self._guard, self._catalogue.snapshot():
            rules = self.stem_rules(Filter())
            found = self.lexical("passages").search_pairs(text, k, Filter(), rules)
            return self._named("passages", found, k)

    def stem_rules(self, filter: Filter) -> list[str]:
        """A language for each way in which texts are stemmed; see `SearchingStore.stem_rules`."""
        langs = self.values("lang") if filter.lang is None else [filter.lang]
        stemmed = map(self.stem_language, langs)
        return sorted({lang if has_own_stemmer(lang) else SHARED for lang in stemmed})

    def stem_language(self, lang: str) -> str:
        """The language by whose rules texts of `lang` are stemmed; see `SearchingStore`."""
        if not has_own_stemmer(lang):
            return lang
        with self._guard:
            state = self._catalogue.state()
            if self._by_language is None or self._by_language[0] != state:
                self._by_language = (state, self._catalogue.stems_by_language())
            return lang if self._by_language[1] else SHARED

    def holding(self, groups: Sequence[Sequence[str]], filter: Filter) -> list[str]:
        """Ids of the documents that have the stems; see `SearchingStore.holding`."""
        with self._guard, self._catalogue.snapshot():
            rows = self.lexical("documents").holding(groups, filter)
            return sorted(self._catalogue.ids_of_rows("documents", rows).values())

    def matching(self, filter: Filter) -> int:
        """The number of documents that meet the filter."""
        with self._guard, self._catalogue.snapshot():
            return len(self._cache.documents(filter))

    def document_ids(self, filter: Filter) -> list[str]:
        """Ids, sorted, of the documents that meet the filter."""
        with self._guard, self._catalogue.snapshot():
            rows = self._cache.documents(filter).tolist()
            ids = self._cache.ids("documents", rows)
            return sorted(ids[row] for row in rows)

    def values(self, field: str) -> list[str]:
        """The distinct values of a field of documents, sorted."""
        with self._guard, self._catalogue.snapshot():
            return self._cache.values(field)

    def stems_from(self, prefix: str) -> list[str]:
        """The stems of the passages' texts that begin with `prefix`, in order."""
        with self._guard:
            version = self._version()
            if self._stems_version != version:
                self._stems, self._stems_version = {}, version
            if prefix not in self._stems:
                self._stems[prefix] = self.lexical("passages").stems_from(prefix)
            return self._stems[prefix]

    def near_stems(self) -> NearStems | None:
        """The stems of all texts, to look for near ones; None while no document is misread."""
        with self._guard:
            version = self._version()
            if self._near is None or self._near[0] != version:
                index = self.lexical("passages")
                near = NearStems(index.stems_from("")) if index.has_misread() else None
                self._near = (version, near)
            return self._near[1]

    def _version(self) -> _Version:
        """What changes with the catalogue, and when a word index has caught up with it."""
        return self._catalogue.state(), signature(self._catalogue.directory)

    def stem_frequency(self, stem: str) -> int:
        """The number of passages whose text or header has the stem."""
        with self._guard:
            return self.lexical("passages").stem_frequency(stem)

    def _named(self, table: Table, found: list[tuple[int, float]], k: int) -> list[Scored]:
        ids = self._cache.ids(table, [row for row, _ in found])
        best = sorted((-score, ids[row]) for row, score in found if row in ids)
        return [Scored(found_id, -score) for score, found_id in best[:k]]


def lexical_path(directory: Path, table: Table) -> Path:
    """Where the lexical index of passages or documents lies."""
    return directory / "lexical" / table
