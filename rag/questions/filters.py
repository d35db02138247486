"""What a user typed as filters, as exact stored values."""

from __future__ import annotations

import re
from collections.abc import Callable

from index_store.store import IndexStore
from index_store.types import Filter, Kind
from rag import dates
from rag.errors import UsageError
from rag.names import authority
from rag.text.transliteration import transliterate
from rag.types import Filters


def check_text(text: str, what: str) -> None:
    """Raises UsageError for text that no file could hold."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise UsageError(f"{what} is not valid Unicode; send it as UTF-8")


def store_filter(filters: Filters, store: IndexStore) -> Filter:
    """What the reader typed as exact stored values. Raises UsageError when it makes no sense."""
    first = _day(filters.date_from, "from", 0)
    last = _day(filters.date_to, "to", 1)
    if first and last and first > last:
        raise UsageError(f"the dates are in the wrong order: from {first} to {last}")
    if filters.lang is not None and not re.fullmatch(r"[a-z]{2}", filters.lang):
        raise UsageError(f"language {filters.lang!r}: expected a two-letter code such as en or ru")
    people = authority.load(store)
    kind: Kind | None = None
    if filters.kind is not None:
        if filters.kind not in ("original", "translation"):
            raise UsageError(f"kind {filters.kind!r}: expected original or translation")
        kind = "original" if filters.kind == "original" else "translation"
    return Filter(
        date_from=first,
        date_to=last,
        lang=filters.lang,
        kind=kind,
        authors=_matching(filters.author, "author", store, people.same),
        recipients=_matching(filters.recipient, "recipient", store, people.same),
        collections=_matching(filters.collection, "collection", store, _same_collection),
        exclude=filters.exclude,
    )


def _day(value: str | None, name: str, end: int) -> str | None:
    if value is None:
        return None
    try:
        return dates.filter_bounds(value)[end]
    except ValueError as error:
        raise UsageError(f"--{name} {value!r}: {error}") from error


def _matching(
    typed: str | None, field: str, store: IndexStore, same: Callable[[str, str], bool]
) -> tuple[str, ...] | None:
    if typed is None:
        return None
    if not typed.strip():
        raise UsageError(f"--{field} is empty; name one, or leave the filter out")
    return tuple(value for value in store.values(field) if same(typed, value))


def _same_collection(typed: str, stored: str) -> bool:
    """`tom17`, `Tom 17` and `Том 17` are one collection."""

    def form(text: str) -> str:
        return "".join(c for c in transliterate(text) if c.isalnum())

    return form(typed) == form(stored)
