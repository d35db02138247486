"""`halves_differ`: two language versions of a record are different texts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from index_store.types import Document, DocumentWarning
from rag.records import versions
from rag.records.description import DIFFERS


def check(documents: Sequence[Document]) -> dict[str, DocumentWarning]:
    """Document id → the warning with what differs from a version in another language."""
    found: dict[str, DocumentWarning] = {}
    for a, b in combinations(documents, 2):
        if a.lang != b.lang and (message := versions.difference(a, b)):
            for document in (a, b):
                found.setdefault(document.document_id, DocumentWarning(DIFFERS, message))
    return found
