"""Citations as RIS."""

from __future__ import annotations

from index_store.types import Document
from rag.citations.fields import is_of_scan, notes, persons, plain
from rag.dates import formatting


def ris(document: Document, page: str | None = None) -> str:
    """One RIS record, ended by `ER`."""
    numbers = formatting.parts(document.date) if document.date else None
    day = [f"{number:02}" for number in numbers[0]] if numbers else []
    fields = [
        ("TY", "PCOMM" if document.recipient else "GEN"),
        ("ID", document.document_id),
        *(("AU", name) for name in persons(document.author)),
        *(("A2", name) for name in persons(document.recipient)),
        ("TI", plain(document.title) or document.document_id),
        ("PY", day[0] if day else ""),
        ("DA", "/".join([*day, "", "", ""][:3]) + "/" if day else ""),
        ("T2", document.source),
        ("SP", None if is_of_scan(document) else page),
        ("AV", document.archival_ref),
        ("LA", document.lang),
        ("N1", "; ".join(notes(document, page))),
    ]
    lines = [f"{tag}  - {plain(value)}" for tag, value in fields if plain(value)]
    return "\n".join([*lines, "ER  - "])
