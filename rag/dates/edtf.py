"""Uncertain dates: the value `HistoricalDate` and the part of EDTF (ISO 8601-2) that Fonds stores.

Read: years, months, days; the qualifiers `?`, `~`, `%`; unspecified digits (`193X`, `1931-XX`);
intervals (`1930/1932`) and open ones (`../1931-08-15`, `1931-08-15/..`); seasons (`1931-21`),
which become intervals of months. A qualifier does not widen the span, because how far "circa"
reaches is unknown.

Not here: years before 1000 or after 2099, sets, exponents, significant digits; dates in prose
(`rag.dates.parsing`).
"""

from __future__ import annotations

import datetime
import re
from calendar import monthrange
from dataclasses import dataclass, replace

YEAR = r"(?:1\d|20)\d\d"
_POINT = re.compile(
    rf"(?P<y>{YEAR}|(?:1\d|20)[\dX]X)(?:-(?P<m>\d\d|XX)(?:-(?P<d>\d\d|XX))?)?(?P<q>[?~%]?)"
)


@dataclass(frozen=True, slots=True)
class HistoricalDate:
    """A date as precisely as it is known.

    `first` and `last` are the earliest and latest day that it can be, None where open.
    `text` is the date as written.
    """

    edtf: str
    first: datetime.date | None
    last: datetime.date | None
    text: str


def point(year: int, month: int | None = None, day: int | None = None) -> HistoricalDate | None:
    """The year, month or day as a date; None if the calendar has no such day."""
    try:
        first = datetime.date(year, month or 1, day or 1)
    except ValueError:
        return None
    if month is None:
        return HistoricalDate(f"{year:04}", first, datetime.date(year, 12, 31), "")
    if day is None:
        return HistoricalDate(f"{year:04}-{month:02}", first, month_end(year, month), "")
    return HistoricalDate(first.isoformat(), first, first, "")


def month_end(year: int, month: int) -> datetime.date:
    """The last day of a month."""
    return datetime.date(year, month, monthrange(year, month)[1])


def interval(begin: HistoricalDate, end: HistoricalDate) -> HistoricalDate | None:
    """From the first day of `begin` to the last of `end`; None if the first is after the last."""
    if begin.first is None or end.last is None or begin.first > end.last:
        return None
    return HistoricalDate(f"{begin.edtf}/{end.edtf}", begin.first, end.last, "")


def season(year: int, number: int, end_year: int | None = None) -> HistoricalDate | None:
    """Season 1 (spring) to 4 (winter) as an interval of months.

    "Winter 1931" may mean January or December of that year, so its span runs from January 1931
    to February 1932; "winter 1931/32" (`end_year` 1932) is unambiguous.
    """
    if number < 4:
        begin, end = point(year, 3 * number), point(year, 3 * number + 2)
    elif end_year is None:
        begin, end = point(year, 1), point(year + 1, 2)
    else:
        begin, end = point(year, 12), point(end_year, 2)
    return interval(begin, end) if begin and end else None


def parse_edtf(text: str) -> HistoricalDate | None:
    """The date that `text` is as EDTF, or None. ISO years, months and days are EDTF."""
    text = text.strip()
    begin, slash, end = text.partition("/")
    if not slash:
        found = _point(text)
        return replace(found, text=text) if found else None
    opens, closes = begin in ("", ".."), end in ("", "..")
    first, last = (None if opens else _point(begin)), (None if closes else _point(end))
    if first and last:
        found = interval(first, last)
        return replace(found, text=text) if found else None
    if first and closes:
        return HistoricalDate(f"{first.edtf}/..", first.first, None, text)
    if last and opens:
        return HistoricalDate(f"../{last.edtf}", None, last.last, text)
    return None


def _point(text: str) -> HistoricalDate | None:
    """One EDTF date, without an interval of its own unless it is a season."""
    match = _POINT.fullmatch(text)
    if not match:
        return None
    year, month, day = match["y"], match["m"], match["d"]
    if "X" in year:
        return None if month or match["q"] else _unspecified_year(year)
    if month == "XX":
        found = point(int(year)) if day in (None, "XX") else None
    elif month and 21 <= int(month) <= 24:
        return None if day or match["q"] else season(int(year), int(month) - 20)
    elif day == "XX":
        found = point(int(year), int(month))
    else:
        found = point(int(year), int(month) if month else None, int(day) if day else None)
    return replace(found, edtf=text) if found else None


def _unspecified_year(year: str) -> HistoricalDate:
    first, last = int(year.replace("X", "0")), int(year.replace("X", "9"))
    return HistoricalDate(year, datetime.date(first, 1, 1), datetime.date(last, 12, 31), "")
