"""Who is the sender and who the recipient of the documents that a question is about.

English says it by prepositions, the possessive and the place of the name beside the verb; Russian
by prepositions and the case of the name: after a document word the genitive is the sender and
the dative the recipient ("письмо Сталина Ворошилову"), beside a verb of writing the nominative
is the sender.

Not here: whether such a person wrote or received anything (`rag.constraints`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.names.mentions import NAMES, without_common
from rag.records.document_types import DOCUMENT_WORDS

Field = Literal["author", "recipient", "place"]

_THING = "|".join(DOCUMENT_WORDS.values())
_LEAD = r"(?:the\s)?(?:[a-z]{3,12}\s)?"  # "the", "captain"
_WROTE_EN = r"wrote|cabled|wired|telegraphed"
_WRITE_EN = r"write|written|cable|wire|telegraph"
_CLAUSE = r"[^.?!;:\"«“]"
_BY_A_THING = rf"\b(?i:{_THING})\b{_CLAUSE}{{0,50}}?\b"
_ENGLISH: tuple[tuple[Field, bool, str], ...] = (
    ("author", True, rf"(?P<n>{NAMES})['’]s?\s(?:[\w.]+\s){{0,5}}?(?i:{_THING})\b"),
    (
        "recipient",
        True,
        rf"\b(?i:{_THING})\b(?:(?!\bto\b){_CLAUSE}){{0,50}}\bto\s{_LEAD}(?P<n>{NAMES})",
    ),
    ("author", True, rf"{_BY_A_THING}(?:from|by)\s{_LEAD}(?P<n>{NAMES})"),
    (
        "place",
        True,
        rf"{_BY_A_THING}(?:from|(?:written|sent|dated)\s(?:in|at|from))\s(?P<n>{NAMES})",
    ),
    (
        "author",
        False,
        rf"\b(?i:did|does|had|has)\s{_LEAD}(?P<n>{NAMES})\s(?:ever\s|not\s)?(?:{_WRITE_EN}|send)\b",
    ),
    ("author", False, rf"(?P<n>{NAMES})\s(?:{_WROTE_EN}|writes)\b"),
    (
        "recipient",
        False,
        rf"\b(?:{_WRITE_EN}|{_WROTE_EN})\b{_CLAUSE}{{0,40}}?\bto\s{_LEAD}(?P<n>{NAMES})",
    ),
    ("recipient", False, rf"\b(?:{_WRITE_EN}|{_WROTE_EN}|send|sent)\s(?P<n>{NAMES})"),
)
_PATTERNS = tuple((field, firm, re.compile(pattern)) for field, firm, pattern in _ENGLISH)

_TELL = r"tell|inform|advise|assure|warn|answer|ask|urge|promise"
_TOLD = r"told|informed|advised|assured|warned|answered|asked|urged|promised"
_TELL_TO = r"reply|respond|report|explain|suggest|propose"
_TOLD_TO = r"replied|responded|reported|explained|suggested|proposed"
_SPOKEN = (
    re.compile(
        rf"\b(?i:did|does|had|has)\s{_LEAD}(?P<by>{NAMES})\s(?:ever\s|not\s)?"
        rf"(?:{_TELL}|{_TOLD}|(?:{_TELL_TO}|{_TOLD_TO})\sto)\s{_LEAD}(?P<to>{NAMES})"
    ),
    re.compile(rf"(?P<by>{NAMES})\s(?:{_TOLD}|(?:{_TOLD_TO})\sto)\s{_LEAD}(?P<to>{NAMES})"),
)
_SPOKE = re.compile(
    r"\b(?:сообщил|ответил|отвечал|доложил|сказал|рассказал|говорил|предложил|поручил|велел"
    r"|приказал|обещал|советовал)[аи]?\b",
    re.I,
)

_WROTE = re.compile(
    r"\b(?:(?:на)?писал|отправил|прислал|послал|телеграфировал)[аи]?\b|\bпишет\b", re.I
)
_WRITES = re.compile(rf"\b(?:{_WRITE_EN}|{_WROTE_EN}|signed)\b", re.I)
_WRITTEN = re.compile(
    r"\b(?:написан|отправлен|подписан)\w*\b|\bпослан(?:[аоы]|н(?:ый|ая|ое|ые|ую|ого|ой|ых|ым))?\b",
    re.I,
)
_THING_RU = re.compile(rf"\b(?:{_THING})\b", re.I)
_NAME = re.compile(NAMES)
_ONE = re.compile(r"(?:[^\W\d_]\.\s?)*[^\W\d_]+(?:-[^\W\d_]+)*(?:\s(?:[^\W\d_]\.\s?)+)?")
_CASES = (
    ("dative", re.compile(r"(?:ому|ему|[ую])$")),
    ("genitive", re.compile(r"(?:ого|его|[аяы])$")),
    ("instrumental", re.compile(r"(?:ым|им|ом|ем|ём)$")),
    ("feminine", re.compile(r"ой$")),
)
_NEAR = 45
"""Letters between a document word or verb and the name that belongs to it."""


@dataclass(frozen=True, slots=True)
class Role:
    """A name as the question has it; `firm` where it belongs to a document word."""

    field: Field
    name: str
    firm: bool


def writes(text: str) -> bool:
    """Whether the question speaks of somebody's writing."""
    return bool(_WRITES.search(text) or _WROTE.search(text) or _WRITTEN.search(text))


def spoken(text: str) -> tuple[str, str] | None:
    """Who says something to whom in the question, by mouth or in writing."""
    for pattern in _SPOKEN:
        if match := pattern.search(text):
            by, to = (without_common(match[name].strip()) for name in ("by", "to"))
            if by and to:
                return by, to
    verbs = [m.span() for m in _SPOKE.finditer(text)]
    near = [
        item
        for item in (_cased(text) if verbs else ())
        if item.before not in _PREPOSITIONS and any(_gap(item, v, text) <= _NEAR for v in verbs)
    ]
    by = next((item.name for item in near if item.case == "nominative"), "")
    to = next((item.name for item in near if item.case == "dative"), "")
    return (by, to) if by and to else None


def roles(text: str) -> list[Role]:
    """The roles that the question gives to names, the surest first."""
    return sorted(dict.fromkeys((*_english(text), *_russian(text))), key=_by_firmness)


def _by_firmness(role: Role) -> bool:
    return not role.firm


def _english(text: str) -> Iterator[Role]:
    for field, firm, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            name = re.sub(r"['’]s?$", "", match["n"].strip())
            if name := without_common(name):
                yield Role(field, name, firm)


@dataclass(frozen=True, slots=True)
class _Cased:
    """A Russian name of one or more words in one case, at its place in the question."""

    start: int
    end: int
    name: str
    case: str
    before: str  # the preposition, or other word, before it


def _russian(text: str) -> Iterator[Role]:
    things = [m.end() for m in _THING_RU.finditer(text) if re.search("[а-яё]", m[0], re.I)]
    verbs = [m.span() for m in _WROTE.finditer(text)]
    passive = [m.span() for m in _WRITTEN.finditer(text)]
    found = list(_cased(text))
    senders = 0
    for n, item in enumerate(found):
        follows = any(
            0 <= item.start - end <= _NEAR and _plain(text[end : item.start]) for end in things
        )
        near = [text[slice(*span)] for span in verbs if _gap(item, span, text) <= _NEAR]
        written = any(_gap(item, span, text) <= _NEAR for span in passive)
        field = _field(item, found[n + 1 : n + 2], follows, near, written)
        if field == "author":
            senders += 1
            if senders > 1 and item.case == "nominative":
                field = "recipient"  # a name that has no cases: "написала Жаклин Кеннеди"
        if field:
            yield Role(field, item.name, follows)


def _field(
    item: _Cased, then: list[_Cased], follows: bool, near: list[str], written: bool
) -> Field | None:
    """The role of a name, None where it has none; `near` are the verbs of writing beside it."""
    beside = bool(near)
    if item.before in ("из", "с", "со"):
        return "place" if follows or written else None
    if item.before == "от" and (follows or beside or written):
        return "author"
    if item.before == "к" and (follows or beside):
        return "recipient"
    if item.before in _PREPOSITIONS:
        return None
    if item.case == "dative" and (follows or beside or written):
        return "recipient"
    if item.case == "genitive" and (follows or any(verb.endswith("ла") for verb in near)):
        return "author"  # after a feminine verb it is the nominative of a woman's name
    if item.case == "feminine" and follows:
        return "author" if then and then[0].case == "dative" else None
    if item.case == "instrumental" and (written or follows):
        return "author"
    return "author" if item.case == "nominative" and beside else None


_WITH = """
о об обо про в во на для до по за при под над без через между перед у и с со
"""
_PREPOSITIONS = frozenset(_WITH.split())


def _plain(between: str) -> bool:
    """Whether one clause joins a document word and a name."""
    return not re.search(r"[?!;:,«»\"“”]", between)


def _gap(item: _Cased, span: tuple[int, int], text: str) -> int:
    """Letters between a name and a verb of the same clause; many where it is another clause."""
    first, last = sorted((span, (item.start, item.end)))
    between = text[first[1] : last[0]]
    return len(between) if _plain(between) else len(text) + _NEAR + 1


def _cased(text: str) -> Iterator[_Cased]:
    """Names in Cyrillic; words side by side in different cases are different people."""
    for match in _NAME.finditer(text):
        if not re.search("[а-яё]", match[0], re.I):
            continue
        before = re.search(r"(\w+)\s$", text[max(0, match.start() - 12) : match.start()])
        preposition = before[1].lower() if before else ""
        group: list[re.Match[str]] = []
        for word in _ONE.finditer(text, match.start(), match.end()):
            if not without_common(word[0]):
                continue
            if group and _case(word[0]) != _case(group[-1][0]):
                yield _of(group, preposition)
                group, preposition = [], ""
            group.append(word)
        if group:
            yield _of(group, preposition)


def _of(group: list[re.Match[str]], before: str) -> _Cased:
    name = " ".join(word[0].strip() for word in group)
    return _Cased(group[0].start(), group[-1].end(), name, _case(group[-1][0]), before)


def _case(name: str) -> str:
    word = re.findall(r"[^\W\d_]{2,}", name)[-1].lower()
    return next((case for case, ending in _CASES if ending.search(word)), "nominative")
