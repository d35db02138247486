"""`--from` and `--to`: a year, month or day; a document matches if its span overlaps."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.dates import filter_bounds
from rag.errors import UsageError


def narrow_from(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """The first day allowed. Raises UsageError if it is not a date."""
    return replace(allowed, date_from=_bounds(typed, "from")[0])


def narrow_to(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """The last day allowed. Raises UsageError if it is not a date, or before `--from`."""
    first, last = allowed.date_from, _bounds(typed, "to")[1]
    if first and last and first > last:
        raise UsageError(f"the dates are in the wrong order: from {first} to {last}")
    return replace(allowed, date_to=last)


def _bounds(typed: str, name: str) -> tuple[str, str]:
    try:
        return filter_bounds(typed)
    except ValueError as error:
        raise UsageError(f"--{name} {typed!r}: {error}") from error
