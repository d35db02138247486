"""From a verified answer to what the evidence panel shows: excerpts cut at stored offsets.

An excerpt is cut out of the stored text by code points alone; nothing here searches for a
quotation, repairs one or formats anything. Where the store no longer has the words at the
place that was cited, the quotation stands alone and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from index_store.types import Hit, Passage
from rag.errors import NotStored
from rag.records.duplicates import gathered
from rag.types import (
    Citation,
    Constraint,
    ShownDocument,
    Statement,
    VerifiedAnswer,
)
from ui_assets.model import ArchiveLike, Excerpt, Source

_MARKER = re.compile(r"\[(\d{1,4})\]")


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
