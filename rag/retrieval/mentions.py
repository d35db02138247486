"""Every place where a document mentions a name or words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index_store.analysis.stemming import query_stems, stems
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import names
from rag.names.authority import People, Person

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_BETWEEN = re.compile(r"[\s.]{1,3}(?:[^\W\d_]\.\s?){0,3}")
_INITIALS_BEFORE = re.compile(r"(?:[^\W\d_]{1,2}\.\s?){1,3}$")
_INITIALS_BEHIND = re.compile(r"\s?(?:[^\W\d_]{1,2}\.\s?){1,3}")


@dataclass(frozen=True, slots=True)
class Place:
    """A document of the list, without its text, and where it mentions what was asked for."""

    document: Document
    mentions: tuple[tuple[int, int], ...] = ()


def mentioning(target: str, allowed: Filter, store: IndexStore, people: People) -> list[Place]:
    """Documents whose text names the person or has the words, each place verified in the text."""
    named = names.names_in(f"x {target}")
    if named and any(word[0].isupper() for word in _WORD.findall(target)):
        mentioned = _Name(target, people)
        groups = [mentioned.groups(store.capitalised())]
    else:
        mentioned = None
        groups = [[stem] for stem in dict.fromkeys(query_stems(target))]
    ids = store.holding(groups, allowed)
    found = []
    for listed in store.documents(replace(allowed, documents=tuple(ids))) if ids else []:
        text = store.document(listed.document_id).text
        places = tuple(mentioned.places(text) if mentioned else _words(groups, text))
        if places:
            found.append(Place(listed, places))
    return found


def _words(groups: Sequence[Sequence[str]], text: str) -> Iterator[tuple[int, int]]:
    """Where the first of the stems stands."""
    for match in _WORD.finditer(text):
        if set(stems(match[0])) & set(groups[0]):
            yield match.span()


class _Name:
    """A name that texts may have in any case and alphabet, under any name that its person has."""

    def __init__(self, target: str, people: People) -> None:
        self._people = people
        self._wanted: tuple[Person, ...] = people.known(target)
        every = [target, *(name for person in self._wanted for name in person.names)]
        self._forms = [words for form in dict.fromkeys(every) if (words := names.words_of(form))]
        self._target = target

    def groups(self, vocabulary: frozenset[str]) -> list[str]:
        """Stems of the words of `vocabulary` that may be the last word of a form."""
        last = {form[-1] for form in self._forms}
        keys = frozenset[str]().union(*map(names.keys, last))
        likely = (word for word in vocabulary if names.keys(word) & keys)
        alike = {w for w in likely if any(names.same_word(form, w) for form in last)}
        return sorted({stem for word in {*alike, *last} for stem in stems(word)})

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Stretches that name the person, in order, each once."""
        words = list(_WORD.finditer(text))
        end = -1
        for n, match in enumerate(words):
            if match.start() < end:
                continue
            for form in sorted(self._forms, key=len, reverse=True):
                last = _run(words, n, form, text)
                if last is not None and self._may_be(text, match.start(), last):
                    yield match.start(), last
                    end = last
                    break

    def _may_be(self, text: str, start: int, end: int) -> bool:
        """Whether the initials beside the name, and the authority file, do not say otherwise."""
        before = _INITIALS_BEFORE.search(text[max(0, start - 12) : start])
        behind = _INITIALS_BEHIND.match(text[end : end + 12]) if not before else None
        initials = before[0] if before else behind[0] if behind else ""
        written = f"{initials} {text[start:end]}".strip()
        if self._wanted:
            holders = self._people.known(written)
            # A surname that a namesake shares does not say who is meant.
            return not holders or all(person in self._wanted for person in holders)
        return (
            not initials
            or names.same_name(written, self._target)
            or names.same_name(self._target, written)
        )


def _run(words: Sequence[re.Match[str]], at: int, form: Sequence[str], text: str) -> int | None:
    """The end of the words from `at` on that are the form, initials allowed between."""
    if at + len(form) > len(words):
        return None
    for n, wanted in enumerate(form):
        word = words[at + n]
        if wanted[0].isupper() and not word[0][0].isupper():
            return None
        if not names.same_word(wanted, word[0]):
            return None
        if n and not _BETWEEN.fullmatch(text[words[at + n - 1].end() : word.start()]):
            return None
    return words[at + len(form) - 1].end()
