"""The authority file `people.yaml`: who is meant by which name.

A file lists people, each with the names by which documents and readers call them:

    people:
      - name: К. Е. Ворошилов
        aliases: [Klim, Клим, K. E. Voroshilov]
        dates: 1881–1969
        note: People's Commissar

What the files say is kept in the store, file by file, so that a question needs no file. Where a
name as written may mean two people, neither is taken: namesakes are never merged.

Not here: reading the file (`rag.readers.authority`); who is meant by "he" or by an office; the
comparison of two names (`rag.names.matching`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from index_store.store import IndexStore
from rag import names

_KEPT = "people"  # its name in the store


@dataclass(frozen=True, slots=True)
class Person:
    """A person: the name to show, the other names, and what tells them from a namesake."""

    name: str
    aliases: tuple[str, ...] = ()
    dates: str | None = None
    note: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    def goes_by(self, text: str) -> bool:
        """Whether the text may name the person; a name of one word must match as written."""
        return any(
            names.same_name(text, name) and (_is_full(name) or names.same_spelling(name, text))
            for name in self.names
        )

    def is_written(self, text: str) -> bool:
        """Whether the text is one of the person's names, in any case and either alphabet."""
        return any(names.same_spelling(name, text) for name in self.names)


def _is_full(name: str) -> bool:
    return len(names.words_of(name)) > 1 or names.has_initials(name)


@dataclass(frozen=True)
class People:
    """All people known to a store."""

    persons: tuple[Person, ...] = ()

    @cached_property
    def _keys(self) -> tuple[tuple[Person, frozenset[str]], ...]:
        return tuple((p, frozenset[str]().union(*map(names.keys, p.names))) for p in self.persons)

    @cached_property
    def _find(self) -> Callable[[str], tuple[Person, ...]]:
        return lru_cache(maxsize=4096)(self._known)

    def known(self, text: str) -> tuple[Person, ...]:
        """The persons whom a name may mean: exact matches, else compatible ones."""
        found: tuple[Person, ...] = self._find(text)
        return found

    def _known(self, text: str) -> tuple[Person, ...]:
        keys = names.keys(text)
        likely = [person for person, person_keys in self._keys if keys & person_keys]
        written = tuple(person for person in likely if person.is_written(text))
        return written or tuple(person for person in likely if person.goes_by(text))

    def who(self, text: str) -> Person | None:
        """The one person whom the name means; None where there is none, or several."""
        known = self.known(text)
        return known[0] if len(known) == 1 and names.persons(text) == 1 else None

    def same(self, typed: str, stored: str) -> bool:
        """Does the name that a reader typed mean the person stored?

        By the authority file where it knows both, else by `names.same_name`.
        """
        wanted = self.known(typed)
        holders = self.known(stored) if wanted else ()
        if holders:
            return any(person in wanted for person in holders)
        return names.same_name(typed, stored)

    def meant(self, typed: str, stored: Sequence[str]) -> tuple[str, ...]:
        """Those of the stored names, in their order, that the typed one means."""
        known = (name for person in self.known(typed) for name in person.names)
        likely = names.likely((typed, *known), stored)
        return tuple(name for name in likely if self.same(typed, name))


def load(store: IndexStore) -> People:
    """The people that the store knows."""
    return _people(store.kept(_KEPT) or "{}")


@lru_cache(maxsize=2)
def _people(kept: str) -> People:
    merged: dict[Person, None] = {}
    for persons in json.loads(kept).values():
        for given in persons:
            merged[Person(**{**given, "aliases": tuple(given["aliases"])})] = None
    return People(tuple(merged))


def keep(store: IndexStore, path: Path, persons: Sequence[Person]) -> None:
    """Put what a file says into the store, in place of what it said before."""
    kept = json.loads(store.kept(_KEPT) or "{}")
    kept[str(path)] = [asdict(person) for person in persons]
    store.keep(_KEPT, _dumped(kept))


def forget(store: IndexStore, path: Path) -> None:
    """Remove what a deleted file said."""
    kept = json.loads(store.kept(_KEPT) or "{}")
    if kept.pop(str(path), None) is not None:
        store.keep(_KEPT, _dumped(kept))


def _dumped(kept: object) -> str:
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)
