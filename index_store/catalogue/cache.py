"""Answers of the catalogue that searches need often, kept while the store does not change.

Ids by row, the documents that meet a filter, distinct values of fields. Not safe to share between
threads without a lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.reading import Catalogue, Table
from index_store.types import Filter

MAX_CACHED_IDS = 2_000_000
"""Rows whose ids are kept, in some 300 MB; of a larger table they are read each time."""

_MAX_FILTERS = 16


class CatalogueCache:
    """Answers of one catalogue, dropped when its generation changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._generation = -1
        self._ids: dict[Table, dict[int, str]] = {}
        self._filtered: dict[Filter, NDArray[np.int64]] = {}
        self._values: dict[str, list[str]] = {}

    def _refresh(self) -> None:
        generation = self._catalogue.generation()
        if generation != self._generation:
            self._ids, self._filtered, self._values = {}, {}, {}
            self._generation = generation

    def ids(self, table: Table, rows: Sequence[int]) -> Mapping[int, str]:
        """Ids by row: of those of `rows` that are stored, and perhaps of other stored rows."""
        self._refresh()
        if table not in self._ids:
            if self._catalogue.count(table) > MAX_CACHED_IDS:
                return self._catalogue.ids_of_rows(table, rows)
            self._ids[table] = self._catalogue.all_ids(table)
        return self._ids[table]

    def documents(self, filter: Filter) -> NDArray[np.int64]:
        """Rows of the documents that meet the filter, ascending."""
        self._refresh()
        if filter not in self._filtered:
            if len(self._filtered) >= _MAX_FILTERS:
                del self._filtered[next(iter(self._filtered))]
            self._filtered[filter] = self._catalogue.document_rows(filter)
        return self._filtered[filter]

    def values(self, field: str) -> list[str]:
        """The distinct values of a field, sorted."""
        self._refresh()
        if field not in self._values:
            self._values[field] = self._catalogue.values(field)
        return list(self._values[field])
