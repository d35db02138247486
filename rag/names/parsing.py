"""A personal name in parts: words, initials, titles."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.languages import either, union

_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*"
_INITIAL = re.compile(r"(?<!\w)(?:Дж|Ch|Ш|Щ|[^\W\d_])\.", re.I)
_TITLES = union(lambda language: language.names.titles)
OFFICES = union(lambda language: language.names.offices)
"""Offices that may stand before a name, or instead of one, in lower case."""

_CONJUNCTION = either(lambda language: language.conjunction)
_BREAK = re.compile(rf"[;/]|,?\s{{1,3}}(?:{_CONJUNCTION})\s|,")
_POSITION_START = re.compile(
    rf"(?:{either(lambda language: language.names.address)})\b|\w{{1,2}}\.", re.I
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts; `titled` if it has a title as well, which is left out."""

    words: tuple[str, ...]
    initials: tuple[str, ...]
    titled: bool


def words_of(name: str) -> tuple[str, ...]:
    """The full words of a name, without initials and titles."""
    return parse_name(name).words


def persons(stored: str) -> int:
    """How many people a stored value names."""
    return len(persons_in(stored))


def persons_in(stored: str) -> list[Name]:
    """The people of a stored value, without the positions that follow their names.

    "Tolstoy, Leo" is one person, and so is a value without titles, initials and semicolons.
    """
    parts = [part.strip() for part in _BREAK.split(stored) if part.strip()]
    if not parts:
        return []
    first = parse_name(parts[0])
    if not first.titled and not first.initials:
        if len(parts) == 2 and "," in stored and len(first.words) == 1:
            return [parse_name(stored.replace(",", " "))]  # "Tolstoy, Leo"
        return (
            [parse_name(stored.replace(",", " "))]
            if ";" not in stored
            else [parse_name(p) for p in parts]
        )
    return [first] + [parse_name(part) for part in parts[1:] if _POSITION_START.match(part)]


def parse_name(text: str) -> Name:
    """The parts of one person's name."""
    initials = tuple(match[0][:-1] for match in _INITIAL.finditer(text) if len(match[0]) <= 3)
    tokens = re.findall(_WORD, _INITIAL.sub(" ", text))
    words = tuple(token for token in tokens if token.lower() not in _TITLES and len(token) > 1)
    single = tuple(token for token in tokens if len(token) == 1 and token.isupper())
    return Name(words, initials + single, len(words) < len(tokens) - len(single))


def has_initials(name: str) -> bool:
    """Whether the name has an initial ("K.")."""
    return _INITIAL.search(name) is not None


def is_title(name: str) -> bool:
    """Whether the name is only a rank or form of address ("Captain")."""
    return all(word.lower() in _TITLES for word in re.findall(r"[^\W\d_]+", name))
