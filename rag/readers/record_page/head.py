"""The head of a record page: navigation, titles, the line of date, `lang:source` pairs and note.

A head is recognised by its pairs, or, without them, by a title that is repeated above the text
with a source beside it. Ordinary text has neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from rag import dates
from rag.readers.record_page.lines import is_labelled, is_navigation, is_rule, plain
from rag.text.detection import is_language
from rag.text.languages import either, union

_MAX_HEAD_LINES = 12  # lines that are not empty, down to the date line
_MAX_TITLE = 400
_PERSON = r"(?:[A-ZА-ЯЁ]\.\s?){1,3}[A-ZА-ЯЁ][\w'’-]{1,40}"
_PAIR = rf"[A-Za-z]{{2}}:(?:{_PERSON}|[^\s;,:/][^\s;,]{{0,80}})"
_DATE_LINE = re.compile(
    rf"(?P<date>.{{0,80}}?)(?:(?<=\s)|(?<=[;,|])|^)(?P<pairs>{_PAIR}(?:[;,]\s?{_PAIR}){{0,7}});?"
    r"(?:\s+(?P<note>\S.{0,200}))?\s*"
)
_UNDATED = re.compile(rf"[\[(]?(?:{either(lambda x: x.record_page.undated)})[\])]?", re.I)
_AI_NOTE = re.compile(rf"\b(?:{either(lambda x: x.record_page.machine_note)})\b", re.I)
_NOTE = re.compile(either(lambda x: x.record_page.translated), re.I)
_WHOLE_NOTE = re.compile(
    r"[\[(]?(?:(?:AI|machine|human)[ -])?translat(?:ed|ion)(?:\s(?:from|by)\s.{2,40})?[\])]?\.?"
    r"|[\[(]?(?:(?:машинный|автоматический|ИИ)[ -])?перевод(?:\sс\s.{2,40})?[\])]?\.?",
    re.I,
)
_MACHINE = union(lambda x: x.documents.machine_translator)
_HUMAN = union(lambda x: x.documents.human_translator)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the text; `end` is the index of the first line below it."""

    titles: tuple[str, ...]
    end: int
    date_text: str | None = None
    pairs: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def slugs(self) -> list[str]:
        """The sources of the pairs that name one ("tom17")."""
        return [value for value in self.pairs.values() if translated_by(value) is None]


def translated_by(value: str) -> Literal["AI", "human"] | None:
    """By whom a version was translated, where the second part of its pair says so.

    A person ("J. Smith") is a translator; the source of an original is a volume.
    """
    lower = value.lower().strip(".")
    human = lower in _HUMAN or re.fullmatch(_PERSON, value)
    return "AI" if lower in _MACHINE else "human" if human else None


def parse_head(lines: Sequence[str]) -> Head | None:
    """The head of a page, or None where these are not the lines of a record page."""
    titles: list[str] = []
    seen = 0
    for n, line in enumerate(lines):
        if not line.strip() or is_rule(line):
            continue
        seen += 1
        if seen > _MAX_HEAD_LINES or len(line) > _MAX_TITLE:
            break
        if is_navigation(line):
            continue
        if head := _date_line(line, tuple(titles), n + 1):
            return _on_lines_of_their_own(head, lines)
        titles.append(line.strip())
    return _head_without_pairs(lines)


def _date_line(line: str, titles: tuple[str, ...], end: int) -> Head | None:
    match = _DATE_LINE.fullmatch(line.strip())
    if not match:
        return None
    pairs: dict[str, str] = {}
    for pair in re.split(r"[;,]\s?", match["pairs"]):
        code, _, value = pair.partition(":")
        if not is_language(code.lower()):
            return None
        pairs[code.lower()] = value
    date = match["date"].strip(" \t\u00a0,;|·—–")
    note = (match["note"] or "").strip()
    if _UNDATED.fullmatch(date):
        date = ""
    if date and not dates.parse(date) and len(pairs) < 2 and not _NOTE.search(note):
        return None
    return Head(titles, end, date or None, pairs, note)


def _on_lines_of_their_own(head: Head, lines: Sequence[str]) -> Head:
    """The head with a date that stands above its pairs, and a note that stands below them."""
    if head.date_text is None and head.titles and (found := dated(head.titles[-1])):
        head = replace(head, titles=head.titles[:-1], date_text=found[0])
    below = next((n for n in range(head.end, len(lines)) if lines[n].strip()), None)
    if not head.note and below is not None and _WHOLE_NOTE.fullmatch(lines[below].strip()):
        head = replace(head, note=lines[below].strip(), end=below + 1)
    return head


def _head_without_pairs(lines: Sequence[str]) -> Head | None:
    """Titles, perhaps a date by itself, then a title again with its source below it."""
    titles: list[str] = []
    known: set[str] = set()
    date_text, note, seen, end = None, "", 0, 0
    for n, line in enumerate(lines):
        if not line.strip() or is_navigation(line) or is_rule(line):
            continue
        seen += 1
        if seen > 6 or len(line) > _MAX_TITLE:
            return None
        if plain(line) in known:
            end = end or n
            sourced = n + 1 < len(lines) and is_labelled(lines[n + 1])
            if sourced or _source_block(lines[n:]):
                return Head(tuple(titles), end, date_text, {}, note)
            return None
        if date_text is None and titles and (date := dated(line)):
            date_text, note = date
            end = n + 1
        elif titles and _UNDATED.fullmatch(line.strip()):
            end = n + 1
        elif titles and not note and _WHOLE_NOTE.fullmatch(line.strip()):
            note, end = line.strip(), n + 1
        else:
            titles.append(line.strip())
            known.add(plain(line))
            # Anything else between the date and the text belongs to the text.
    return None


def dated(line: str) -> tuple[str, str] | None:
    """Date and note of a line that gives a date and no pairs ("1931-11-21 AI translated")."""
    line = line.strip()
    if dates.parse(line):
        return line, ""
    for mention in dates.find(line)[:1]:
        date, note = line[: mention.end].strip(), line[mention.end :].strip()
        if dates.parse(date) and _NOTE.search(note) and len(note) < 60:
            return date, note
    return None


def _source_block(lines: Sequence[str]) -> bool:
    """Is there a rule with a labelled source right below it?"""
    return any(
        is_rule(line) and any(is_labelled(below) for below in lines[n + 1 : n + 3])
        for n, line in enumerate(lines)
    )


def translator(head: Head, lang: str, other: str | None) -> Literal["AI", "human"] | None:
    """Who translated the version in `lang`, None for an original; `other` is the other version's.

    The pair decides. Where no pair names a translation but the note does, the version in the
    note's own language is the translation.
    """
    value = head.pairs.get(lang)
    if value is not None and (by := translated_by(value)):
        return by
    if any(translated_by(value) for value in head.pairs.values()) or not _NOTE.search(head.note):
        return None
    if other is None or other in head.pairs or lang in head.pairs:
        note_lang = "ru" if re.search("[\u0400-\u04ff]", head.note) else "en"
        unpaired = [
            code for code in (lang, other) if code and head.pairs and code not in head.pairs
        ]
        translated = unpaired[0] if len(unpaired) == 1 else note_lang
        if lang != translated:
            return None
    elif lang != "en":
        return None
    return "AI" if _AI_NOTE.search(head.note) else "human"
