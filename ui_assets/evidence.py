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
from typing import Any, Protocol

from index_store.types import Document, Hit
from rag.errors import NotStored
from rag.types import Citation, Filters, ShownDocument, Statement, Turn, VerifiedAnswer

_MARKER = re.compile(r"\[(\d{1,4})\]")


class ArchiveLike(Protocol):
    """What the chat needs of an archive; `rag.Archive` has it."""

    def ask(
        self, question: str, filters: Filters = ..., history: Sequence[Turn] = ...
    ) -> VerifiedAnswer: ...

    def show(self, document_id: str) -> ShownDocument: ...

    def info(self) -> Mapping[str, Any]: ...


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
    """One entry of the panel: a cited document, or one near to a question that has no answer."""

    n: int
    document: Document
    excerpt: Excerpt
    citation: Citation | None = None
    counterpart_lang: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, or the fault that prevented one, or neither yet."""

    number: int
    question: str
    answer: VerifiedAnswer | None = None
    fault: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def is_waiting(self) -> bool:
        return self.answer is None and self.fault is None


def sources(archive: ArchiveLike, answer: VerifiedAnswer) -> tuple[Source, ...]:
    """What the panel shows: the cited documents, or the nearest ones of an abstention."""
    if answer.abstention:
        return _nearest(answer.abstention.nearest)
    show = cache(archive.show)
    return tuple(_source(show, citation) for citation in answer.citations)


def excerpt(shown: ShownDocument, start: int, end: int) -> Excerpt:
    """The text at `[start:end]` inside all passages it touches and one neighbour either side."""
    text = shown.document.text
    passages = sorted(shown.passages, key=lambda passage: passage.start)
    touched = [i for i, p in enumerate(passages) if p.start < end and start < p.end]
    if not touched:
        return Excerpt(marked=text[start:end])
    first, last = touched[0], touched[-1]
    inner_start = min(start, passages[first].start)
    inner_end = max(end, *(passages[i].end for i in touched))
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
        cut = _lost(citation)
    return Source(citation.n, citation.document, cut, citation, lang)


def _lost(citation: Citation) -> Excerpt:
    return Excerpt(marked=citation.quote, changed=True)


def _nearest(hits: Sequence[Hit]) -> tuple[Source, ...]:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.document.document_id, hit)
    return tuple(
        Source(n, hit.document, Excerpt(lead=hit.passage.text))
        for n, hit in enumerate(best.values(), 1)
    )
