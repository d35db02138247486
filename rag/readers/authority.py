"""The file `people.yaml`: reading and checking it. Keeping what it says: `rag.names.authority`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag import names
from rag.errors import ReadError
from rag.names.authority import Person
from rag.readers.encoding import decode
from rag.readers.source import SourceFile
from rag.readers.yaml_mapping import MAX_YAML, mapping

FILES = ("people.yaml", "people.yml")
_FIELDS = ("name", "aliases", "transliterations", "dates", "note")
_MAX_BYTES = 4 * MAX_YAML
_EXAMPLE = "write `- name: K. E. Voroshilov` and `aliases: [Klim, Клим]` below it"


def is_authority(path: Path) -> bool:
    """Whether the file is one by its name."""
    return path.name.lower() in FILES


def read(source: SourceFile) -> list[Person]:
    """The people of an authority file. ReadError says what is wrong and how to correct it."""
    text = decode(source.read(_MAX_BYTES))
    bare = text.lstrip("\ufeff \t\r\n").startswith("- ")  # a list without "people:" above it
    try:
        given = mapping(f"people:\n{text}" if bare else text)
    except ReadError as error:
        line = error.line - 1 if bare and error.line else error.line
        raise ReadError(error.error, line) from error
    entries = given.get("people") if "people" in given else _listed(given)
    if entries is not None and not isinstance(entries, list):
        raise ReadError(f"`people` is not a list; {_EXAMPLE}")
    persons = [_person(entry, n) for n, entry in enumerate(entries or [], 1)]
    seen: set[tuple[str, str | None]] = set()
    for person in persons:
        if (person.name, person.dates) in seen:
            raise ReadError(f"two entries are called {person.name!r}; distinguish them by `dates`")
        seen.add((person.name, person.dates))
    return persons


def _listed(given: Mapping[str, Any]) -> list[Any]:
    """The short form, names with their aliases: `K. E. Voroshilov: [Klim, Клим]`."""
    return [
        {"name": name, **value} if isinstance(value, dict) else {"name": name, "aliases": value}
        for name, value in given.items()
    ]


def _person(entry: Any, n: int) -> Person:
    if isinstance(entry, str):
        entry = {"name": entry}
    if not isinstance(entry, dict):
        raise ReadError(f"entry {n} is not a person; {_EXAMPLE}")
    unknown = sorted(set(entry) - set(_FIELDS))
    if unknown:
        known = ", ".join(_FIELDS)
        raise ReadError(f"entry {n}: no field is called {unknown[0]!r}; known are {known}")
    name = entry.get("name")
    if not isinstance(name, str) or not names.words_of(name):
        raise ReadError(f"entry {n} has no name with a word in it; {_EXAMPLE}")
    aliases: list[str] = []
    for field in ("aliases", "transliterations"):
        value = entry.get(field) or []
        for alias in [value] if isinstance(value, str) else value:
            if not isinstance(alias, str) or not names.words_of(alias):
                raise ReadError(f"entry {n} ({name}): {field} must be names; {_EXAMPLE}")
            aliases.append(alias)
    for field in ("dates", "note"):
        if not isinstance(entry.get(field) or "", str):
            raise ReadError(f"entry {n} ({name}): {field} must be text")
    distinct = tuple(dict.fromkeys(alias for alias in aliases if alias != name))
    return Person(name, distinct, entry.get("dates"), entry.get("note"))
