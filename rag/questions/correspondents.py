"""Who is the sender and who the recipient of the documents that a question is about.

English shows it by prepositions, the possessive and the place of the name beside the verb; Russian
by prepositions and the case of the name: after a document word the genitive is the sender and
the dative the recipient ("письмо Сталина Ворошилову"), beside a verb of writing the nominative
is the sender.

Not here: whether such a person wrote or received anything (`rag.questions.constraints`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.names.mentions import ADDRESS, NAMES, without_common
from rag.records.document_types import ANY_DOCUMENT_WORD, THING
from rag.text.english import ENGLISH
from rag.text.language import WordSet, words
from rag.text.russian import RUSSIAN

Field = Literal["author", "recipient", "place"]


@dataclass(frozen=True, slots=True)
class Role:
    """A name as the question has it; `firm` where it belongs to a document word."""

    field: Field
    name: str
    firm: bool


# English: each role by a pattern with the name as the group `n`.
_DOCUMENT = ANY_DOCUMENT_WORD
_LEAD = rf"(?:the\s)?(?:[a-z]{{3,12}}\s)?(?:{ADDRESS}\s)*"  # "the", "captain", "Mrs."
_OFFICE = "|".join(sorted(word.capitalize() for word in ENGLISH.names.offices))
_WHO = rf"(?:(?:{_OFFICE})\sof\s(?:the\s)?{NAMES}|{NAMES})"  # "Governor of Malta"
_WROTE, _WRITE = ENGLISH.verbs.wrote, ENGLISH.verbs.write
_CLAUSE = rf"(?:\b{ADDRESS}|[^.?!;:\"«“])"
_DOCUMENT_BEFORE = rf"\b(?i:{_DOCUMENT})\b{_CLAUSE}{{0,50}}?\b"
_ENGLISH: tuple[tuple[Field, bool, str], ...] = (
    ("author", True, rf"(?P<n>{_WHO})['’]s?\s(?:[\w.]+\s){{0,5}}?(?i:{_DOCUMENT})\b"),
    (
        "recipient",
        True,
        rf"\b(?i:{_DOCUMENT})\b(?:(?!\bto\b){_CLAUSE}){{0,50}}\bto\s{_LEAD}(?P<n>{_WHO})",
    ),
    ("author", True, rf"{_DOCUMENT_BEFORE}(?:from|by)\s{_LEAD}(?P<n>{_WHO})"),
    ("author", True, rf"\b(?i:{_DOCUMENT})\sof\s{_LEAD}(?P<n>{_WHO})"),
    (
        "place",
        True,
        rf"{_DOCUMENT_BEFORE}(?:from|(?:written|sent|dated)\s(?:in|at|from))\s(?P<n>{_WHO})",
    ),
    (
        "author",
        False,
        rf"\b(?i:did|does|had|has)\s{_LEAD}(?P<n>{_WHO})\s(?:ever\s|not\s)?(?:{_WRITE}|send)\b",
    ),
    ("author", False, rf"(?P<n>{_WHO})\s(?:{_WROTE}|writes)\b"),
    (
        "recipient",
        False,
        rf"\b(?:{_WRITE}|{_WROTE})\b{_CLAUSE}{{0,40}}?\bto\s{_LEAD}(?P<n>{_WHO})",
    ),
    (
        "recipient",
        True,
        rf"{_DOCUMENT_BEFORE}(?i:did|does|has)\s{_LEAD}(?P<n>{_WHO})\s(?:ever\s)?(?:receive|get)\b",
    ),
    ("recipient", True, rf"{_DOCUMENT_BEFORE}{_LEAD}(?P<n>{_WHO})\s(?:received|got)\b"),
    ("recipient", False, rf"\b(?:{_WRITE}|{_WROTE}|send|sent)\s(?P<n>{_WHO})"),
)
_PATTERNS = tuple((field, firm, re.compile(pattern)) for field, firm, pattern in _ENGLISH)

_TELL, _TOLD = ENGLISH.verbs.tell, ENGLISH.verbs.told
_TELL_TO, _TOLD_TO = ENGLISH.verbs.tell_to, ENGLISH.verbs.told_to
_SPOKEN = (
    re.compile(
        rf"\b(?i:did|does|had|has)\s{_LEAD}(?P<by>{NAMES})\s(?:ever\s|not\s)?"
        rf"(?:{_TELL}|{_TOLD}|(?:{_TELL_TO}|{_TOLD_TO})\sto)\s{_LEAD}(?P<to>{NAMES})"
    ),
    re.compile(rf"(?P<by>{NAMES})\s(?:{_TOLD}|(?:{_TOLD_TO})\sto)\s{_LEAD}(?P<to>{NAMES})"),
)
_WRITES = re.compile(rf"\b(?:{_WRITE}|{_WROTE}|signed)\b", re.I)

# Russian: a name's role follows from its case, its preposition and the words it stands near.
_WROTE_RU = re.compile(rf"\b(?:{RUSSIAN.verbs.wrote})\b", re.I)
_WRITTEN_RU = re.compile(rf"\b(?:{RUSSIAN.verbs.written})\b", re.I)
_TOLD_RU = re.compile(rf"\b(?:{RUSSIAN.verbs.told})\b", re.I)
_CYRILLIC = re.compile("[а-яё]", re.I)
_NAME = re.compile(NAMES)
_NAME_PART = re.compile(r"(?:[^\W\d_]\.\s?)*[^\W\d_]+(?:-[^\W\d_]+)*(?:\s(?:[^\W\d_]\.\s?)+)?")
_CASES = (
    ("dative", re.compile(r"(?:ому|ему|[ую])$")),
    ("genitive", re.compile(r"(?:ого|его|[аяы])$")),
    ("instrumental", re.compile(r"(?:ым|им|ом|ем|ём)$")),
    ("feminine", re.compile(r"ой$")),
)
"""The case of a name by its ending, the first that fits; the nominative has none of them."""

_MAX_GAP = 45
"""Characters between a document word or verb and the name that belongs to it."""

_OTHER_PREPOSITIONS = words(
    "о об обо про в во на для до по за при под над без через между перед у и с со"
)
"""Words before a name that say that it is neither a sender nor a recipient."""

Near = Literal["document", "verb", "feminine verb", "passive", "document_before_dative"]
"""What stands near a name: a document word in front of it, or a verb of writing."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """Names in this case or behind these prepositions have this role, if near any of `near`."""

    field: Field | None
    near: frozenset[Near] | None = None  # None: anywhere
    case: str | None = None
    prepositions: WordSet | None = None

    def fits(self, name: _Cased, near: frozenset[Near]) -> bool:
        return (
            (self.near is None or not self.near.isdisjoint(near))
            and self.case in (None, name.case)
            and (self.prepositions is None or name.before in self.prepositions)
        )


def _any_of(*near: Near) -> frozenset[Near]:
    return frozenset(near)


_RULES = (
    _Rule("place", _any_of("document", "passive"), prepositions=words("из с со")),
    _Rule("author", _any_of("document", "verb", "passive"), prepositions=words("от")),
    _Rule("recipient", _any_of("document", "verb"), prepositions=words("к")),
    _Rule(None, prepositions=_OTHER_PREPOSITIONS | {"из"}),
    _Rule("recipient", _any_of("document", "verb", "passive"), case="dative"),
    # After a feminine verb what looks like a genitive is the nominative of a woman's name.
    _Rule("author", _any_of("document", "feminine verb"), case="genitive"),
    _Rule("author", _any_of("document_before_dative"), case="feminine"),
    _Rule("author", _any_of("document", "passive"), case="instrumental"),
    _Rule("author", _any_of("verb"), case="nominative"),
)
"""The first rule that fits a Russian name gives its role."""


def writes(text: str) -> bool:
    """Whether the question is about somebody writing something."""
    return any(pattern.search(text) for pattern in (_WRITES, _WROTE_RU, _WRITTEN_RU))


def spoken(text: str) -> tuple[str, str] | None:
    """Who says something to whom in the question, orally or in writing; None where nobody does."""
    for pattern in _SPOKEN:
        if match := pattern.search(text):
            by, to = (without_common(match[name].strip()) for name in ("by", "to"))
            if by and to:
                return by, to
    verbs = [match.span() for match in _TOLD_RU.finditer(text)]
    near = [
        name
        for name in (_cased(text) if verbs else ())
        if name.before not in _OTHER_PREPOSITIONS and _is_near(name, verbs, text)
    ]
    by = next((name.name for name in near if name.case == "nominative"), "")
    to = next((name.name for name in near if name.case == "dative"), "")
    return (by, to) if by and to else None


def roles(text: str) -> list[Role]:
    """The roles that the question gives to names, the firm ones first."""
    return sorted(dict.fromkeys((*_english(text), *_russian(text))), key=lambda role: not role.firm)


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
    documents = [m.end() for m in THING.finditer(text) if _CYRILLIC.search(m[0])]
    verbs = [match.span() for match in _WROTE_RU.finditer(text)]
    passive = [match.span() for match in _WRITTEN_RU.finditer(text)]
    found = list(_cased(text))
    senders = 0
    for n, name in enumerate(found):
        near: set[Near] = set()
        if any(
            0 <= name.start - end <= _MAX_GAP and _is_one_clause(text[end : name.start])
            for end in documents
        ):
            near.add("document")
            if found[n + 1 : n + 2] and found[n + 1].case == "dative":
                near.add("document_before_dative")
        for span in verbs:
            if _is_near(name, [span], text):
                near.add("verb")
                if text[slice(*span)].endswith("ла"):
                    near.add("feminine verb")
        if _is_near(name, passive, text):
            near.add("passive")
        field = _role(name, frozenset(near))
        if field == "author":
            senders += 1
            if senders > 1 and name.case == "nominative":
                field = "recipient"  # a name that is not declined: "написала Жаклин Кеннеди"
        if field:
            yield Role(field, name.name, "document" in near)


def _role(name: _Cased, near: frozenset[Near]) -> Field | None:
    return next((rule.field for rule in _RULES if rule.fits(name, near)), None)


def _is_one_clause(between: str) -> bool:
    return not re.search(r"[?!;:,«»\"“”]", between)


def _is_near(name: _Cased, spans: list[tuple[int, int]], text: str) -> bool:
    """Whether the name is near one of the words at `spans`, in the same clause."""
    for span in spans:
        first, last = sorted((span, (name.start, name.end)))
        between = text[first[1] : last[0]]
        if len(between) <= _MAX_GAP and _is_one_clause(between):
            return True
    return False


def _cased(text: str) -> Iterator[_Cased]:
    """Names in Cyrillic; words side by side in different cases are different people."""
    for match in _NAME.finditer(text):
        if not _CYRILLIC.search(match[0]):
            continue
        before = re.search(r"(\w+)\s$", text[max(0, match.start() - 12) : match.start()])
        preposition = before[1].lower() if before else ""
        group: list[re.Match[str]] = []
        for part in _NAME_PART.finditer(text, match.start(), match.end()):
            if not without_common(part[0]):
                continue
            if group and _case(part[0]) != _case(group[-1][0]):
                yield _joined(group, preposition)
                group, preposition = [], ""
            group.append(part)
        if group:
            yield _joined(group, preposition)


def _joined(group: list[re.Match[str]], before: str) -> _Cased:
    name = " ".join(part[0].strip() for part in group)
    return _Cased(group[0].start(), group[-1].end(), name, _case(group[-1][0]), before)


def _case(name: str) -> str:
    word = re.findall(r"[^\W\d_]{2,}", name)[-1].lower()
    return next((case for case, ending in _CASES if ending.search(word)), "nominative")
