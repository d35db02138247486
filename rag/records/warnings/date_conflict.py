"""`date_conflict`: the date given for a document and the one in its text exclude each other."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Literal

from index_store.types import Document, DocumentWarning
from rag import dates

MAX_DAYS_APART = 366
"""Where the dates are further apart, the span of the document is left as it is."""

_LAST_OLD_STYLE_DAY = datetime.date(1918, 2, 13)


@dataclass(frozen=True, slots=True)
class DateConflict:
    """The date given for a document and another that its text states."""

    given: dates.HistoricalDate
    stated: dates.HistoricalDate
    where: Literal["signed", "headed"]

    def warning(self, document: Document) -> DocumentWarning:
        """The warning shown."""
        written = document.date_text if document.date_text != document.date else None
        return DocumentWarning(
            "date_conflict",
            f"The page is dated {written or _in_words(self.given)} ({self.given.edtf}); the text is"
            f" {self.where} {self.stated.text} ({self.stated.edtf}).",
        )

    def widened(self, document: Document) -> Document:
        """The document with a span of days that covers both dates, unless they are far apart."""
        first, last = self.stated.first, self.stated.last
        if not (first and last and document.date_from and document.date_to):
            return document
        begin, end = map(datetime.date.fromisoformat, (document.date_from, document.date_to))
        if max((first - end).days, (begin - last).days) > MAX_DAYS_APART:
            return document
        return replace(
            document,
            date_from=min(begin, first).isoformat(),
            date_to=max(end, last).isoformat(),
        )


def find(document: Document) -> DateConflict | None:
    """The date given and the date signed, or else headed, where they exclude each other."""
    given = dates.parse(document.date) if document.date else None
    if given is None:
        return None
    signed = dates.signature_date(document.text)
    stated = signed or _heading_date(document.text)
    if stated is None or dates.overlaps(given, stated) or _is_old_style(given, stated):
        return None
    return DateConflict(given, stated, "signed" if signed else "headed")


def _heading_date(text: str) -> dates.HistoricalDate | None:
    """The day that stands alone, or after a place, in the first two lines of a letter."""
    lines = [line.strip() for line in text[:400].splitlines() if line.strip()]
    found = (dates.signature_date(line) for line in lines[:2] if len(line) <= 60 and len(lines) > 1)
    return next((date for date in found if date and len(date.edtf) == len("1931-11-21")), None)


def _is_old_style(given: dates.HistoricalDate, signed: dates.HistoricalDate) -> bool:
    """Is `signed` the same day in the Julian calendar, used in Russia until February 1918?"""
    if signed.first is None or given.first is None or signed.first > _LAST_OLD_STYLE_DAY:
        return False
    century_days = {17: 11, 18: 12, 19: 13}.get(signed.first.year // 100, 0)
    shift = datetime.timedelta(days=century_days)
    in_new_style = replace(
        signed, first=signed.first + shift, last=signed.last and signed.last + shift
    )
    return dates.overlaps(given, in_new_style)


def _in_words(date: dates.HistoricalDate) -> str:
    if date.first is None or date.first != date.last:
        return date.edtf
    return f"{date.first.day} {date.first:%B} {date.first.year}"
