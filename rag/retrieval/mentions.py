"""Finds every mention of a person or of given words in the documents.

Not here: which questions ask for mentions (`rag.questions.list_questions`), the answer that lists
them (`rag.answers.lists`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index_store.analysis.stemming import query_stems_of_words, stems, stems_in
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import names
from rag.names.authority import People, Person
from rag.text.words import WORD

_BETWEEN = re.compile(r"[\s.]{1,3}(?:[^\W\d_]\.\s?){0,3}")
_INITIALS_BEFORE = re.compile(r"(?:[^\W\d_]{1,2}\.\s?){1,3}$")
_INITIALS_AFTER = re.compile(r"\s?(?:[^\W\d_]{1,2}\.\s?){1,3}")


@dataclass(frozen=True, slots=True)
class Place:
    """A document, without its text, and the (start, end) offsets of the mentions in it."""

    document: Document
    mentions: tuple[tuple[int, int], ...] = ()


def mentioning(target: str, allowed: Filter, store: IndexStore, people: People) -> list[Place]:
    """The documents under the filter `allowed` that mention the target, with the mentions.

    A target with a capitalized name is a person, found under any name that `people` knows; any
    other target is found by all its stems. Candidates come from the index, and each mention is
    checked in the text.
    """
    named = names.names_in(f"x {target}")
    rules = store.stem_rules()
    if named and any(word[0].isupper() for word in WORD.findall(target)):
        mentioned = _PersonName(target, people)
        groups = [mentioned.last_word_stems(store.capitalised(), rules)]
    else:
        mentioned = None
        groups = query_stems_of_words(target, rules)
    ids = store.holding(groups, allowed)
    found = []
    for listed in store.documents(replace(allowed, documents=tuple(ids))) if ids else []:
        text, lang = store.document(listed.document_id).text, store.stem_language(listed.lang)
        places = tuple(mentioned.places(text) if mentioned else _words(groups, text, lang))
        if places:
            found.append(Place(listed, places))
    return found


def _words(groups: Sequence[Sequence[str]], text: str, lang: str) -> Iterator[tuple[int, int]]:
    """The offsets of words of a text, stemmed as `lang`, with a stem of the first group."""
    for match in WORD.finditer(text):
        if set(stems(match[0], lang)) & set(groups[0]):
            yield match.span()


class _PersonName:
    """A person's name in any grammatical case and alphabet, with the person's other names."""

    def __init__(self, target: str, people: People) -> None:
        self._people = people
        self._persons: tuple[Person, ...] = people.known(target)
        every = [target, *(name for person in self._persons for name in person.names)]
        self._variants = [words for name in dict.fromkeys(every) if (words := names.words_of(name))]
        self._target = target

    def last_word_stems(self, vocabulary: frozenset[str], langs: Sequence[str]) -> list[str]:
        """Stems, in any of the languages, of the words of `vocabulary` that may be the last word of
        a variant."""
        last = {variant[-1] for variant in self._variants}
        keys = frozenset[str]().union(*map(names.keys, last))
        likely = (word for word in vocabulary if names.keys(word) & keys)
        alike = {w for w in likely if any(names.same_word(word, w) for word in last)}
        return sorted({stem for word in {*alike, *last} for stem in stems_in(word, langs)})

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """The offsets of the person's mentions, in order, without overlaps."""
        words = list(WORD.finditer(text))
        end = -1
        for n, match in enumerate(words):
            if match.start() < end:
                continue
            for variant in sorted(self._variants, key=len, reverse=True):
                last = _end_of_name(words, n, variant, text)
                if last is not None and self._is_same_person(text, match.start(), last):
                    yield match.start(), last
                    end = last
                    break

    def _is_same_person(self, text: str, start: int, end: int) -> bool:
        """Whether neither the initials beside the name nor the authority file exclude it."""
        before = _INITIALS_BEFORE.search(text[max(0, start - 12) : start])
        after = _INITIALS_AFTER.match(text[end : end + 12]) if not before else None
        initials = before[0] if before else after[0] if after else ""
        written = f"{initials} {text[start:end]}".strip()
        if self._persons:
            holders = self._people.known(written)
            # A surname shared with another person is ambiguous.
            return not holders or all(person in self._persons for person in holders)
        return (
            not initials
            or names.same_name(written, self._target)
            or names.same_name(self._target, written)
        )


def _end_of_name(
    words: Sequence[re.Match[str]], at: int, variant: Sequence[str], text: str
) -> int | None:
    """The end offset of the name if the words from index `at` on are this variant, else None.

    Initials are allowed between the words.
    """
    if at + len(variant) > len(words):
        return None
    for n, wanted in enumerate(variant):
        word = words[at + n]
        if wanted[0].isupper() and not word[0][0].isupper():
            return None
        if not names.same_word(wanted, word[0]):
            return None
        if n and not _BETWEEN.fullmatch(text[words[at + n - 1].end() : word.start()]):
            return None
    return words[at + len(variant) - 1].end()
