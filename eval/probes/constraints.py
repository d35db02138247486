"""How often the dates to which a question is restricted are read correctly.

Archive questions: compared with the dates that their authors gave, in English and Russian; of the
questions without such dates, how often one is read and how often it excludes every gold document
that has a date. TimeQA: compared with the question's template ("from Oct 1991 to 2007", "in May
1837"), read here by a strict pattern. No store and no encoder are used.
"""

from __future__ import annotations

import datetime
import re
from calendar import monthrange
from pathlib import Path
from typing import Any

from eval.sets.jsonl import read_lines
from rag.questions.constraints import date_restrictions
from rag.questions.correspondents import writes

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_POINT = r"(?:(?:(?P<m{0}>[A-Z][a-z]{{2}})[a-z]*\.? )?(?P<y{0}>\d{{4}}))"
_TEMPLATE = re.compile(
    rf"\b(?:from {_POINT.format(1)} to {_POINT.format(2)}|(?:in|In) {_POINT.format(3)})\W*\w*\W*$"
)
Span = tuple[str | None, str | None]


def measure(data: Path) -> dict[str, Any]:
    """Figures over `archive_qa` and `timeqa` in the folder of the development sets."""
    return {"archive_qa": _archive(data), "timeqa": _timeqa(data / "timeqa" / "questions.jsonl")}


def _read(text: str) -> list[Span]:
    """The bounds of the date constraints read from a question."""
    return [
        (wish.filter.date_from, wish.filter.date_to)
        for wish in date_restrictions(text, writes(text))
    ]


def _archive(data: Path) -> dict[str, Any]:
    dated = {
        row["id"]: str(row["date"])
        for folder in ("dfat", "frus", "tolstoy_letters_ru")
        for row in read_lines(data / folder / "docs.jsonl")
        if row.get("date")
    }
    figures: dict[str, Any] = {}
    for lang in ("en", "ru"):
        right = restricted = read = lost = other = 0
        for row in read_lines(data / "archive_qa" / "questions.jsonl"):
            spans = _read(row[f"text_{lang}"])
            if row.get("date_from") or row.get("date_to"):
                restricted += 1
                right += spans == [(row.get("date_from"), row.get("date_to"))]
                continue
            other += 1
            read += bool(spans)
            days = [dated[d] for d in row.get("gold_docs") or () if d in dated]
            lost += bool(spans and days and not any(_inside(day, spans[0]) for day in days))
        figures[lang] = {
            "restricted": restricted,
            "read_rightly": right,
            "unrestricted": other,
            "read_nevertheless": read,
            "gold_outside": lost,
        }
    return figures


def _inside(day: str, span: Span) -> bool:
    first, last = span
    return (first is None or day >= first[: len(day)]) and (last is None or day <= last)


def _timeqa(path: Path) -> dict[str, Any]:
    templated = right = none = 0
    for row in read_lines(path):
        match = _TEMPLATE.search(row["text"])
        if not match:
            continue
        templated += 1
        spans = _read(row["text"])
        none += not spans
        right += spans == [_expected(match)]
    return {"templated": templated, "read_rightly": right, "not_read": none}


def _expected(match: re.Match[str]) -> Span:
    first, last = ("1", "2") if match["y1"] else ("3", "3")
    return _bound(match, first, end=False), _bound(match, last, end=True)


def _bound(match: re.Match[str], n: str, *, end: bool) -> str:
    year, word = int(match[f"y{n}"]), match[f"m{n}"]
    month = _MONTHS.index(word) + 1 if word else 12 if end else 1
    day = monthrange(year, month)[1] if end else 1
    return datetime.date(year, month, day).isoformat()
