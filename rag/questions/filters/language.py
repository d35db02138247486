"""`--lang`: the language of the document, as an ISO 639-1 code."""

from __future__ import annotations

from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.errors import UsageError
from rag.text.detection import is_language


def narrow(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents in that language. Raises UsageError if it is not a code."""
    if not is_language(typed):
        stored = ", ".join(store.values("lang")) or "en, ru"
        raise UsageError(
            f"language {typed!r}: expected a two-letter code of ISO 639-1; this archive has"
            f" {stored}"
        )
    return replace(allowed, lang=typed)
