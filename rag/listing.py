"""Questions for a list or a number of documents, answered completely and by code.

"Every document that mentions Patek", "сколько писем Сталин написал Ворошилову в 1931 году": the
catalogue gives the documents that meet what the question restricts, the lexical index those whose
words may be meant, and each mention is found in the text itself. All are counted and listed;
a record in two languages counts once as a record.

Not here: what the documents say; how the list is worded (`rag.wording`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index_store.lexical import query_stems, stems
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import dates, names, phrases
from rag.counts import record_of
from rag.listing_words import ABOUT, ASKS_COUNT, ASKS_LIST, FOR_THEM, MENTIONS, TRAILING
from rag.people import People, Person
from rag.query import Query
from rag.record_words import FIELDS, TYPES

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_ASKING = re.compile(
    r"\b(?:where|does|do|is|are|the|words?|phrase|stand|occurs?|found|which|what|who|wrote|said|"
    r"documents?|letters?|in|of|have|has|hold|holds|contains?|with|says?|all|every|find|list|"
    r"где|кто|слова|фраза|фразу|выражение|стоит|стоят|встречается|встречаются|написал|сказал|"
    r"в|каком|каких|какие|документ\w*|письм\w*|есть|со|словами|содерж\w+|найди|все)\b",
    re.I,
)
_BETWEEN = re.compile(r"[\s.]{1,3}(?:[^\W\d_]\.\s?){0,3}")
_INITIALS_BEFORE = re.compile(r"(?:[^\W\d_]{1,2}\.\s?){1,3}$")
_INITIALS_BEHIND = re.compile(r"\s?(?:[^\W\d_]{1,2}\.\s?){1,3}")


@dataclass(frozen=True, slots=True)
class Place:
    """A document of the list, without its text, and where it mentions what was asked for."""

    document: Document
    mentions: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The whole list, by date. `mentioned` is what they mention, None where nothing was asked."""

    places: tuple[Place, ...]
    mentioned: str | None
    counting: bool

    @property
    def records(self) -> int:
        return len({record_of(place.document) for place in self.places})


def find(query: Query, store: IndexStore, people: People) -> Found | None:
    """The documents that a question asks to be listed or counted; None if it asks something else.

    What the question restricts is firm here: no document of another year is counted.
    """
    text = phrases.without(query.text)
    if any(pattern.search(text) for pattern in FIELDS.values()):
        return None
    counting = ASKS_COUNT.search(text) is not None
    asked = counting or ASKS_LIST.search(text) is not None
    target = None if query.phrases else _target(text, MENTIONS)
    topic = _target(text, (ABOUT,)) if asked and not target and not query.phrases else None
    only_phrases = bool(query.phrases) and not _WORD.search(_ASKING.sub(" ", text))
    if not (asked or target or only_phrases):
        return None
    if not (target or topic or query.phrases or _restricted(query) or FOR_THEM.search(text)):
        return None
    types = _types(text, target or topic)
    wanted = target or topic
    if wanted:
        places = _mentioning(wanted, query.wished, store, people)
    elif query.phrases:
        places = [_with_phrases(d, query, store) for d in store.documents(query.wished)]
    else:
        places = [Place(d) for d in store.documents(query.wished)]
    kept = tuple(p for p in places if _is_of(p.document, types))
    if topic and not kept:
        return None  # what a letter is about need not stand in its words
    return Found(kept, wanted or ", ".join(query.phrases) or None, counting)


def _types(text: str, target: str | None) -> set[str]:
    """The kinds of document asked for, "letter" or "telegram"; empty for any."""
    head = text.partition(target)[0] if target else text
    return {n for n, p in TYPES.items() if n != "record" and p.search(head)}


def _restricted(query: Query) -> bool:
    return any(c.origin == "inferred" for c in query.constraints)


def _target(text: str, patterns: Sequence[re.Pattern[str]]) -> str | None:
    """What the documents are to mention, in the words of the question."""
    found = next((m for pattern in patterns if (m := pattern.search(text))), None)
    return _trimmed(found["target"]) if found else None


def _trimmed(target: str) -> str | None:
    """Without dates, articles and what restricts the documents and not the thing."""
    for mention in reversed(dates.find(target)):
        target = target[: mention.start] + target[mention.end :]
    target = TRAILING.sub("", target).strip(' \t.,;:?!"«»“”')
    return target or None


def _is_of(document: Document, types: set[str]) -> bool:
    """Whether the title does not call the document something else than what was asked for."""
    own = {n for n, p in TYPES.items() if n != "record" and p.search(document.title)}
    return not types or not own or bool(types & own)


def _with_phrases(listed: Document, query: Query, store: IndexStore) -> Place:
    text = store.document(listed.document_id).text
    places = sorted({p for ph in query.phrases for p in phrases.spans(ph, text, query.text)})
    return Place(listed, tuple(places))


def _mentioning(target: str, allowed: Filter, store: IndexStore, people: People) -> list[Place]:
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
