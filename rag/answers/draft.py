"""The draft of an answer, and the citations that every answer kind builds.

Every quotation is read back from the store before it is cited. Not here: the answer kinds
themselves, language models, and how a draft becomes an answer (`rag.ask`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index_store.store import IndexStore
from index_store.types import Document, Hit, Passage
from rag.answers import messages
from rag.answers.selection import Quotation
from rag.citations.citation import cite
from rag.questions.query import Query
from rag.records import counterparts
from rag.records.boilerplate import is_boilerplate
from rag.text.sentences import sentences
from rag.types import Abstention, Certainty, Citation, Listed, Statement

EXTRACTIVE = "extractive"
"""The engine of an answer without a language model."""

_DOUBT = 0.01
"""How far below clear an answer is that may be none for another reason than its words."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is presented: statements and citations, or an abstention.

    `query` is the question as it was answered: some of what it restricts may have been relaxed.
    """

    query: Query
    confidence: float
    answer: str = ""
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    abstention: Abstention | None = None
    documents: tuple[Listed, ...] | None = None
    engine: str = EXTRACTIVE
    notice: str | None = None
    certainty: Certainty | None = None
    heading: str = ""

    @property
    def text(self) -> str:
        """The answer under its heading, if it has one."""
        return f"{self.heading}\n\n{self.answer}" if self.heading else self.answer

    def doubted(self, clear: float) -> Draft:
        """With a confidence below `clear`, where something tells that it may be no answer."""
        return replace(self, confidence=min(self.confidence, clear - _DOUBT))

    def judged(self, clear: float, quotes: bool = False) -> Draft:
        """With its certainty: clear from the confidence `clear` on, where the archive has all the
        phrases that were asked for. A doubtful answer that quotes gets a heading that says what it
        is; an abstention has no certainty. `quotes`: it will quote, though its statements are still
        to come."""
        if self.abstention:
            return self
        lang, unheld = self.query.lang, self.query.unheld
        doubtful = unheld or self.confidence < clear
        certainty: Certainty = "doubtful" if doubtful else "clear"
        heading = ""
        if doubtful and (quotes or any(s.kind == "quotation" for s in self.statements)):
            heading = messages.doubtful(lang)
            heading = f"{messages.no_phrase(lang, unheld)} {heading}" if unheld else heading
        return replace(self, heading=heading, certainty=certainty)


def cite_all(
    quotations: Sequence[Quotation], store: IndexStore, first: int = 1
) -> tuple[Citation, ...]:
    """Citations read back from the store, numbered from `first`."""
    return tuple(
        cite_span(
            n, store.document(q.hit.document.document_id), q.hit.passage, q.start, q.end, store
        )
        for n, q in enumerate(quotations, first)
    )


def cite_span(
    n: int, document: Document, passage: Passage, start: int, end: int, store: IndexStore
) -> Citation:
    """The citation with the same passage in the record's other language."""
    beside = counterparts.find(document, start, end, store)
    return cite(n, document, passage, start, end, counterpart=beside)


def cite_sentence(
    n: int, document: Document, passage: Passage, store: IndexStore, at: int | None = None
) -> Citation:
    """The sentence at an offset of the document, else the first that is not boilerplate."""
    found = [(passage.start + s, passage.start + e) for s, e in sentences(passage.text)]
    inside = [span for span in found if at is not None and span[0] <= at < span[1]]
    content = [span for span in found if not is_boilerplate(document, *span)]
    start, end = (inside or content or found)[0]
    return cite_span(n, document, passage, start, end, store)
