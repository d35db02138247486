"""Whether two dates, or a document and a date, may be of the same day.

Not here: the date filter of the store, which is SQL (`index_store.catalogue`). It leaves out
undated documents.
"""

from __future__ import annotations

from index_store.types import Document
from rag.dates.edtf import HistoricalDate

_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"


def overlaps(one: HistoricalDate, other: HistoricalDate) -> bool:
    """Whether the spans of two dates have a day in common. An open end reaches any day."""
    return _overlap(_span(one), _span(other))


def document_overlaps(document: Document, date: HistoricalDate, *, if_undated: bool) -> bool:
    """Whether a document's span of days and a date have a day in common.

    `if_undated` is the result for a document without any date: True where it may be of any
    day, False where only a date proves that it fits.
    """
    if document.date_from is None and document.date_to is None:
        return if_undated
    span = document.date_from or _FIRST_DAY, document.date_to or _LAST_DAY
    return _overlap(span, _span(date))


def _span(date: HistoricalDate) -> tuple[str, str]:
    """First and last ISO day."""
    first = date.first.isoformat() if date.first else _FIRST_DAY
    return first, date.last.isoformat() if date.last else _LAST_DAY


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
