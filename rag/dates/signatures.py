"""The date under a letter."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.dates.edtf import HistoricalDate
from rag.dates.parsing import find, parse

_NOT_SIGNED = re.compile(
    r"\b(?:received|published|printed|translated|copied|registered|declassified|source|pravda"
    r"|izvest|times\b|получен|опубликован|напечатан|принят|перев[её]л|перевод|рассекречен|копия"
    r"|отпечатан|зарегистрирован|источник|правда|известия|газета)",
    re.I,
)
_PLACE_OR_NAME = re.compile(
    r"(?:(?i:written|dated?|at|написано|дата|г|гор|с|д|пос|ст)[.:]?\s{1,3}"
    r"|[A-ZА-ЯЁ][\w'’-]{0,30}[.,]{0,2}\s{0,3}){0,6}(?:[—–-]\s{0,3})?",
)
_LAST_LINES = 6
_OFFICE_NOTE = re.compile(
    r"(?:approved|prepared|drafted|cleared|утвержд|подготов|согласован)\w{0,6}\b", re.I
)
_NOTE_LINES = 3  # above a date, in which such a note makes it the note's own


def signature_date(text: str) -> HistoricalDate | None:
    """The date that stands by itself under, or on the line of, the signature of a letter.

    Looks at the last six lines that are not empty, from the bottom; the first line of several is a
    heading, not a signature. A date in a sentence, of a receipt or of a publication is none. A
    bare year counts only where it is alone on its line. Open dates and ranges do not count.
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
    """Does a quotation end here that began on a line above? Its date is not the letter's."""
    return line.rstrip(".")[-1:] in '»"”' and not any(mark in line[:-2] for mark in '«"“„')


def _lone_date(line: str) -> HistoricalDate | None:
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
