"""What a user typed as filters, as exact stored values.

A new filter is a module here with a function `narrow`, a line in `NARROWING`, and a field of
`rag.types.Filters` with its help text, from which the command line makes the option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from index_store.store import IndexStore
from index_store.types import Filter
from rag.questions.filters import collection, dates, kind, language, people
from rag.types import Filters

NARROWING: Mapping[str, Callable[[str, Filter, IndexStore], Filter]] = {
    "date_from": dates.narrow_from,
    "date_to": dates.narrow_to,
    "lang": language.narrow,
    "author": people.narrow_author,
    "recipient": people.narrow_recipient,
    "collection": collection.narrow,
    "kind": kind.narrow,
}
"""For each filter: what the user typed, the filter so far and the store → the narrowed filter."""


def store_filter(filters: Filters, store: IndexStore) -> Filter:
    """The filters as exact stored values. Raises UsageError for one that is invalid."""
    given: dict[str, Any] = filters.to_dict()
    narrowed = Filter(exclude=filters.exclude)
    for name, narrow in NARROWING.items():
        if name in given:
            narrowed = narrow(given[name], narrowed, store)
    return narrowed
