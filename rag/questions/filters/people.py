"""`--author` and `--recipient`: people, in either alphabet and under any of their known names."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.names import authority
from rag.questions.filters.values import check_given


def narrow_author(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents by that person. Raises UsageError for a blank name."""
    return replace(allowed, authors=_meant(typed, "author", store))


def narrow_recipient(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents to that person. Raises UsageError for a blank name."""
    return replace(allowed, recipients=_meant(typed, "recipient", store))


def _meant(typed: str, field: str, store: IndexStore) -> tuple[str, ...]:
    check_given(typed, field)
    return authority.load(store).meant(typed, store.values(field))
