"""From a verified answer to what the evidence panel shows: excerpts cut at stored offsets.

An excerpt is cut out of the stored text by code points alone; nothing here searches for a
quotation, repairs one or formats anything. Where the store no longer has the words at the
place that was cited, the quotation stands alone and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from index_store.types import Document, Hit, Passage
from rag.duplicates import gathered
from rag.errors import NotStored
from rag.types import (
    Citation,
    Constraint,
    Filters,
    IngestReport,
    QuotationReport,
    SearchResult,
    ShownDocument,
    Statement,
    Turn,
    VerifiedAnswer,
)

Progress = Callable[[int, int, int], None]
"""As `rag.ingest.Progress`: files done, files in all, passages stored."""

_MARKER = re.compile(r"\[(\d{1,4})\]")


class ArchiveLike(Protocol):
    """What the chat needs of an archive; `rag.Archive` has it."""

    def ask(
        self, question: str, filters: Filters = ..., history: Sequence[Turn] = ...
    ) -> VerifiedAnswer: ...

    def search(self, question: str, k: int = ..., filters: Filters = ...) -> SearchResult: ...

    def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport: ...

    def show(self, document_id: str) -> ShownDocument: ...

    def documents(self, filters: Filters = ...) -> Sequence[Document]: ...

    def info(self) -> Mapping[str, Any]: ...

    def ingest(self, paths: Sequence[Path], *, progress: Progress | None = ...) -> IngestReport: ...


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Stored text around `marked`, in five pieces that follow each other without a gap.

    `lead` and `tail` are the rest of the passages that the mark touches, `before` and `after`
    their neighbours. `changed` says that the store no longer has these words at this place.
    """

    before: str = ""
    lead: str = ""
    marked: str = ""
    tail: str = ""
    after: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the panel: a cited document, or one near to a question that has no answer.

    `first` and `last` are the ordinals of the passages that the excerpt begins and ends with,
    from which the reader can walk on; -1 where it stands in none. `more` is False where the last
    is known to be the document's. `copies` are documents that the search found too and that have
    the same or nearly the same text.
    """

    n: int
    document: Document
    excerpt: Excerpt
    citation: Citation | None = None
    counterpart_lang: str | None = None
    first: int = -1
    last: int = -1
    more: bool = True
    copies: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What was searched: documents, first and last year, languages, the commonest first."""

    documents: int
    first: int | None = None
    last: int | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, or the fault that prevented one, or neither yet.

    `sources` before there is an answer are what was found for it; `draft` is what is written
    of it. `without` names limits that the question implies and the reader does not want.
    `verdict` is the reader's: 1 good, -1 bad. `asked` in seconds since 1970.
    """

    number: int
    question: str
    answer: VerifiedAnswer | None = None
    fault: str | None = None
    sources: tuple[Source, ...] = ()
    filters: Filters = Filters()
    without: tuple[str, ...] = ()
    scope: Scope | None = None
    verdict: int | None = None
    asked: float = 0.0
    draft: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.answer is None and self.fault is None


def sources(archive: ArchiveLike, answer: VerifiedAnswer) -> tuple[Source, ...]:
    """What the panel shows: the cited documents, or the nearest ones of an abstention."""
    if answer.abstention:
        return found(answer.abstention.nearest)
    show = cache(archive.show)
    return tuple(_source(show, citation) for citation in answer.citations)


def in_order(shown: ShownDocument) -> list[Passage]:
    """The passages of a document as they follow each other."""
    return sorted(shown.passages, key=lambda passage: passage.start)


def touched(shown: ShownDocument, start: int, end: int) -> list[int]:
    """Which passages, counted from 0, the text at `[start:end]` touches."""
    return [i for i, p in enumerate(in_order(shown)) if p.start < end and start < p.end]


def excerpt(shown: ShownDocument, start: int, end: int) -> Excerpt:
    """The text at `[start:end]` inside all passages it touches and one neighbour either side."""
    text = shown.document.text
    passages = in_order(shown)
    within = touched(shown, start, end)
    if not within:
        return Excerpt(marked=text[start:end])
    first, last = within[0], within[-1]
    inner_start = min(start, passages[first].start)
    inner_end = max(end, *(passages[i].end for i in within))
    outer_start = min(inner_start, passages[max(first - 1, 0)].start)
    outer_end = max(inner_end, passages[min(last + 1, len(passages) - 1)].end)
    return Excerpt(
        before=text[outer_start:inner_start],
        lead=text[inner_start:start],
        marked=text[start:end],
        tail=text[end:inner_end],
        after=text[inner_end:outer_end],
    )


def quotations(
    statement: Statement, citations: Sequence[Citation]
) -> list[tuple[Citation, list[Citation]]]:
    """The stored quotations of a statement, each once, with every citation of the same words."""
    numbered = {citation.n: citation for citation in citations}
    groups: dict[tuple[str, str], list[Citation]] = {}
    for n in statement.citations:
        citation = numbered[n]
        groups.setdefault((citation.document.lang, citation.quote), []).append(citation)
    return [(group[0], group) for group in groups.values()]


def understood(answer: VerifiedAnswer) -> list[Constraint]:
    """What was understood from the question, to be shown; documents spoken of before only where
    the answer is from them."""
    return [
        c
        for c in answer.constraints
        if c.origin == "inferred" and (c.applied or c.field != "documents")
    ]


def marked_words(statement: Statement) -> list[str | int]:
    """The words of a statement, with the numbers of its citations where they stand.

    Only in prose can a "[1]" be a marker, and only where the statement cites that number: in
    any other words it is the document's own. Citations that the text does not mark follow it.
    """
    pieces: list[str | int] = []
    rest = 0
    for match in _MARKER.finditer(statement.text):
        if statement.kind == "prose" and int(match[1]) in statement.citations:
            pieces += [statement.text[rest : match.start()], int(match[1])]
            rest = match.end()
    pieces.append(statement.text[rest:])
    for n in statement.citations:
        if n not in pieces:
            pieces += [" ", n]
    return pieces


def _source(show: Callable[[str], ShownDocument], citation: Citation) -> Source:
    counterpart = citation.counterpart
    try:
        shown = show(citation.document.document_id)
        lang = show(counterpart.document_id).document.lang if counterpart else None
    except NotStored:
        return Source(citation.n, citation.document, _lost(citation), citation)
    cut = excerpt(shown, citation.start, citation.end)
    if cut.marked != citation.quote:
        return Source(citation.n, citation.document, _lost(citation), citation, lang)
    within = touched(shown, citation.start, citation.end) or [-1]
    first = max(within[0] - 1, 0)
    end = len(shown.passages) - 1
    last = min(within[-1] + 1, end)
    return Source(citation.n, shown.document, cut, citation, lang, first, last, last < end)


def _lost(citation: Citation) -> Excerpt:
    return Excerpt(marked=citation.quote, changed=True)


def found(hits: Sequence[Hit]) -> tuple[Source, ...]:
    """Documents that a search found, each once, with the passage that found it; copies of a
    better one under that."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.document.document_id, hit)
    return tuple(
        Source(
            n,
            hit.document,
            Excerpt(lead=hit.passage.text),
            first=hit.passage.ordinal,
            last=hit.passage.ordinal,
            copies=tuple(copy.document for copy in copies),
        )
        for n, (hit, copies) in enumerate(gathered([*best.values()]), 1)
    )
