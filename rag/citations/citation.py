"""Citations: a quotation bound to its place and its document, and the forms it is cited in.

Built from the store alone: the quotation is the stored text at its offsets, every other field is
a stored field. Whether the words are what someone claimed is for `rag.verify` to say.
"""

from __future__ import annotations

from bisect import bisect_right

from index_store.types import Document, Passage
from rag.citations.bibtex import bibtex
from rag.citations.chicago import chicago
from rag.citations.csl import csl_json
from rag.citations.gost import gost
from rag.citations.ris import ris
from rag.errors import UsageError
from rag.types import Check, Citation, Counterpart

_FORMATS = {"chicago": chicago, "gost": gost, "bibtex": bibtex, "ris": ris, "csl-json": csl_json}
STYLES = tuple(_FORMATS)


def cite(
    n: int,
    document: Document,
    passage: Passage,
    start: int,
    end: int,
    check: Check = "exact",
    counterpart: Counterpart | None = None,
) -> Citation:
    """Citation number `n` of the stored text at [start:end] (code points of the document).

    ValueError when the span is empty, outside the document, or the passage is not its own.
    """
    if passage.document_id != document.document_id:
        raise ValueError(f"{passage.passage_id} is no passage of {document.document_id}")
    if not 0 <= start < end <= len(document.text):
        raise ValueError(f"{document.document_id} has no text at [{start}:{end}]")
    page = page_of(document, start, end)
    return Citation(
        n=n,
        passage_id=passage.passage_id,
        quote=document.text[start:end],
        start=start,
        end=end,
        check=check,
        document=document,
        formatted={style: format_citation(document, style, page) for style in ("chicago", "gost")},
        page=page,
        counterpart=counterpart,
    )


def page_of(document: Document, start: int, end: int) -> str | None:
    """The label of the page that holds the span, "a–b" where it crosses; None without pages."""
    offsets = [offset for offset, _ in document.pages]
    first, last = bisect_right(offsets, start) - 1, bisect_right(offsets, end - 1) - 1
    if last < 0:
        return None
    begin, finish = document.pages[max(0, first)][1], document.pages[last][1]
    return begin if begin == finish else f"{begin}–{finish}"


def format_citation(document: Document, style: str, page: str | None = None) -> str:
    """The reference to a document in one of `STYLES`; UsageError for another."""
    if style not in _FORMATS:
        raise UsageError(f"There is no citation style {style!r}; use one of: {', '.join(STYLES)}.")
    return _FORMATS[style](document, page)
