"""Questions for a list or a number of documents, answered completely and by code.

"Every document that mentions Patek", "сколько писем Сталин написал Ворошилову в 1931 году": the
catalogue gives the documents that meet what the question restricts, the lexical index those whose
words may be meant, and each mention is found in the text itself. All are counted and listed;
a record in two languages counts once as a record.

Not here: what the documents say; how the list is worded (`rag.wording`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index_store.store import IndexStore
from index_store.types import Document, Hit
from rag import dates
from rag.answers import messages
from rag.answers.draft import Draft, sentence_of
from rag.answers.fields import RECORD_CONFIDENCE
from rag.names import authority
from rag.names.authority import People
from rag.questions import phrases
from rag.questions.field_patterns import FIELDS
from rag.questions.list_patterns import ABOUT, ASKS_COUNT, ASKS_LIST, FOR_THEM, MENTIONS, TRAILING
from rag.questions.query import Query
from rag.records.description import record_of
from rag.records.document_types import TYPES
from rag.retrieval.mentions import _WORD, Place, mentioning
from rag.types import Listed, Statement

_ASKING = re.compile(
    r"\b(?:where|does|do|is|are|the|words?|phrase|stand|occurs?|found|which|what|who|wrote|said|"
    r"documents?|letters?|in|of|have|has|hold|holds|contains?|with|says?|all|every|find|list|"
    r"где|кто|слова|фраза|фразу|выражение|стоит|стоят|встречается|встречаются|написал|сказал|"
    r"в|каком|каких|какие|документ\w*|письм\w*|есть|со|словами|содерж\w+|найди|все)\b",
    re.I,
)


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
        places = mentioning(wanted, query.wished, store, people)
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


CITED = 20
"""Documents of a list that are cited; the list itself is whole."""


def from_list(query: Query, store: IndexStore) -> Draft | None:
    """The complete list or number of documents that the question asks for, if it does."""
    found = find(query, store, authority.load(store))
    if found is None or not found.places:
        return None
    whole = tuple(
        Listed(p.document, len(p.mentions) if found.mentioned else None) for p in found.places
    )
    shown = found.places[:CITED]
    citations, hits, told = [], [], []
    for n, place in enumerate(shown, 1):
        document = store.document(place.document.document_id)
        passages = store.passages(document.document_id)
        at = place.mentions[0][0] if place.mentions else None
        holding_it = (p for p in passages if at is not None and p.start <= at < p.end)
        passage = next(holding_it, passages[0])
        citations.append(sentence_of(n, document, passage, store, at))
        hits.append(Hit(passage, document, n, 1.0))
        told.append(f"{messages.entry(query.lang, document, len(place.mentions))} [{n}]")
    numbers = tuple(c.n for c in citations)
    text = messages.listed(query.lang, len(whole), found.records, found.mentioned, len(shown))
    fields = {"documents": str(len(whole)), "records": str(found.records)}
    statement = Statement(text, "record", numbers, "verified", fields)
    answer = "\n\n".join((text, *told))
    return Draft(
        RECORD_CONFIDENCE, answer, (statement,), tuple(citations), tuple(hits), documents=whole
    )
