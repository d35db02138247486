"""What `fonds verify` says of a quotation put together from several places."""

from __future__ import annotations

from collections.abc import Sequence

from index_store.types import Document
from rag.types import Match


def spliced(parts: Sequence[Match]) -> str:
    """That a quotation was put together, and from which places."""
    documents = list(dict.fromkeys(_named(part.citation.document) for part in parts))
    if len(documents) == 1:
        return f"These words stand at {_count(len(parts))} places of {documents[0]}."
    return f"These words stand in {_count(len(documents))} documents: {' and '.join(documents)}."


def elsewhere(matches: Sequence[Match], document_id: str) -> str:
    """That a quotation stands in other documents than the one asked of."""
    documents = list(dict.fromkeys(_named(match.citation.document) for match in matches))
    more = f" and {len(documents) - 3} more" if len(documents) > 3 else ""
    return (
        f"These words do not stand in {document_id}; they stand in"
        f" {' and '.join(documents[:3])}{more}."
    )


def _named(document: Document) -> str:
    return f"{document.document_id} ({document.date or 'undated'})"


def _count(number: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(number, str(number))
