"""Questions about a record itself, answered by code from its fields.

"Which archive holds the telegram to Sinclair?" asks for a field (its shelf-mark) of a document
(the telegram to Sinclair). The field comes from the wording, the document from names, dates and
document words, compared across alphabets with titles, people and dates in the catalogue. Where
the store has nothing the answer says "not given": it is never filled from anything else.

Not here: questions about what a document says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index_store.analysis.folding import fold
from index_store.analysis.stemming import query_stems
from index_store.analysis.stopwords import STOP_WORDS
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import dates, names
from rag.questions.field_patterns import ASKING, FIELDS, NAMES_A_DOCUMENT
from rag.records.document_types import THING, TYPES
from rag.text.detection import language_of

MOST = 3
"""Documents told of in one answer; with more the question has not pointed any out."""

OF_RECORD = {"archival_ref", "source"}
"""Fields that no text tells: where they are asked for, "not given" is the answer."""

ENOUGH_TOPIC = 0.6
"""Share of the topic's weight that a document found by its text must have."""


_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|mentioning|о|об|обо|про|насчёт|относительно)\b", re.I
)


@dataclass(frozen=True, slots=True)
class RecordQuestion:
    """Which fields are asked for, and the documents whose catalogue entries fit equally well.

    `topic` is what the question says of them beside names, dates and document words; only their
    text can bear it out. `about` is the part of it that stands behind "about". `points` tells
    whether the question names a person or a date: else it may be about what documents say.
    """

    fields: tuple[str, ...]
    documents: tuple[Document, ...]
    topic: str
    about: str
    points: bool


def understand(question: str, allowed: Filter, store: IndexStore) -> RecordQuestion | None:
    """None unless the question asks for a field of a document."""
    if not NAMES_A_DOCUMENT.search(question):
        return None
    fields = tuple(name for name, pattern in FIELDS.items() if pattern.search(question))
    if not fields:
        return None
    who, about = _divided(question)
    documents = _meant(who, allowed, store)
    bare = _without_names_and_dates(who)
    topic = _topic(f"{bare} {about}")
    points = bare != who and bool(documents)
    return RecordQuestion(fields, tuple(documents), topic, _topic(about), points)


def mentions(text: str, topic: str) -> bool:
    """Whether a text has every word of a topic, in either alphabet and any case."""
    known = {names.skeleton(word) for word in set(re.findall(r"[^\W\d_]{3,}", text))}
    return all(names.skeleton(word) in known for word in topic.split())


def _meant(question: str, allowed: Filter, store: IndexStore) -> list[Document]:
    """Documents whose catalogue entries fit all that the question says of them.

    Every name must be met by the document's people or title; a document word or a date must
    not be contradicted. The best fit wins; equals are all returned.
    """
    named = names.names_in(question)
    people = [name for name in named if _topic(name) and not names.is_title(name)]
    types = {n for n, p in TYPES.items() if n != "record" and p.search(question)}
    mentions = [mention.date for mention in dates.find(question)]
    stems = set(query_stems(_topic(question)))
    scored = []
    for document in store.documents(allowed):
        fit = _fit(document, people, types, mentions, stems)
        if fit is not None:
            # Of two versions of a record the one in the question's language is meant.
            scored.append((fit + 0.25 * (document.lang == language_of(question)), document))
    best = max((fit for fit, _ in scored), default=0.0)
    return [document for fit, document in scored if fit == best]


def _divided(question: str) -> tuple[str, str]:
    """What tells the document from outside, and what it is said to be about."""
    parts = _ABOUT.split(question, maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def _without_names_and_dates(question: str) -> str:
    for mention in reversed(dates.find(question)):
        question = question[: mention.start] + question[mention.end :]
    for name in filter(_topic, names.names_in(question)):
        question = question.replace(name, " ")
    return question


def _topic(question: str) -> str:
    """The words that tell which document is meant: not those that ask, nor document words."""
    words = re.findall(r"[^\W_]+", question)
    kept = [w for w in words if fold(w) not in ASKING | STOP_WORDS and not THING.fullmatch(w)]
    return " ".join(kept)


def _fit(
    document: Document,
    people: Sequence[str],
    types: set[str],
    mentions: Sequence[dates.HistoricalDate],
    topic: set[str],
) -> float | None:
    """How well a catalogue entry fits, None where it cannot be the one meant."""
    people_fields = (document.author, document.recipient)
    described = " ".join(filter(None, (document.title, *people_fields)))
    known = {names.skeleton(word) for word in re.findall(r"[^\W\d_]{2,}", described)}
    named = 0
    for person in people:
        if names.skeleton(re.split(r"[\s.]+", person)[-1]) not in known:
            return None
        named += 1
    own_types = {n for n, p in TYPES.items() if n != "record" and p.search(document.title)}
    if types and own_types and not types & own_types:
        return None
    for mention in mentions:
        if not _overlaps(document, mention):
            return None
    shared = len(topic & set(query_stems(document.title)))
    if not (named or mentions or shared or types & own_types):
        return None
    return 2.0 * named + len(types & own_types) + 2.0 * len(mentions) + 0.5 * shared


def _overlaps(document: Document, date: dates.HistoricalDate) -> bool:
    if document.date_from is None and document.date_to is None:
        return False
    first = document.date_from or "0001-01-01"
    last = document.date_to or "9999-12-31"
    return (date.last is None or first <= date.last.isoformat()) and (
        date.first is None or last >= date.first.isoformat()
    )
