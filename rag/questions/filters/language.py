"""`--lang`: the language of the document, as an ISO 639-1 code."""

from __future__ import annotations

import re
from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter
from rag.errors import UsageError


def narrow(typed: str, allowed: Filter, store: IndexStore) -> Filter:
    """Documents in that language. Raises UsageError if it is not a code."""
    if not re.fullmatch(r"[a-z]{2}", typed):
        raise UsageError(f"language {typed!r}: expected a two-letter code such as en or ru")
    return replace(allowed, lang=typed)
