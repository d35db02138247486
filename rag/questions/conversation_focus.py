"""What a conversation was last about: question, documents and people.

Documents are found by the places where the answer's quotations stand in the store, people by the
names of its questions and quotations. Not here: what a follow-up makes of them (`followups`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index_store.store import IndexStore
from index_store.types import Document
from rag import names
from rag.text.detection import is_cyrillic
from rag.text.normalization import key
from rag.types import Turn

_MAX_CITED = 4  # documents of an answer that a follow-up may be about
_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_QUOTED = re.compile('[“«"]([^“”"]{3,500}?)[”»"]')
_TITLE = re.compile(r"\A(.{3,300}?)[”»] — ")  # as a statement about a record begins
_QUOTES = '“”«»" \n'
_MIN_LETTERS = 12  # of a quotation that identifies its document


@dataclass(frozen=True, slots=True)
class Focus:
    """What the conversation was last about: the last question in full, the documents of its answer
    in order, the people that the question names, all people, and all other names, the latest first.
    """

    question: str = ""
    cited: tuple[Document, ...] = ()
    asked: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def refocused(question: str, turn: Turn, before: Focus, store: IndexStore) -> Focus:
    """The focus after a turn; unchanged if it was not answered."""
    quoted = tuple(_parts(turn.answer))
    cited = tuple(_documents(quoted, store))[:_MAX_CITED]
    asked = names.names_in(question)
    mentioned = [name for text in quoted for name in names.names_in(text)]
    people = people_of([*asked, *mentioned], store)
    of_question = people_of(asked, store)
    return Focus(
        question,
        cited or before.cited,
        tuple(of_question),
        tuple(dict.fromkeys([*people, *before.people])),
        tuple(dict.fromkeys([*asked, *before.named])),
    )


def people_of(found: Sequence[str], store: IndexStore) -> list[str]:
    """The names that are surely of people, each once: with initials, or of an author or recipient,
    then as the store has the surname, in the nominative."""
    known = re.findall(
        r"[^\W\d_]{3,}", " ".join([*store.values("author"), *store.values("recipient")])
    )
    people: dict[str, None] = {}
    for name in found:
        surname = re.findall(r"[^\W\d_]+", name)[-1]
        forms = [word for word in known if names.same_word(surname, word)]
        same_letters = [word for word in forms if is_cyrillic(word) == is_cyrillic(surname)]
        if same_letters:
            name = name.replace(surname, same_letters[0])
        if (forms or names.has_initials(name)) and not any(
            same_person(name, other) for other in people
        ):
            people[name] = None
    return list(people)


def same_person(a: str | None, b: str | None) -> bool:
    """Whether the two fields share a surname, in whatever alphabet and case."""
    if not a or not b:
        return False
    first, second = (re.findall(r"[^\W\d_]{3,}", value) for value in (a, b))
    return any(names.same_word(x, y) for x in first for y in second)


def _parts(answer: str) -> Iterator[str]:
    """What stands before each marker of an answer, in order of the numbers first met."""
    at = 0
    seen = set()
    for match in _MARKER.finditer(answer):
        part = answer[at : match.start()].strip(_QUOTES)
        at = match.end()
        if part and match[1] not in seen:
            seen.add(match[1])
            yield part


def _documents(parts: Sequence[str], store: IndexStore) -> Iterator[Document]:
    """The document of each part: where its words are, or whose title it gives."""
    given: set[str] = set()
    for part in parts:
        for words in (part, *_TITLE.findall(part), *_QUOTED.findall(part)):
            letters = key(words)
            holding = store.containing(letters) if len(letters) >= _MIN_LETTERS else []
            title = words.strip(_QUOTES)
            holding = holding or store.titled(title)
            fresh = [name for name in holding if name not in given]
            if fresh:
                given.add(fresh[0])
                yield store.document(fresh[0])
                break
