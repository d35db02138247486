"""Questions about a record itself: which fields of which document are asked for.

"Which archive holds the telegram to Sinclair?" asks for a field (its shelf-mark) of a document (the
telegram to Sinclair). The field comes from the wording; the document from names, dates and document
words, compared across alphabets with titles, people and dates in the catalogue.

Not here: the answer (`rag.answers.fields`), questions about what a document says.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from index_store.analysis.folding import fold
from index_store.analysis.stemming import query_stems
from index_store.analysis.stopwords import STOP_WORDS
from index_store.store import IndexStore
from index_store.types import Document, Filter
from rag import dates, names
from rag.dates import HistoricalDate
from rag.questions.field_patterns import ASKING, FIELDS, NAMES_A_DOCUMENT
from rag.records.document_types import THING, kinds_of, types_in, types_of_verbs
from rag.text.detection import language_of
from rag.text.languages import either

SAME_LANGUAGE_BONUS = 0.25
"""Of two versions of a record the one in the question's language is meant."""

_ABOUT = re.compile(rf"\b(?:{either(lambda x: x.questions.about)})\b", re.I)


@dataclass(frozen=True, slots=True)
class FieldIntent:
    """The fields that a question asks for, and what it says of the document.

    `people`, `types`, `dates` and `title_stems` describe it from outside. `topic` is what else the
    question says of it, which only its text can confirm; `about` the part of that behind "about".
    `names_or_dates`: the question has some; else it may be about what documents say.
    """

    fields: tuple[str, ...]
    people: tuple[str, ...]
    types: frozenset[str]
    dates: tuple[HistoricalDate, ...]
    title_stems: frozenset[str]
    topic: str
    about: str
    names_or_dates: bool
    lang: str


@dataclass(frozen=True, slots=True)
class FieldQuestion:
    """A question for fields, and the documents whose catalogue entries fit equally well.

    `points`: names or dates of the question point to them.
    """

    intent: FieldIntent
    documents: tuple[Document, ...]

    @property
    def points(self) -> bool:
        return self.intent.names_or_dates and bool(self.documents)


def field_intent(question: str) -> FieldIntent | None:
    """What fields the question asks for, by its wording alone; None where it asks for none."""
    if not NAMES_A_DOCUMENT.search(question):
        return None
    fields = tuple(name for name, pattern in FIELDS.items() if pattern.search(question))
    return described(question, fields) if fields else None


def described(
    question: str, fields: tuple[str, ...], asking: Set[str] = frozenset()
) -> FieldIntent:
    """What the question says of the document whose fields it asks for.

    `asking` are further words that ask and do not tell which document is meant.
    """
    before, _, about = _split_at(_ABOUT, question)
    if not THING.search(before) and THING.search(about):  # "what is the letter about?"
        before, about = question, ""
    named = names.names_in(before)
    mentions = dates.find(before)
    bare = dates.without_dates(before)
    for name in (n for n in names.names_in(bare) if _topic_words(n, asking)):
        bare = bare.replace(name, " ")
    return FieldIntent(
        fields,
        tuple(n for n in named if _topic_words(n, asking) and not names.is_title(n)),
        types_in(before) | types_of_verbs(before),
        tuple(mention.date for mention in mentions),
        frozenset(query_stems(_topic_words(before))),
        _topic_words(f"{bare} {about}", asking),
        _topic_words(about, asking),
        bare != before,
        language_of(before),
    )


def documents_fitting(intent: FieldIntent, allowed: Filter, store: IndexStore) -> FieldQuestion:
    """The documents whose catalogue entries fit all that the question says of them.

    Every name must be met by the document's people or title; a document word or a date must
    not be contradicted. The best fit wins; equals are all returned.
    """
    scored = []
    for document in store.documents(allowed):
        fit = _fit(intent, document)
        if fit is not None:
            scored.append((fit + SAME_LANGUAGE_BONUS * (document.lang == intent.lang), document))
    best = max((fit for fit, _ in scored), default=0.0)
    return FieldQuestion(intent, tuple(document for fit, document in scored if fit == best))


def mentions_all(text: str, topic: str) -> bool:
    """Whether a text has every word of a topic, in either alphabet and any case."""
    known = {names.skeleton(word) for word in set(re.findall(r"[^\W\d_]{3,}", text))}
    return all(names.skeleton(word) in known for word in topic.split())


def _split_at(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    found = pattern.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _topic_words(question: str, asking: Set[str] = frozenset()) -> str:
    """The words that tell which document is meant: not those that ask, nor document words."""
    words = re.findall(r"[^\W_]+", question)
    idle = ASKING | STOP_WORDS | asking
    return " ".join(w for w in words if fold(w) not in idle and not THING.fullmatch(w))


def _fit(intent: FieldIntent, document: Document) -> float | None:
    """How well a catalogue entry fits, None where it cannot be the one meant."""
    people_fields = (document.author, document.recipient)
    described = " ".join(filter(None, (document.title, *people_fields)))
    known = {names.skeleton(word) for word in re.findall(r"[^\W\d_]{2,}", described)}
    for person in intent.people:
        if names.skeleton(re.split(r"[\s.]+", person)[-1]) not in known:
            return None
    own_types = kinds_of(document)
    shared_types = len(intent.types & own_types)
    if intent.types and own_types and not shared_types:
        return None
    if not all(dates.document_overlaps(document, date, if_undated=False) for date in intent.dates):
        return None
    shared = len(intent.title_stems & set(query_stems(document.title)))
    if not (intent.people or intent.dates or shared or shared_types):
        return None
    return 2.0 * len(intent.people) + shared_types + 2.0 * len(intent.dates) + 0.5 * shared
