"""What single lines of a record page look like: navigation, rules, titles, sources, shelf-marks.

In doubt a line is text: only one that is clearly something else is kept out of the letter.
Not here: where on the page a line stands (`rag.readers.record_page.versions`).
"""

from __future__ import annotations

import re
from enum import Flag, auto

from rag import dates
from rag.records import shelfmarks
from rag.text.languages import either
from rag.text.transliteration import transliterate

MAX_LINE = 600
"""Longer lines are text, whatever they look like."""

_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_ROMAN = re.compile(r"(?<=\d[./ -])[IVX]{1,4}(?=[./ -]{1,2}\d)")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_RULE = re.compile(r"\s*(?:[-–—_*=~]{3,}|[-–—_*](?:\s[-–—_*]){2,})\s*")
_ARROW = re.compile(r"^\s*[←⟵‹«<]+\s*\S|\S\s*[→⟶›>]+\s*$|^\s*→\s*\S|\S\s*←\s*$")
_NAV_WORDS = rf"(?:{either(lambda x: x.record_page.navigation)})"
_NAV = re.compile(rf"\W*{_NAV_WORDS}(?:\s*[|/·•]\s*{_NAV_WORDS}){{0,5}}\W*", re.I)

_COPYRIGHT = re.compile(
    rf"(?:©|\(c\)\s(?=\d{{4}})|{either(lambda x: x.record_page.copyright)}).*", re.I
)

_SOURCE_LABEL = re.compile(rf"\s*(?:{either(lambda x: x.documents.source_label)})\s?:", re.I)
_MARK_LABEL = re.compile(rf"\s*(?:{either(lambda x: x.documents.mark_label)})\s?:", re.I)
_NUMBERS = r"\d{1,5}(?:\s?[-–—,]\s?\d{1,5}){0,5}"
_PAGES = re.compile(
    rf"(?:[.,;:)»\"]|[-–—])\s{{0,2}}(?:С|C|Стр|С\.\sс|Сс)\.\s?{_NUMBERS}\.?\s*$"
    rf"|[.,;:)»\"]\s{{0,2}}(?:pp?|pages?|стр|с|Bd|vol|vols|v|Т|т|кн|вып|No|Nos|№|л|fol)\.?\s?{_NUMBERS}\.?\s*$",
    re.I,
)
_SPEECH = re.compile(
    rf"^(?:{either(lambda x: x.record_page.enclosure)})"
    rf"|\b(?:{either(lambda x: x.record_page.speech)})\b",
    re.I,
)
_NEWSPAPER = re.compile(
    r"[«\"“]?(?:Правда|Известия|Красная звезда|Pravda|Izvestiya|Izvestia|The Times)\b[»\"”]?[.,]"
    r".{0,60}\b(?:1[789]|20)\d\d\b.{0,40}"
)
_ENDS_IN_YEARS = re.compile(
    r"\b(?:1[5-9]|20)\d\d(?:\s?[-–—]\s?(?:1[5-9]|20)?\d\d)?\s?(?:гг?\b\.?)?[.)]{0,2}\s*$"
)
_STATE_OF_COPY = re.compile(
    rf"(?:[.,;]\s{{1,3}}(?:{either(lambda x: x.record_page.state_of_copy)})){{1,4}}\.?$", re.I
)
_MAX_REFERENCE = 300
_WORD = re.compile(r"[^\W\d_][\w'’]*|\d[\w/-]*")
_SMALL = re.compile(either(lambda x: x.record_page.small_words), re.I)
_UNIT = re.compile(
    rf"\b(?:(?:{either(lambda x: x.record_page.unit)})\.?\s?(?:№\s?)?(?:[A-ZА-Я]{{1,2}}-?)?\d"
    r"|[A-Z]{2,5}\s\d{1,4}/\d)",
    re.I,
)
_ARCHIVE = re.compile(rf"{either(lambda x: x.record_page.archive)}|\b[A-ZА-Я]{{2,6}}\b")
_COLLECTION = re.compile(rf"(?:{either(lambda x: x.record_page.collection)})\b.*\d", re.I)


class LineKind(Flag):
    """What a line looks like. It may look like several things; one of no kind is text."""

    TEXT = 0
    RULE = auto()
    NAVIGATION = auto()
    ARROW = auto()
    LABELLED = auto()
    SHELF_MARK = auto()
    BIBLIOGRAPHIC = auto()
    SOURCE = auto()  # labelled, a shelf-mark or bibliographic, and not too long
    REFERENCE = auto()  # a place in an archive, in another form than a shelf-mark
    ENDS_IN_YEARS = auto()


_SOURCES = LineKind.LABELLED | LineKind.SHELF_MARK | LineKind.BIBLIOGRAPHIC


def classify(line: str) -> LineKind:
    """All that a line looks like by itself."""
    if is_rule(line):
        return LineKind.RULE
    found = (
        (LineKind.NAVIGATION, is_navigation(line)),
        (LineKind.ARROW, has_arrow(line)),
        (LineKind.LABELLED, is_labelled(line)),
        (LineKind.SHELF_MARK, is_mark(line)),
        (LineKind.BIBLIOGRAPHIC, is_bibliographic(parts(line)[0])),
        (LineKind.REFERENCE, is_reference(line)),
        (LineKind.ENDS_IN_YEARS, ends_in_years(line)),
    )
    kind = LineKind.TEXT
    for one, holds in found:
        kind |= one if holds else LineKind.TEXT
    if len(line) <= MAX_LINE and kind & _SOURCES:
        kind |= LineKind.SOURCE
    return kind


def gives_source(line: str) -> bool:
    """A published source, a shelf-mark or another reference to an archive."""
    return is_source(line) or is_reference(line)


def is_rule(line: str) -> bool:
    """A line of dashes, stars or the like."""
    return _RULE.fullmatch(line) is not None


def is_navigation(line: str) -> bool:
    """ "← Back to index", "Next →", "Назад", "© 2024 …": what the site says, not the page."""
    line = line.strip()
    if not line or len(line) > 80 or is_rule(line):
        return False
    of_site = _NAV.fullmatch(line) or _COPYRIGHT.fullmatch(line)
    return of_site is not None or (has_arrow(line) and line.count(" ") < 8)


def has_arrow(line: str) -> bool:
    return _ARROW.search(line) is not None and not line.strip().startswith(("«", "<"))


def plain(text: str) -> str:
    """Letters and digits in lower case, for comparing titles."""
    return "".join(c for c in text.lower().replace("ё", "е") if c.isalnum())


def cyrillic_balance(text: str) -> tuple[int, int]:
    """How many Latin and how many Cyrillic letters there are; "XI" in "27/XI-31" has none."""
    return len(_LATIN.findall(_ROMAN.sub("", text))), 0 if text.isascii() else len(
        _CYRILLIC.findall(text)
    )


def is_labelled(line: str) -> bool:
    """ "Source: …", "Архив: …" and the like."""
    return bool(_SOURCE_LABEL.match(line) or _MARK_LABEL.match(line))


def is_bibliographic(line: str) -> bool:
    """A published source by its looks: it ends with pages or a volume, or is a newspaper's date."""
    line = line.strip()
    if not 8 <= len(line) <= MAX_LINE or _SPEECH.search(line):
        return False
    if not (line[0].isupper() or line[0] in '«"“[(') or not re.search(r"[^\W\d_]{3}", line):
        return False
    return bool(_PAGES.search(line[-80:]) or _NEWSPAPER.fullmatch(line))


def ends_in_years(line: str) -> bool:
    """A title with its years ("Letters of a Miller. 1928-1941."): a source where one is due."""
    line = line.strip()
    if len(line) > MAX_LINE or not line[:1].isupper() or _SPEECH.search(line):
        return False
    return _ENDS_IN_YEARS.search(line[-40:]) is not None and not any(
        len(mention.date.edtf) == len("1931-11-21") for mention in dates.find(line)
    )


def is_mark(line: str) -> bool:
    """One shelf-mark or several, perhaps with what is kept there ("Original. Typescript.")."""
    if len(line) > MAX_LINE:
        return False
    marks = _STATE_OF_COPY.sub("", line.strip()).split(";")
    return all(shelfmarks.is_shelfmark(mark) for mark in marks)


def is_reference(line: str) -> bool:
    """A place in an archive in any other form: "Hill Archives, Low Papers, Box 4, Folder 11".

    Ask only about lines that stand where sources do.
    """
    line = _MARK_LABEL.sub("", shelfmarks.strip_label(line))
    words = _WORD.findall(line) if len(line) <= _MAX_REFERENCE else []
    if not words or not line[0].isupper() or is_bibliographic(line) or _SPEECH.search(line):
        return False
    if not all(w[0].isupper() or w[0].isdigit() or _SMALL.fullmatch(w) for w in words):
        return False
    units = len(_UNIT.findall(line))
    return units > 1 or (units == 1 and _ARCHIVE.search(line) is not None)


def is_source(line: str) -> bool:
    """A published source or shelf-mark by label or looks."""
    if len(line) > MAX_LINE:
        return False
    return is_labelled(line) or is_mark(line) or is_bibliographic(parts(line)[0])


def parts(line: str) -> tuple[str, str]:
    """The published source and the shelf-mark that one line of a source block gives, or ""."""
    line = line.strip()
    if is_mark(line) or _MARK_LABEL.match(line) or is_reference(line):
        return "", shelfmarks.strip_label(line)
    gaps = re.finditer(r"(?<=[.;,)\]])\s{1,3}|\s{0,3}[(\[]", line)
    for gap in gaps if len(line) <= MAX_LINE else ():
        mark = line[gap.end() :]
        if gap[0].strip():
            mark = mark.rstrip(".").removesuffix(")" if gap[0].strip() == "(" else "]")
        if is_mark(mark):
            source = line[: gap.start()].rstrip(" ;,")
            return shelfmarks.strip_label(source), shelfmarks.strip_label(mark)
    return shelfmarks.strip_label(line), ""


def names_collection(line: str, slugs: list[str], firm: bool) -> bool:
    """Can this be the line that names the collection ("Source: Tom 17", "Том 17")?

    `firm`: it stands where a collection must stand, next to the title. `slugs` are the sources of
    the date line ("tom17"); a line that spells one is the collection anywhere near the title.
    """
    name = shelfmarks.strip_label(line)
    if not 2 <= len(name) <= 100 or is_rule(line) or shelfmarks.is_shelfmark(line):
        return False
    spelled = "".join(c for c in transliterate(name) if c.isalnum())
    if spelled in {"".join(c for c in transliterate(slug) if c.isalnum()) for slug in slugs}:
        return True
    speaks = line.rstrip().endswith((".", "!", "?", ":", ",", ";", "…"))
    if speaks or not re.search(r"[^\W_]{2}", name):
        return False
    return firm or _COLLECTION.match(name) is not None
