"""What does not fit in a record: warnings beside its documents.

`examine` looks at the language versions of one record and adds `date_conflict`, `halves_differ`,
`machine_translation`, `undated`, `page_range`, `ocr_noise` and `old_orthography`. It changes
nothing else but the span of days of a document that contradicts itself on its date, so that a
date filter finds it under either date.

Not here: duplicates, which concern other records too; corrections.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from index_store.types import Document, DocumentWarning
from rag import dates
from rag.records import versions

MAX_DAYS_APART = 366
"""Where the dates are further apart, the span of the document is left as it is."""

_LAST_OLD_STYLE_DAY = datetime.date(1918, 2, 13)


def examine(documents: Sequence[Document]) -> list[Document]:
    """The documents of one record, in order, each with its warnings added.

    A code that a document carries already is not added again.
    """
    differences = _differences(documents)
    examined = []
    for document in documents:
        conflict = _date_conflict(document)
        found = [w for check in _CHECKS for w in check(document)]
        if conflict:
            found.insert(0, conflict.warning(document))
            document = conflict.widened(document)
        if document.document_id in differences:
            message = differences[document.document_id]
            found.insert(0, DocumentWarning("halves_differ", message))
        known = {warning.code for warning in document.warnings}
        new = tuple(warning for warning in found if warning.code not in known)
        examined.append(replace(document, warnings=document.warnings + new))
    return examined


def _differences(documents: Sequence[Document]) -> dict[str, str]:
    """Document ids with what differs from a version in another language."""
    found: dict[str, str] = {}
    for a, b in combinations(documents, 2):
        if a.lang != b.lang and (message := versions.difference(a, b)):
            found.setdefault(a.document_id, message)
            found.setdefault(b.document_id, message)
    return found


@dataclass(frozen=True, slots=True)
class _DateConflict:
    """The date given for a document and another that its text states."""

    given: dates.HistoricalDate
    stated: dates.HistoricalDate
    where: Literal["signed", "headed"]

    def warning(self, document: Document) -> DocumentWarning:
        """What the reader is told."""
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


def _date_conflict(document: Document) -> _DateConflict | None:
    """The date given and the date signed, or else headed, where they exclude each other."""
    given = dates.parse(document.date) if document.date else None
    if given is None:
        return None
    signed = dates.signature_date(document.text)
    stated = signed or _heading_date(document.text)
    if stated is None or dates.overlaps(given, stated) or _is_old_style(given, stated):
        return None
    return _DateConflict(given, stated, "signed" if signed else "headed")


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


def _machine_translation(document: Document) -> Iterator[DocumentWarning]:
    if document.translator == "AI":
        yield DocumentWarning(
            "machine_translation", "This text was translated by a machine; quote the original."
        )


def _undated(document: Document) -> Iterator[DocumentWarning]:
    if not (document.date or document.date_from or document.date_to):
        yield DocumentWarning("undated", "The document has no date; date filters leave it out.")


_SIDE = r"(?:\s?(?:об|ob|v|r)\b\.?)?"
_RANGE = rf"\d{{1,5}}{_SIDE}(?:\s?[-–—]\s?\d{{1,5}}{_SIDE})?"
_PAGES = re.compile(
    r"(?<!\w)(?:pp?|pages?|сс?|стр|страницы|лл?|листы|ll?|leaves|fols?|ff?)\b\.?\s{0,3}"
    rf"(?P<ranges>{_RANGE}(?:,\s{{0,2}}{_RANGE}){{0,30}})(?![\w/])",
    re.I,
)
_PAGE_RANGE = re.compile(rf"(\d{{1,5}}){_SIDE}\s?[-–—]\s?(\d{{1,5}})")


def _page_range(document: Document) -> Iterator[DocumentWarning]:
    for field, value in (("source", document.source), ("shelf-mark", document.archival_ref)):
        for pages in _PAGES.finditer(value or ""):
            for match in _PAGE_RANGE.finditer(pages["ranges"]):
                if _runs_backwards(match[1], match[2]):
                    yield DocumentWarning(
                        "page_range",
                        f"The {field} gives an impossible range of pages, {match[0]}: {value}",
                    )
                    return


def _runs_backwards(first: str, last: str) -> bool:
    """ "161-3" means 161 to 163; "15-3" may be page 3 of chapter 15 and is accepted."""
    if len(last) < len(first):
        if len(first) < 3:
            return False
        last = first[: len(first) - len(last)] + last
    return int(last) < int(first)


_TOKEN = re.compile(r"\S{1,60}")
# A Latin i among Cyrillic letters stands for the і of the old spelling.
_GARBLED = re.compile(
    r"[a-zа-яё]\d+[a-zа-яё]|[a-hj-z][а-яё]|[а-яё][a-hj-z]|[a-zа-яё][|\\^~{}<>=*#@$¦§_¬]+[a-zа-яё]"
    r"|\ufffd|[|\\^~{}<>¦¬]+$"
)
_TABLE_ROW = re.compile(r"^[ \t]{0,20}\|[^\n]*\|[ \t]{0,20}$", re.M)
_MIN_GARBLED, _GARBLED_SHARE = 5, 0.04


def _ocr_noise(document: Document) -> Iterator[DocumentWarning]:
    tokens = garbled = 0
    for match in _TOKEN.finditer(_TABLE_ROW.sub("", document.text)):
        tokens += 1
        garbled += _is_garbled(match[0])
    if garbled >= max(_MIN_GARBLED, _GARBLED_SHARE * tokens):
        yield DocumentWarning(
            "ocr_noise", f"The text seems badly read by a machine: {garbled} of {tokens} words."
        )


def _is_garbled(token: str) -> bool:
    return "://" not in token and "@" not in token[1:] and bool(_GARBLED.search(token))


_RUSSIAN_WORD = re.compile(r"[а-яёѣіѳѵ]{2,40}", re.I)
_OLD_SPELLING = re.compile(r"[ѣіѳѵ]|[бвгджзклмнпрстфхцчшщ]ъ$", re.I)
_MIN_OLD, _OLD_SHARE = 3, 0.1


def _old_orthography(document: Document) -> Iterator[DocumentWarning]:
    if document.lang != "ru":
        return
    words = old = 0
    for match in _RUSSIAN_WORD.finditer(document.text):
        words += 1
        old += _OLD_SPELLING.search(match[0]) is not None
    if old >= max(_MIN_OLD, _OLD_SHARE * words):
        yield DocumentWarning(
            "old_orthography",
            "The text is in the spelling used before 1918; it is quoted as it stands.",
        )


_CHECKS: tuple[Callable[[Document], Iterator[DocumentWarning]], ...] = (
    _machine_translation,
    _undated,
    _page_range,
    _ocr_noise,
    _old_orthography,
)
