"""What the evidence panel shows of an answer: excerpts cut from the stored text by offset.

An excerpt is a slice of the stored text, in code points. Nothing here searches for a quotation,
repairs or formats one. Where the store no longer has the words at the cited place, the quotation
is shown alone and marked as changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from index_store.types import Hit, Passage
from rag.errors import NotStored
from rag.records.duplicates import gathered
from rag.types import Citation, Constraint, ShownDocument, Statement, VerifiedAnswer
from ui_assets.model import ArchiveLike, Excerpt, Source
from ui_assets.view.sheets import faint_words, readable_layout, sheet

_MARKER = re.compile(r"\[(\d{1,4})\]")


def answer_sources(archive: ArchiveLike, answer: VerifiedAnswer) -> tuple[Source, ...]:
    """The cited documents of an answer, or the nearest ones of an abstention."""
    if answer.abstention:
        return hit_sources(answer.abstention.nearest)
    show = cache(archive.show)
    return tuple(_placed(archive, _source(show, citation)) for citation in answer.citations)


def hit_sources(hits: Sequence[Hit]) -> tuple[Source, ...]:
    """The documents of search hits, each once with its best passage; copies of a document are
    listed under it."""
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


def ordered_passages(shown: ShownDocument) -> list[Passage]:
    """The passages of a document in the order of the text."""
    return sorted(shown.passages, key=lambda passage: passage.start)


def overlapping_passages(shown: ShownDocument, start: int, end: int) -> list[int]:
    """Positions, from 0, of the passages that overlap the text at `[start:end]`."""
    return [i for i, p in enumerate(ordered_passages(shown)) if p.start < end and start < p.end]


def excerpt(shown: ShownDocument, start: int, end: int) -> Excerpt:
    """The text at `[start:end]` within the passages it overlaps, and one more on either side."""
    text = shown.document.text
    passages = ordered_passages(shown)
    within = overlapping_passages(shown, start, end)
    if not within:
        return Excerpt(marked=text[start:end], start=start)
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
        start=outer_start,
    )


def quotations(
    statement: Statement, citations: Sequence[Citation]
) -> list[tuple[Citation, list[Citation]]]:
    """The quotations of a statement, each once, with all citations of the same words."""
    numbered = {citation.n: citation for citation in citations}
    groups: dict[tuple[str, str], list[Citation]] = {}
    for n in statement.citations:
        citation = numbered[n]
        groups.setdefault((citation.document.lang, citation.quote), []).append(citation)
    return [(group[0], group) for group in groups.values()]


def inferred_constraints(answer: VerifiedAnswer) -> list[Constraint]:
    """The constraints understood from the question, as the page shows them.

    A limit to documents cited earlier is shown only where it was applied.
    """
    return [
        c
        for c in answer.constraints
        if c.origin == "inferred" and (c.applied or c.field != "documents")
    ]


def text_and_markers(statement: Statement) -> list[str | int]:
    """The text of a statement in pieces, with the numbers of its citations in between.

    "[1]" is a marker only in prose, and only if the statement cites that number: anywhere else
    it belongs to the document's text. Citations without a marker follow the text.
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
        return Source(citation.n, citation.document, _changed(citation), citation)
    cut = excerpt(shown, citation.start, citation.end)
    if cut.marked != citation.quote:
        return Source(citation.n, citation.document, _changed(citation), citation, lang)
    within = overlapping_passages(shown, citation.start, citation.end) or [-1]
    first = max(within[0] - 1, 0)
    end = len(shown.passages) - 1
    last = min(within[-1] + 1, end)
    return Source(citation.n, shown.document, cut, citation, lang, first, last, last < end)


def _placed(archive: ArchiveLike, source: Source) -> Source:
    """The source with the page of its quotation, and the faint words of its excerpt."""
    cut, citation = source.excerpt, source.citation
    if cut.changed or citation is None:
        return source
    text = cut.before + cut.lead + cut.marked + cut.tail + cut.after
    document_id, end = source.document.document_id, cut.start + len(text)
    layout = readable_layout(archive, document_id, cut.start, end)
    if layout is None:
        return source
    regions, span = citation.regions, (citation.start, citation.end)
    shown = sheet(document_id, layout.pages, regions[0].page, regions, span) if regions else None
    return replace(source, sheet=shown, faint=faint_words(layout, cut.start, end))


def _changed(citation: Citation) -> Excerpt:
    return Excerpt(marked=citation.quote, changed=True)
