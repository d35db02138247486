"""The date under a letter."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.dates.edtf import HistoricalDate
from rag.dates.parsing import find, parse
from rag.text.languages import either

_NOT_SIGNED = re.compile(rf"\b(?:{either(lambda language: language.dates.not_signed)})", re.I)
_PLACE_OR_NAME = re.compile(
    rf"(?:(?i:{either(lambda language: language.dates.place_or_label)})[.:]?\s{{1,3}}"
    r"|[A-ZА-ЯЁ][\w'’-]{0,30}[.,]{0,2}\s{0,3}){0,6}(?:[—–-]\s{0,3})?",
)
_LAST_LINES = 6
_OFFICE_NOTE = re.compile(
    rf"(?:{either(lambda language: language.dates.office_note)})\w{{0,6}}\b", re.I
)
_NOTE_LINES = 3  # above a date: an office's note there means that the date is the note's


def signature_date(text: str) -> HistoricalDate | None:
    """The date that is alone on its line under the signature of a letter, or on the same line.

    Reads the last six lines that are not empty, from the bottom; the first line of several is a
    heading, not a signature. A date in a sentence, of a receipt or of a publication does not
    count, nor does an open date or a range. A bare year counts only alone on its line. None where
    there is no such date.
    """
    lines = [line.strip() for line in text[-3000:].splitlines() if line.strip()]
    heading = 1 if len(lines) > 1 and len(text) <= 3000 else 0
    last = lines[heading:][-_LAST_LINES:]
    for n, line in reversed(list(enumerate(last))):
        if _ends_quotation(line):
            return None
        if len(line) <= 120 and (date := _lone_date(line)):
            above = lines[heading:][: len(lines) - heading - len(last) + n][-_NOTE_LINES:]
            return None if any(map(_OFFICE_NOTE.match, above)) else date
    return None


def _ends_quotation(line: str) -> bool:
    """Whether a quotation that began on a line above ends here. Its date is not the letter's."""
    return line.rstrip(".")[-1:] in '»"”' and not any(mark in line[:-2] for mark in '«"“„')


def _lone_date(line: str) -> HistoricalDate | None:
    """The date of a line that has, apart from a date, only a place or a name; None for another."""
    whole = parse(line)
    if whole:
        text = line if line.endswith("г.") else line.rstrip(".")
        return replace(whole, text=text) if "/" not in whole.edtf else None
    if _NOT_SIGNED.search(line):
        return None
    for mention in find(line):
        before, after = line[: mention.start].strip(' ([«"'), line[mention.end :].strip(' .,)]»"')
        plain = _PLACE_OR_NAME.fullmatch(f"{before} ".lstrip()) and _PLACE_OR_NAME.fullmatch(after)
        if plain and "/" not in mention.date.edtf and len(mention.date.edtf) > 4:
            return mention.date
    return None
