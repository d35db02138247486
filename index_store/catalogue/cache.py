"""Answers of the catalogue that searches need often, kept while the store does not change.

Ids by row, the documents that meet a filter, distinct values of fields. Not safe to share between
threads without a lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index_store.catalogue.connection import State
from index_store.catalogue.reading import Catalogue, Table
from index_store.types import Filter

MAX_CACHED_IDS = 200_000
"""Rows of a table whose ids are all read at once, in 0.1 s; of a larger one as they are found, up
to this many."""

_MAX_FILTERS = 64
"""Filters whose documents are kept, each in 0.8 MB at most for 100,000 documents."""


class CatalogueCache:
    """Answers of one catalogue, dropped when its state changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._state: State | None = None
        self._ids: dict[Table, dict[int, str]] = {}
        self._whole: dict[Table, bool] = {}
        self._filtered: dict[Filter, NDArray[np.int64]] = {}
        self._values: dict[str, list[str]] = {}

    def _refresh(self) -> None:
        state = self._catalogue.state()
        if state != self._state:
            self._ids, self._filtered, self._values = {}, {}, {}
            self._state = state

    def ids(self, table: Table, rows: Sequence[int]) -> Mapping[int, str]:
        """Ids by row: of those of `rows` that are stored, and perhaps of other stored rows."""
        self._refresh()
        if table not in self._ids:
            many = self._catalogue.count(table) > MAX_CACHED_IDS
            self._whole[table] = not many
            self._ids[table] = {} if many else self._catalogue.all_ids(table)
        known = self._ids[table]
        if not self._whole[table]:
            lacking = [row for row in rows if row not in known]
            if len(known) + len(lacking) > MAX_CACHED_IDS:
                known.clear()
                lacking = list(rows)
            if lacking:
                known.update(self._catalogue.ids_of_rows(table, lacking))
        return known

    def documents(self, filter: Filter) -> NDArray[np.int64]:
        """Rows of the documents that meet the filter, ascending.

        A question is asked of each language under one filter: that is read once, and narrowed here.
        So is a filter that excludes documents.
        """
        self._refresh()
        found = self._filtered.pop(filter, None)
        if found is None:
            found = self._read(filter)
            if len(self._filtered) >= _MAX_FILTERS:
                del self._filtered[next(iter(self._filtered))]
        self._filtered[filter] = found  # the last used are the last to go
        return found

    def _read(self, filter: Filter) -> NDArray[np.int64]:
        if filter.exclude:
            rest, named = replace(filter, exclude=()), Filter(documents=filter.exclude)
            excluded = self._catalogue.document_rows(named)
            return np.setdiff1d(self.documents(rest), excluded, assume_unique=True)
        every = replace(filter, lang=None)
        if filter.lang is None or every.is_empty:
            return self._catalogue.document_rows(filter)
        of_language = self.documents(Filter(lang=filter.lang))
        return np.intersect1d(self.documents(every), of_language, assume_unique=True)

    def values(self, field: str) -> list[str]:
        """The distinct values of a field, sorted."""
        self._refresh()
        if field not in self._values:
            self._values[field] = self._catalogue.values(field)
        return list(self._values[field])
