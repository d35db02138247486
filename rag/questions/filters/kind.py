"""`--kind`: originals or translations."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.errors import UsageError


def narrow(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents of that kind. Raises UsageError for any other word."""
    if typed == "original":
        return replace(allowed, kind="original")
    if typed == "translation":
        return replace(allowed, kind="translation")
    raise UsageError(f"kind {typed!r}: expected original or translation")
