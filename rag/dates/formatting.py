"""EDTF dates in words, and as the numbers that reference managers want.

Takes the values that `rag.dates.edtf` stores; a value it does not know is returned unchanged. An
open interval is put in words without its last day: "../1931-08-15", no later than the 15th, is
"before 16 August 1931".
"""

from __future__ import annotations

import datetime
import re

from rag.text.language import DateWords
from rag.text.languages import language

_POINT = re.compile(r"(\d{4}|\d\d[\dX]X)(?:-(\d\d|XX))?(?:-(\d\d|XX))?([?~%]?)")
_DECADE = re.compile(r"(\d\d\d)X([?~%]?)")

Parts = tuple[int, ...]  # year; year, month; year, month, day


def words(edtf: str, lang: str) -> str:
    """The date as one writes it in a citation, in English where the language has no words."""
    wording = language(lang).dates
    begin, slash, end = edtf.partition("/")
    if not slash:
        return _with_year_mark(_point(edtf, wording), wording)
    if begin in ("", ".."):
        return _bound(end, 1, wording.words_before, wording) or edtf
    if end in ("", ".."):
        return _bound(begin, -1, wording.words_after, wording) or edtf
    years = begin.isdigit() and end.isdigit()
    dash = "–" if years else " – "
    text = f"{_point(begin, wording)}{dash}{_point(end, wording)}"
    return _marked(text, wording.years_mark) if years else _with_year_mark(text, wording)


def parts(edtf: str) -> list[Parts] | None:
    """The numbers of a date, or of both ends of an interval; None where either is open or
    unspecified."""
    found = [_numbers(end) for end in edtf.split("/")]
    known = [numbers for numbers in found if numbers]
    return known if len(known) == len(found) <= 2 else None


def is_uncertain(edtf: str) -> bool:
    """Whether the date is marked as uncertain or approximate."""
    return any(mark in edtf for mark in "?~%")


def _numbers(point: str) -> Parts | None:
    match = _POINT.fullmatch(point)
    if not match or "X" in match.group(1):
        return None
    numbers = []
    for value in match.groups()[:3]:
        if value is None or value == "XX":
            break
        numbers.append(int(value))
    if len(numbers) > 1 and not 1 <= numbers[1] <= 12:
        return None
    return tuple(numbers)


def _point(point: str, wording: DateWords) -> str:
    match = _POINT.fullmatch(point)
    decade = _DECADE.fullmatch(point)
    numbers = _numbers(point)
    if decade:
        text, mark = f"{decade.group(1)}0{wording.decade_ending}", decade.group(2)
    elif match and numbers:
        with_day = len(numbers) == 3
        text, mark = _plain(numbers, wording, with_day), match.group(4)
    else:
        return point
    if mark in ("~", "%"):
        text = f"{wording.words_circa} {text}"
    return f"{text}?" if mark in ("?", "%") else text


def _plain(numbers: Parts, wording: DateWords, inflected: bool) -> str:
    """The numbers in words; the month is `inflected` beside a day and after a preposition."""
    if len(numbers) == 1:
        return str(numbers[0])
    months = wording.months_with_day if inflected else wording.months
    day = [str(day) for day in numbers[2:]]
    return " ".join([*day, months[numbers[1] - 1], str(numbers[0])])


def _with_year_mark(text: str, wording: DateWords) -> str:
    """The date with the language's mark of a year ("г."), a question mark after it."""
    if not text.rstrip("?")[-4:].isdigit():
        return text
    marked = _marked(text.rstrip("?"), wording.year_mark)
    return f"{marked}{'?' if text.endswith('?') else ''}"


def _marked(text: str, mark: str) -> str:
    return f"{text} {mark}" if mark else text


def _bound(point: str, step: int, preposition: str, wording: DateWords) -> str | None:
    """An open interval: "before" the unit after its last, "after" the one before its first."""
    numbers = _numbers(point)
    if numbers is None:
        return None
    if len(numbers) == 3:
        try:
            day = datetime.date(*numbers) + datetime.timedelta(days=step)
        except (ValueError, OverflowError):
            return None
        numbers = (day.year, day.month, day.day)
    elif len(numbers) == 2:
        months = numbers[0] * 12 + numbers[1] - 1 + step
        numbers = (months // 12, months % 12 + 1)
    else:
        numbers = (numbers[0] + step,)
    text = f"{preposition} {_plain(numbers, wording, inflected=True)}"
    return _with_year_mark(text, wording)
