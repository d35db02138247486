"""Who writes to whom: the recipient in a title, the author in the signature, both as written.

A Russian recipient stays in the dative of the title; no nominatives are guessed. Not here: who a
person is, and names within the text.
"""

from __future__ import annotations

import re

from rag import dates
from rag.text.english import ENGLISH
from rag.text.languages import either
from rag.text.russian import RUSSIAN

_KINDS = f"(?:{ENGLISH.record_page.kinds})"
_TO = re.compile(rf"\b{_KINDS}\b[^;:]{{0,80}}?\bto\s+(?P<name>\S.{{0,150}})", re.I)
_FROM = re.compile(rf"\b{_KINDS}\s+(?:from|by|of)\s+(?P<from>[A-Z].{{0,80}}?)(?:\s+to\s|,|$)", re.I)
_RUSSIAN_KINDS = f"(?:{RUSSIAN.record_page.kinds})"
_TO_RUSSIAN = re.compile(
    rf"\b{_RUSSIAN_KINDS}(?:\s+записк[аи])?\s+(?:(?:к|для|в|на\s(?:письмо|телеграмму|записку))\s+)?(?P<name>[А-ЯЁ].{{0,150}})",
    re.I,
)
_BETWEEN = re.compile(r"\s+(?:к|ко)\s+(?=[А-ЯЁ])")
_ABOUT = re.compile(
    r"(?<=\w)\s(?:about|concerning|regarding|относительно)\s.*$"
    r"|(?P<person>[A-ZА-ЯЁ]\.\s?[A-ZА-ЯЁ][\w'’-]+|[A-ZА-ЯЁ]\w+(?:\s?[A-ZА-ЯЁ]\.){1,2})\s(?:(?:on|in|at|об?)\s|\().*$"
    r"|(?<=\w)['’]s\s(?:letter|telegram|note|cable)s?[\s,]*$"
)
_NUMBER = re.compile(r"\s(?:№|Nos?\.|Nr\.)\s?\d[\w/-]*")
_BARE_TO = re.compile(
    r"(?P<from>(?:[A-ZА-ЯЁ]\.\s?){1,3}[A-ZА-ЯЁ][\w'’-]+)\s+(?:to|[—–-])\s+(?P<name>[A-ZА-ЯЁ].{0,150})"
)
_CUT = re.compile(
    r"\s*(?:[,(]\s*|\s(?:от|of|dated?|on)\s+)?(?:не\s|до\s|после\s|before\s|after\s|ca?\.\s)?\d.*$"
)
_TAIL = re.compile(r"[\s,.;:(\[–—-]+(?:от|of|dated?|on)?[\s,(\[]*$")
_INITIAL_AT_END = re.compile(r"(?:^|[\s.])[A-ZА-ЯЁ]$")
_INITIALS = re.compile(r"(?<=[A-ZА-ЯЁ]\.)(?=[^\W\d_])")
_PERSON = r"(?:(?:[А-ЯЁ]\.\s?){1,3}[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?|[А-ЯЁ][а-яё]+)"
_TWO_PERSONS = re.compile(rf"(?P<first>{_PERSON})\s+(?P<second>{_PERSON})(?!\w)")
_ADDRESSED = re.compile(
    r"To\s+(?P<name>(?:[A-Z]\.\s?){1,3}[A-Z][\w'’-]+)"
    r"|(?P<dative>(?:[А-ЯЁ]\.\s?){1,3}[А-ЯЁ][а-яё-]+(?:[ую]|ым))"
)
_GENITIVE, _DATIVE = (
    ("а", "я", "ого", "его", "ой", "ых"),
    ("у", "ю", "ому", "ему", "ой", "им", "ым"),
)

MAX_SIGNATURE = 80
_PREFIX = re.compile(
    rf"\(?(?:{either(lambda x: x.record_page.signed)})\)?[.:]?\s+"
    rf"|(?:{either(lambda x: x.record_page.yours)})"
    rf"(?:\s(?:{either(lambda x: x.record_page.yours_truly)}))?,?\s+(?=\S)",
    re.I,
)
_WORD = r"(?:[A-ZА-ЯЁ][\w'’.-]*|[A-ZА-ЯЁ]\.)"
_NAME_LINE = re.compile(
    rf"(?:[а-яёa-z]{{3,20}}\s)?{_WORD}(?:\s?(?:,\s|&\s|\s(?:and|и|van|von|de|der|of|the)\s)?\s?{_WORD}){{0,7}}[.,]?"
)
_CLOSING = re.compile(rf"(?:{either(lambda x: x.record_page.closing)})\W*", re.I)
_OFFICE = re.compile(either(lambda x: x.record_page.office), re.I)
_GREETING = re.compile(
    r"(?:с|with)\s[^.:;]{0,40}(?:приветом|уважением|greetings?|regards|respect),?\s|жму\s(?:вашу\s)?рук[иу][.!,]\s",
    re.I,
)
_DAY = re.compile(
    r"\d{1,2}[\s./-]{1,2}(?:[IVX]{1,4}|(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-я]*"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\.?"
)
_AT_END = re.compile(r"(?:[A-ZА-ЯЁ]\.\s?){1,3}[A-ZА-ЯЁ][\w'’-]+\.?$")
_POSTSCRIPT = re.compile(rf"(?:{either(lambda x: x.record_page.postscript)})", re.I)
_PROSE = re.compile(
    rf"\d|\w{{5}}\.\s|[!?:;«»\"“”]|\b(?:{either(lambda x: x.record_page.verbs)})\b", re.I
)


def recipient(title: str) -> str | None:
    """To whom the title says that the letter went, or None."""
    named = _undated_title(title)
    if match := _TO.search(named) or _BARE_TO.fullmatch(named):
        return _spaced(match["name"]) or None
    if match := _TO_RUSSIAN.search(named):
        name = _BETWEEN.split(match["name"])[-1]
        return _spaced(_second_of_two(name)) or None
    match = _ADDRESSED.fullmatch(named)
    return _spaced(match["name"] or match["dative"]) if match else None


def sender(title: str) -> str | None:
    """From whom the title says that the letter came ("Letter from A. to B."), or None."""
    named = _undated_title(title)
    match = _FROM.search(named) or _BARE_TO.fullmatch(named)
    return _spaced(match["from"]) if match else None


def _undated_title(title: str) -> str:
    """The title up to its date, without what it is about."""
    title = _NUMBER.sub("", title[:400])
    for mention in dates.find(title):
        if mention.start > 8:
            title = title[: mention.start]
            break
    return _trimmed(_ABOUT.sub(r"\g<person>", _CUT.sub("", title)))


def _spaced(name: str) -> str:
    return re.sub(r"\s+", " ", _INITIALS.sub(" ", _trimmed(name.strip())))


def _trimmed(name: str) -> str:
    """Without dangling words and marks: "A. Berg, of", "A. Berg." ("Berg A." keeps its dot)."""
    short = _TAIL.sub("", name)
    dotted = name[len(short) :].startswith(".") and _INITIAL_AT_END.search(short)
    return short + "." if dotted else short


def _second_of_two(names: str) -> str:
    """Of "И. В. Иванова П. П. Петрову" (whose, to whom) the second, and who follows."""
    if match := _TWO_PERSONS.match(names):
        first, second = match["first"], match["second"]
        plain = first.endswith(("а", "я", "го")) and second.endswith(("у", "ю"))
        if plain or ("." in first + second and first.endswith(_GENITIVE)):
            return names[match.start("second") :] if second.endswith(_DATIVE) else names
    return names


def author(text: str) -> str | None:
    """The names signed under a text, joined by "; ", or None where no signature is certain."""
    lines = [line.strip() for line in text[-4000:].split("\n")]
    if len(text) > 4000:
        del lines[0]
    lines = [line for line in lines if line]
    if len(lines) > 2 and _names_office(lines[-1]) and _signed(_undated(lines[-2])):
        lines.pop()
    for n in range(max(1, len(lines) - 8), len(lines)):
        if _POSTSCRIPT.match(lines[n]):
            lines = lines[:n]
            break
    names: list[str] = []
    while len(lines) > 1:
        line = _undated(lines.pop())
        if line == "" and not names:
            continue
        signed = _signed(line)
        if not signed:
            break
        names = signed + names
    return "; ".join(names) or None


def _names_office(line: str) -> bool:
    """ "Head of the Granary" below a signature."""
    short = len(line) <= MAX_SIGNATURE and not line.endswith((".", "!", "?"))
    return short and _OFFICE.match(line) is not None and _AT_END.search(line) is None


def _undated(line: str) -> str:
    """The line without the date (and place before it) on it."""
    if dates.parse(line) or _DAY.fullmatch(line):
        return ""
    mentions = dates.find(line) if len(line) <= 2 * MAX_SIGNATURE else []
    if not mentions:
        return line
    before, after = line[: mentions[0].start], line[mentions[-1].end :]
    if after.strip(" .)]") or len(before) > MAX_SIGNATURE:
        return line
    name = before.strip(" ,.([—–-")
    is_place = before.rstrip().endswith(",") or re.match(r"(?:г|гор|с|ст)\.\s", before)
    return "" if is_place and not re.search(r"[A-ZА-ЯЁ]\.", name) else before.strip(" ,([—–-")


def _signed(line: str) -> list[str]:
    """The names on a line that holds nothing else."""
    line = _PREFIX.sub("", line.strip().lstrip("—– "))
    begins = len(line) <= 2 * MAX_SIGNATURE and (_OFFICE.match(line) or _GREETING.match(line))
    if begins and (officer := _AT_END.search(line)):
        return [_spaced(_ended(officer[0]))]
    if not line or len(line) > MAX_SIGNATURE or _CLOSING.fullmatch(line) or _PROSE.search(line):
        return []
    columns = re.split(r"\s{3,}|\t+", line)
    several = [name for column in columns for name in _by_commas(column)]
    if not all(_NAME_LINE.fullmatch(name) for name in several):
        return []
    return [_spaced(_ended(name)) for name in several]


def _by_commas(column: str) -> list[str]:
    names = re.split(r",\s+", column.rstrip(","))
    surnamed = [re.search(r"[A-ZА-ЯЁ]\.\s?[A-ZА-ЯЁ]\w", name) for name in names]
    return names if len(names) > 1 and all(surnamed) else [column.rstrip(",")]


def _ended(name: str) -> str:
    """Without a full stop, unless an initial or abbreviation ends the name."""
    return name[:-1] if re.search(r"\w{3}\.$", name) else name
