"""Dates as historians, archivists and readers write them.

`parse` reads a string that is a date, `find` finds dates in text and questions, `without_dates`
removes them. "Before X" has the EDTF `../X` and ends the day before X; "not later than X" has the
same EDTF and ends with X; "after X" and "not earlier than X" likewise. Of a date in both calendars
("10 (23) ноября 1917") the new style is used, also where it stands first ("23 (10) ноября 1917").
An old-style date without a new-style one is used as it is.

Not here: other calendars, centuries, dates without a year, dates such as "last winter"; the date
under a letter (`rag.dates.signatures`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.dates import patterns
from rag.dates.edtf import HistoricalDate, interval, month_end, parse_edtf, point, season
from rag.text import characters
from rag.text.languages import either

CENTURY_OF_SHORT_YEARS = 1900
"""Two-digit years are of the twentieth century, as in the archives that Fonds is made for."""

_CALENDAR_DAYS = range(9, 14)
"""Days between the Julian and the Gregorian calendar from 1500 on."""

_DAY = datetime.timedelta(days=1)
_TRIM = " \t\r\n\u00a0.,;"
_EDITORIAL = str.maketrans("", "", "[]<>")
_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text, at [start:end] in code points."""

    start: int
    end: int
    date: HistoricalDate


def parse(text: str) -> HistoricalDate | None:
    """The date that the whole `text` is, or None. Brackets around it, an editor's, are ignored."""
    if len(text) > _MAX_LENGTH:
        return None
    found = parse_edtf(text) or _phrase(characters.lower(_unbracketed(text)))
    return replace(found, text=text.strip()) if found else None


def _unbracketed(text: str) -> str:
    """The text without the brackets of an editor and parentheses around the whole."""
    text = text.translate(_EDITORIAL).strip(_TRIM)
    while text[:1] + text[-1:] == "()":
        text = text[1:-1].strip(_TRIM)
    return text


@lru_cache(maxsize=1 << 12)
def _phrase(text: str) -> HistoricalDate | None:
    """A date with its qualifiers, or a range of dates, from text in lower case."""
    for mark in ("?", "~", "%"):
        for suffix in (f"({mark})", f"[{mark}]", mark):
            if text.endswith(suffix):
                found = _phrase(text.removesuffix(suffix).strip(_TRIM))
                return _marked(found, mark) if found else None
    text = patterns.WEEKDAY.sub("", text, count=1)
    return parse_edtf(text) or _single(text) or _qualified(text) or _range(text)


def _marked(date: HistoricalDate, mark: str) -> HistoricalDate:
    """The date marked as uncertain (`?`) or approximate (`~`); unchanged if it is an interval or
    has a mark."""
    if date.edtf[-1] in "?~%." or "/" in date.edtf:
        return date
    return replace(date, edtf=date.edtf + mark)


def _qualified(text: str) -> HistoricalDate | None:
    match = patterns.FROM.fullmatch(text) or patterns.QUALIFIED.fullmatch(text)
    if not match:
        return None
    date = _single(match["rest"].strip(_TRIM + "[]"))
    if date is None or date.first is None or date.last is None:
        return None
    if match.re is patterns.FROM:
        return HistoricalDate(f"{_edge(date)}/..", date.first, None, text)
    if match["circa"]:
        return _marked(date, "~")
    if match["before"]:
        return HistoricalDate(f"../{_edge(date)}", None, date.first - _DAY, text)
    if match["not_after"]:
        return HistoricalDate(f"../{_edge(date, last=True)}", None, date.last, text)
    if match["after"]:
        return HistoricalDate(f"{_edge(date, last=True)}/..", date.last + _DAY, None, text)
    return HistoricalDate(f"{_edge(date)}/..", date.first, None, text)


def _edge(date: HistoricalDate, last: bool = False) -> str:
    """One end of a date that may be an interval itself, for the end of another."""
    return date.edtf.split("/")[-1 if last else 0]


def _range(text: str) -> HistoricalDate | None:
    match = patterns.date_range().fullmatch(text)
    if not match:
        return None
    right_text = match["right"]
    right = _single(right_text)
    left_text = match["left"]
    if right is None and (short := patterns.DAY_YEAR.fullmatch(right_text)):
        # "March 3-7, 1932": the month stands on the left only.
        partial = patterns.PARTIAL.fullmatch(left_text)
        if partial and partial["m0"]:
            month = patterns.month_number(partial["m0"])
            right = point(int(short["y"]), month, int(short["d"]))
    if right is None:
        return None
    left = _single(left_text) or _borrowing(left_text, right)
    return _joined(left, right) if left else None


def _joined(left: HistoricalDate, right: HistoricalDate) -> HistoricalDate | None:
    found = interval(left, right)
    return found and replace(found, edtf=f"{_edge(left)}/{_edge(right, last=True)}")


def _borrowing(text: str, right: HistoricalDate) -> HistoricalDate | None:
    """The left side of a range that has the year or month only on the right side."""
    match = patterns.PARTIAL.fullmatch(text)
    if not match or right.first is None:
        return None
    word = match["m0"] or match["m1"] or match["m2"]
    month = patterns.month_number(word) if word else right.first.month
    return point(right.first.year, month, int(match["d"]) if match["d"] else None)


def _single(text: str) -> HistoricalDate | None:
    """One date, perhaps an early, middle or late part of it."""
    part = patterns.PART.fullmatch(text)
    if part:
        whole = _single(part["rest"])
        if whole and (part["first"] or part["second"]):
            return _half(whole, 1 if part["second"] else 0)
        return whole and _third(whole, 0 if part["early"] else 1 if part["middle"] else 2)
    for name, form in patterns.FORMS.items():
        if match := form.fullmatch(text):
            return _value(name, match)
    return None


def _third(date: HistoricalDate, index: int) -> HistoricalDate:
    """The same EDTF with a narrower span: ten days of a month, four months of a year."""
    first, last = date.first, date.last
    if first is None or last is None or "/" in date.edtf or first == last:
        return date
    if first.month == last.month:
        starts = [first.replace(day=d) for d in (1, 11, max(21, last.day - 9))]
        ends = [first.replace(day=10), first.replace(day=20), last]
    elif first.year == last.year:
        starts = [first.replace(month=m) for m in (1, 5, 9)]
        ends = [month_end(first.year, m) for m in (4, 8, 12)]
    else:
        starts = [first.replace(year=first.year + n) for n in (0, 3, 7)]
        ends = [last.replace(year=first.year + n) for n in (3, 6, 9)]
    return replace(date, first=starts[index], last=ends[index])


def _half(date: HistoricalDate, index: int) -> HistoricalDate:
    """The first or second half: to the 15th of a month, to June of a year, to 1934 of a decade."""
    first, last = date.first, date.last
    if first is None or last is None or "/" in date.edtf or first == last:
        return date
    if first.month == last.month:
        middle = first.replace(day=15)
    elif first.year == last.year:
        middle = month_end(first.year, 6)
    else:
        middle = month_end(first.year + 4, 12)
    return replace(date, first=middle + _DAY) if index else replace(date, last=middle)


def _both_styles(group: dict[str, str | None]) -> HistoricalDate | None:
    """Of a date in both calendars the new style, which is the later one."""

    def day(suffix: str) -> HistoricalDate | None:
        year = group.get(f"y{suffix}") or group["y"]
        word = group.get(f"m{suffix}") or group.get("m")
        numeral = group.get(f"n{suffix}" if suffix else "n2") or group.get("n2")
        roman = group.get("r")
        month = (
            patterns.month_number(word)
            if word
            else patterns.roman_number(roman)
            if roman
            else int(numeral or 0)
        )
        return point(int(year or 0), month, int(group[f"d{suffix}"] or 0))

    other, bracketed = day("o"), day("")
    if other and bracketed and other.first and bracketed.first:
        ahead = (other.first - bracketed.first).days
        return other if ahead in _CALENDAR_DAYS else bracketed
    return bracketed


def _value(name: str, match: re.Match[str]) -> HistoricalDate | None:
    """The date of a match of the form `name` of `patterns.FORMS`."""
    group = match.groupdict()
    if name == "decade":
        return parse_edtf(group["decade"] + "X")
    if name.startswith("new_style"):
        return _both_styles(group)
    if name == "numeric":
        n = "3" if group["d3"] else "2" if group["d2"] else ""
        month = int(group[f"n{n}"]) if n else patterns.roman_number(group["r"])
        return point(_full_year(group[f"y{n}"]), month, int(group[f"d{n}"]))
    year = int(group["y"])
    if name == "iso":
        return point(year, int(group["n"]), int(group["d"]) if group["d"] else None)
    if name == "season":
        end = group["y2"]
        end_year = (year // 100 * 100 + int(end) if len(end) == 2 else int(end)) if end else None
        return season(year, patterns.season_number(group["s"]), end_year)
    if name == "short_range":
        begin, finish = point(year), point(year // 100 * 100 + int(group["y2"]))
        return interval(begin, finish) if begin and finish else None
    number = patterns.month_number(group["m"]) if group.get("m") else None
    return point(year, number, int(group["d"]) if group.get("d") else None)


def _full_year(digits: str) -> int:
    return int(digits) + (CENTURY_OF_SHORT_YEARS if len(digits) == 2 else 0)


# A year, or the two-digit year of a date in numbers: every date has one.
_ANCHOR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)|(?<=[./-])\d\d(?!\d)|(?<=[ixvхі]\s)\d\d(?!\d)")
_REACH_BACK, _REACH_ON = 110, 60
_NUMBERED = re.compile(r"(?:№|\bNos?\.|[#$£€]|\bpp?\.|\bp|\b[Сс]{1,2}\.|\b[ФДЛfFdDlL]\.|\bBox)\s?$")
_NUMBERING = tuple("№.#$£€px")  # the last characters of all of these
_COUNTED = re.compile(
    rf"[.,]?\d|\s?%|\s?(?:{either(lambda language: language.dates.counted)})", re.I
)


def find(text: str) -> list[DateMention]:
    """Dates inside running text, in order, not overlapping; takes time linear in the text.

    A number alone is a year only from 1000 to 2099, and not after "p." or before a unit
    ("1931 tons"). A question mark after a date is punctuation here.
    """
    found = []
    folded = characters.lower(text)
    for start, stop in _windows(folded):
        for match in patterns.date_in_text().finditer(folded, start, stop):
            date = _phrase(match[0].strip(_TRIM))
            if date and not _is_no_year(text, match):
                start_at, end_at = match.span()
                written = HistoricalDate(date.edtf, date.first, date.last, text[start_at:end_at])
                found.append(DateMention(start_at, end_at, written))
    return found


def without_dates(text: str, instead: str = "") -> str:
    """The text without the dates that `find` finds in it, each replaced by `instead`."""
    for mention in reversed(find(text)):
        text = text[: mention.start] + instead + text[mention.end :]
    return text


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Spans around the anchors, joined where they overlap."""
    begin = end = -1
    for anchor in _ANCHOR.finditer(text):
        if anchor.start() - _REACH_BACK > end:
            if end >= 0:
                yield begin, end
            begin = max(0, anchor.start() - _REACH_BACK)
        end = anchor.end() + _REACH_ON
    if end >= 0:
        yield begin, end


def _is_no_year(text: str, match: re.Match[str]) -> bool:
    """Whether this is a number alone that counts or numbers something."""
    if len(match[0]) != 4:
        return False
    before = text[max(0, match.start() - 8) : match.start()]
    numbered = before.rstrip()[-1:] in _NUMBERING and _NUMBERED.search(before)
    return bool(numbered or _COUNTED.match(text, match.end()))


def filter_bounds(value: str) -> tuple[str, str]:
    """First and last ISO day of an ISO year, month or day; ValueError where it is none."""
    date = parse_edtf(value) if re.fullmatch(r"\d{4}(?:-\d\d){0,2}", value) else None
    if date is None or date.first is None or date.last is None or "/" in date.edtf:
        raise ValueError(f"{value!r} is not a date: write 1931, 1931-11 or 1931-11-21")
    return date.first.isoformat(), date.last.isoformat()
