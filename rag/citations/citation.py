"""Citations: a quotation with its place and its document, and the styles it is cited in.

Built from the store alone: the quotation is the stored text at its offsets, every other field is
a stored field. A style or export is a module with one function, and a line in `_FORMATS`.

Not here: whether words that someone quotes stand there (`rag.quotations.verify`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from index_store.types import Document, Passage
from rag.citations.bibtex import bibtex
from rag.citations.chicago import chicago
from rag.citations.csl import csl_json
from rag.citations.gost import gost
from rag.citations.ris import ris
from rag.errors import UsageError
from rag.types import Check, Citation, Counterpart

_FORMATS: dict[str, Callable[[Document, str | None], str]] = {
    "chicago": chicago,
    "gost": gost,
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
}
"""Each style or export by name: a function of a document and a page label."""

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

    Raises ValueError if the span is empty or outside the document, or if the passage belongs to
    another document.
    """
    if passage.document_id != document.document_id:
        raise ValueError(f"{passage.passage_id} is not a passage of {document.document_id}")
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
    """The label of the page with the span, "a–b" where it covers several; None without pages."""
    offsets = [offset for offset, _ in document.pages]
    first, last = bisect_right(offsets, start) - 1, bisect_right(offsets, end - 1) - 1
    if last < 0:
        return None
    begin, finish = document.pages[max(0, first)][1], document.pages[last][1]
    return begin if begin == finish else f"{begin}–{finish}"


def format_citation(document: Document, style: str, page: str | None = None) -> str:
    """The citation of a document in one of `STYLES`. Raises UsageError for another style."""
    if style not in _FORMATS:
        raise UsageError(f"There is no citation style {style!r}; use one of: {', '.join(STYLES)}.")
    return _FORMATS[style](document, page)
