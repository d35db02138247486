"""`--author` and `--recipient`: people, in either alphabet and under any of their known names."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.names import authority
from rag.questions.filters.values import matching


def narrow_author(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents by that person. Raises UsageError for a blank name."""
    same = authority.load(store).same
    return replace(allowed, authors=matching(typed, "author", store, same))


def narrow_recipient(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents to that person. Raises UsageError for a blank name."""
    same = authority.load(store).same
    return replace(allowed, recipients=matching(typed, "recipient", store, same))
