"""What the archive has to say to one query: the draft of an answer.

A complete list, a field of the record, or sentences of the text; or else in which of the three
ways the archive is silent. Every quotation is read back from the store before it is cited. Not
here: conversations, language models, and how a draft becomes an answer (`ask`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index_store.store import IndexStore
from index_store.types import Document, Hit, Passage
from rag.answers.selection import Quotation
from rag.citations.citation import cite
from rag.records import counterparts
from rag.records.boilerplate import is_boilerplate
from rag.text.sentences import sentences
from rag.types import Abstention, Citation, Listed, Statement

EXTRACTIVE = "extractive"
"""The engine of an answer without a language model."""

HITS = 10
"""Passages read for an answer."""

LEFT_ASIDE = 0.5
"""Confidence from which something is an answer though it is not of the date, hand or place that the
question asks for, or is no catalogue entry where one is asked for: it must be likelier than not."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is dressed: statements and citations, or an abstention."""

    confidence: float
    answer: str = ""
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    abstention: Abstention | None = None
    documents: tuple[Listed, ...] | None = None
    engine: str = EXTRACTIVE
    notice: str | None = None


def place(quotations: Sequence[Quotation], store: IndexStore) -> tuple[Citation, ...]:
    """Citations read back from the store, numbered from 1."""
    return tuple(
        cited(n, store.document(q.hit.document.document_id), q.hit.passage, q.start, q.end, store)
        for n, q in enumerate(quotations, 1)
    )


def cited(
    n: int, document: Document, passage: Passage, start: int, end: int, store: IndexStore
) -> Citation:
    """The citation with the same passage in the record's other language."""
    beside = counterparts.find(document, start, end, store)
    return cite(n, document, passage, start, end, counterpart=beside)


def sentence_of(
    n: int, document: Document, passage: Passage, store: IndexStore, at: int | None = None
) -> Citation:
    """The sentence of the passage in which an offset of the document lies, else the first that
    tells something."""
    found = [(passage.start + s, passage.start + e) for s, e in sentences(passage.text)]
    inside = [span for span in found if at is not None and span[0] <= at < span[1]]
    telling = [span for span in found if not is_boilerplate(document, *span)]
    start, end = (inside or telling or found)[0]
    return cited(n, document, passage, start, end, store)
