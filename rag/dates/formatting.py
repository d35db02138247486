"""EDTF dates in words, English or Russian, and as the numbers that reference managers want.

Reads what `rag.edtf` stores; a value it does not know is given back as it is. It guesses nothing:
"../1931-08-15", no later than the 15th, is "before 16 August 1931".
"""

from __future__ import annotations

import datetime
import re

_POINT = re.compile(r"(\d{4}|\d\d[\dX]X)(?:-(\d\d|XX))?(?:-(\d\d|XX))?([?~%]?)")
_ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_RUSSIAN = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
_GENITIVE = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip

Parts = tuple[int, ...]  # year; year, month; year, month, day


def words(edtf: str, lang: str) -> str:
    """The date as one writes it in a citation in the language (Russian, else English)."""
    russian = lang == "ru"
    begin, slash, end = edtf.partition("/")
    if not slash:
        return _with_year_mark(_point(edtf, russian), russian)
    if begin in ("", ".."):
        return _bound(end, 1, "до" if russian else "before", russian) or edtf
    if end in ("", ".."):
        return _bound(begin, -1, "после" if russian else "after", russian) or edtf
    dash = "–" if begin.isdigit() and end.isdigit() else " – "
    text = f"{_point(begin, russian)}{dash}{_point(end, russian)}"
    return f"{text} гг." if russian and dash == "–" else _with_year_mark(text, russian)


def parts(edtf: str) -> list[Parts] | None:
    """The numbers of a date, or of both ends of an interval; None where either is open or
    unspecified."""
    found = [_numbers(end) for end in edtf.split("/")]
    known = [numbers for numbers in found if numbers]
    return known if len(known) == len(found) <= 2 else None


def is_uncertain(edtf: str) -> bool:
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


def _point(point: str, russian: bool) -> str:
    match = _POINT.fullmatch(point)
    decade = re.fullmatch(r"(\d\d\d)X([?~%]?)", point)
    numbers = _numbers(point)
    if decade:
        text = f"{decade.group(1)}0-е гг." if russian else f"{decade.group(1)}0s"
        mark = decade.group(2)
    elif match and numbers:
        text, mark = _plain(numbers, russian), match.group(4)
    else:
        return point
    if mark in ("~", "%"):
        text = f"ок. {text}" if russian else f"c. {text}"
    return f"{text}?" if mark in ("?", "%") else text


def _plain(numbers: Parts, russian: bool, genitive: bool = False) -> str:
    if len(numbers) == 1:
        return str(numbers[0])
    month = ((_GENITIVE if genitive or len(numbers) == 3 else _RUSSIAN) if russian else _ENGLISH)[
        numbers[1] - 1
    ]
    return " ".join([*(str(day) for day in numbers[2:]), month, str(numbers[0])])


def _with_year_mark(text: str, russian: bool) -> str:
    """Russian dates end in "г."; where one is uncertain the mark of doubt comes last."""
    if not russian or not text.rstrip("?")[-4:].isdigit():
        return text
    return f"{text.rstrip('?')} г.{'?' if text.endswith('?') else ''}"


def _bound(point: str, step: int, preposition: str, russian: bool) -> str | None:
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
    return _with_year_mark(f"{preposition} {_plain(numbers, russian, genitive=True)}", russian)
