"""`--collection`: a collection, in either alphabet."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.questions.filters.values import matching
from rag.text.transliteration import transliterate


def narrow(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents of that collection. Raises UsageError for a blank name."""
    return replace(allowed, collections=matching(typed, "collection", store, _same))


def _same(typed: str, stored: str) -> bool:
    """`tom17`, `Tom 17` and `Том 17` are one collection."""
    return _letters(typed) == _letters(stored)


def _letters(text: str) -> str:
    return "".join(c for c in transliterate(text) if c.isalnum())
