"""Shelf-marks: recognised among other lines, divided into parts, compared across alphabets.

Russian marks ("РГАСПИ. Ф. 558. Оп. 11. Д. 45. Л. 12–13 об.", "RGASPI F. 74. Op. 2. D. 38."),
with the archive's name left out where a mark continues another; marks in square brackets
("[AA: A1608, B41/1/6]"); and class marks ("FO 371/15496"). The parts keep the text as written.

Not here: whether an archive of that name exists, and what the fond holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.languages import either
from rag.text.transliteration import transliterate

_S = r"[\s.,;:]{0,4}"
_NUMBER = r"(?:№\s{0,2})?[^\W_]{1,3}-\s?\d[\w/-]{0,14}|(?:№\s{0,2})?\d[\w/-]{0,14}"
_LEAVES = (
    r"\d{1,5}(?:\s?[аaбb](?!\w))?(?:\s?(?:об|ob|v|r)\b\.?)?"
    r"(?:\s?[-–—,]\s?\d{1,5}(?:\s?[аaбb](?!\w))?(?:\s?(?:об|ob|v|r)\b\.?)?){0,12}"
)
_ARCHIVE = r"[^\W\d_]{2,10}(?:[ -](?:рф|rf|ссср|sssr|мид|mid|мо|mo|спб|spb|рк|ан|ран|ras)){0,2}"
_FOND = rf"(?:фонд|fond|ф|f)\b\.?\s{{0,3}}(?P<fond>{_NUMBER})"
_OPIS = rf"(?:опись|opis['’]?|оп|op|inv)\b\.?\s{{0,3}}(?P<opis>{_NUMBER})"
_FOLDER = rf"(?:папка|papka|п|p)\b\.?\s{{0,3}}(?:{_NUMBER})"
_DELO = (
    r"(?:дело|delo|ед\.?\s{0,2}хр|ed\.?\s{0,2}khr|file|д|d)\b\.?\s{0,3}"
    rf"(?P<delo>{_NUMBER})"
)
_LEAF = (
    r"(?:листы|лист|listy|list|leaf|leaves|лл|ll|л|l|fols?)\b\.?\s{0,3}"
    rf"(?P<leaves>{_LEAVES})"
)
_RUSSIAN = re.compile(
    rf"(?:(?P<archive>{_ARCHIVE}){_S})?{_FOND}(?:{_S}{_OPIS})?(?:{_S}{_FOLDER})?(?:{_S}{_DELO})?(?:{_S}{_LEAF})?",
    re.I,
)
_ACRONYM = re.compile(r"[A-ZА-ЯЁ]\w*[A-ZА-ЯЁ]\w*(?:\W.*)?")
_BRACKETED = re.compile(r"\[(?P<archive>[A-Z]{2,8})\s?:\s{0,2}[^\[\]\n]{1,120}\]")
_CLASS = re.compile(
    r"(?:(?P<archive>TNA|PRO|NA|NAA|NARA)[,:]?\s)?(?:[A-Z]{2,4}\s\d{1,4}/[\w/]{1,20}|RG\s\d{1,4}\b.{0,80})"
)
_LABELS = either(
    lambda language: f"{language.documents.source_label}|{language.documents.mark_label}"
)
_LABEL = re.compile(rf"(?:{_LABELS})(?:\s?:|(?<=printed\sin)\b)\s{{0,3}}", re.I)
_MAX_LABELS = 2  # "Source: Printed in ..."
_KEEPS_DOT = re.compile(r"\b(?:об|ob|гг?|вв?|т|и др|и пр|etc)\.$", re.I)


@dataclass(frozen=True, slots=True)
class ShelfMark:
    """A mark and its parts, all as written; `archive` is empty where the mark names none."""

    archive: str
    fond: str | None
    opis: str | None
    delo: str | None
    leaves: str | None
    text: str


def parse(text: str) -> ShelfMark | None:
    """The shelf-mark in `text`, which may have a label and a final full stop but nothing else;
    None where it is not a shelf-mark."""
    if len(text) > 300:
        return None
    mark = strip_label(text)
    if match := _RUSSIAN.fullmatch(mark):
        archive, opis = match["archive"] or "", match["opis"]
        if not (_ACRONYM.fullmatch(archive) or (opis and archive == archive.lower())):
            return None
        leaves = match["leaves"]
        return ShelfMark(archive, match["fond"], opis, match["delo"], leaves, mark)
    match = _BRACKETED.fullmatch(mark) or _CLASS.fullmatch(mark)
    return ShelfMark(match["archive"] or "", None, None, None, None, mark) if match else None


def same(a: str, b: str) -> bool:
    """Whether two marks are equal apart from alphabet, labels of the parts, spaces and dashes."""
    first, second = parse(a), parse(b)
    if first is None or second is None or first.fond is None or second.fond is None:
        return _plain(strip_label(a)) == _plain(strip_label(b)) != ""
    return _parts(first) == _parts(second)


def _parts(mark: ShelfMark) -> tuple[str, ...]:
    parts = (mark.archive, mark.fond, mark.opis, mark.delo)
    return (*(_plain(part or "") for part in parts), _plain(mark.leaves or "", keep="-,"))


def _plain(text: str, keep: str = "") -> str:
    """ASCII letters, digits and the characters to keep, dashes alike."""
    ascii_text = transliterate(re.sub("[–—]", "-", text))
    return "".join(c for c in ascii_text if c.isalnum() or c in keep)


def is_shelfmark(line: str) -> bool:
    """Whether the line is a shelf-mark and nothing else."""
    return parse(line) is not None


def strip_label(text: str) -> str:
    """The text without a label ("Source:", "Архив:", …) in front and a full stop at the end.

    The dot of a final abbreviation stays: "Л. 12 об.", "1931–1936 гг.".
    """
    text = text.strip()
    for _ in range(_MAX_LABELS):
        if label := _LABEL.match(text):
            text = text[label.end() :].strip()
    if text.endswith(".") and not text.endswith("..") and not _KEEPS_DOT.search(text[-12:]):
        text = text[:-1].rstrip()
    return text
