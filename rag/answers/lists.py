"""Answers that are a complete list or a number of documents, made by code.

The catalogue gives the documents that meet what the question restricts, the lexical index those
whose words may be meant, and each mention is found in the text itself. All are counted and listed;
a record in two languages counts once as a record.

Not here: what the documents say; which questions ask for a list (`rag.questions.list_questions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from index_store.store import IndexStore
from index_store.types import Document, Filter, Hit
from rag import names
from rag.answers import messages
from rag.answers.abstention import MAX_NEAREST
from rag.answers.draft import Draft, cite_sentence
from rag.answers.inquiry import Inquiry
from rag.models import calibration
from rag.names.authority import People
from rag.questions import phrases
from rag.questions.constraints import unknown_names
from rag.questions.query import Query
from rag.records.description import record_of
from rag.records.document_types import is_of, kinds_in_title
from rag.retrieval.mentions import Place, mentioning
from rag.types import Abstention, Listed, Statement

MAX_CITED = 20
"""Documents of a list that are cited; the list itself is whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """The whole list, by date. `mentioned` is what they mention, None where nothing was asked.

    `unknown` are names that restrict the list and are nowhere in the catalogue.
    """

    places: tuple[Place, ...]
    mentioned: str | None = None
    unknown: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        return len({record_of(place.document) for place in self.places})


def from_list(query: Query, inquiry: Inquiry) -> Draft | None:
    """The complete list or number of documents that the question asks for, if it does.

    Where there are none, it is said so.
    """
    store = inquiry.store
    found = find(query, store, inquiry.people)
    if found is None:
        return None
    if not found.places:
        return None if found.mentioned else _none(query, found, inquiry)
    whole = tuple(
        Listed(p.document, len(p.mentions) if found.mentioned else None) for p in found.places
    )
    shown = found.places[:MAX_CITED]
    citations, hits, entries = [], [], []
    for n, place in enumerate(shown, 1):
        document = store.document(place.document.document_id)
        passages = store.passages(document.document_id)
        at = place.mentions[0][0] if place.mentions else None
        holding_it = (p for p in passages if at is not None and p.start <= at < p.end)
        passage = next(holding_it, passages[0])
        citations.append(cite_sentence(n, document, passage, store, at))
        hits.append(Hit(passage, document, n, 1.0))
        entries.append(f"{messages.entry(query.lang, document, len(place.mentions))} [{n}]")
    numbers = tuple(c.n for c in citations)
    text = messages.listed(query.lang, len(whole), found.records, found.mentioned, len(shown))
    text += messages.namesakes(query.lang, _namesakes(query, [p.document for p in found.places]))
    fields = {"documents": str(len(whole)), "records": str(found.records)}
    statement = Statement(text, "record", numbers, "verified", fields)
    return Draft(
        query,
        calibration.thresholds().field_confidence,
        "\n\n".join((text, *entries)),
        (statement,),
        tuple(citations),
        tuple(hits),
        documents=whole,
    )


def _none(query: Query, found: Found, inquiry: Inquiry) -> Draft:
    """The abstention where no document is to be listed."""
    message = messages.none_listed(query.lang, found.unknown)
    nearest = inquiry.search(query).hits[:MAX_NEAREST]
    confidence = 1 - calibration.thresholds().field_confidence
    abstention = Abstention("silent", message, nearest)
    return Draft(query, confidence, message, hits=nearest, abstention=abstention)


def find(query: Query, store: IndexStore, people: People) -> Found | None:
    """The documents that a question asks to be listed or counted; None if it asks something else.

    What the question restricts is firm here: no document of another year is counted.
    """
    asked = query.parsed.listing
    if asked is None:
        return None
    mentioned = None if query.phrases else asked.mentioned
    about = asked.about if asked.asked and not mentioned and not query.phrases else None
    only_phrases = bool(query.phrases) and asked.bare
    if not (asked.asked or mentioned or only_phrases):
        return None
    wanted = mentioned or about
    unknown = tuple(unknown_names(query.text, store, people)) if asked.asked else ()
    if unknown and not (wanted or query.phrases):
        return Found((), unknown=unknown)
    narrowed = asked.bare or asked.lang is not None or asked.undated
    whole = asked.of_archive or (asked.asked and narrowed)
    if not (wanted or query.phrases or _is_restricted(query) or whole):
        return None
    allowed = query.filter_with_all_constraints
    if asked.asked and asked.lang is not None:
        allowed = _in_language(allowed, asked.lang)
    if wanted:
        places = mentioning(wanted, allowed, store, people)
    elif query.phrases:
        places = [_with_phrases(d, query, store) for d in store.documents(allowed)]
    else:
        places = [Place(d) for d in store.documents(allowed)]
    if asked.asked and asked.undated:
        places = [p for p in places if not (p.document.date_from or p.document.date_to)]
    types = asked.types(wanted)
    kept = tuple(p for p in places if is_of(p.document, types))
    if about and not kept:
        return None  # what a letter is about need not stand in its words
    if places and not kept and not any(kinds_in_title(p.document.title) for p in places):
        return None  # the titles here do not tell what kinds they are of
    return Found(kept, wanted or ", ".join(query.phrases) or None)


def _namesakes(query: Query, documents: Sequence[Document]) -> list[str]:
    """The people whom a name of the question means among the documents, where they are several."""
    found: list[str] = []
    for constraint in query.constraints:
        if constraint.field in ("author", "recipient") and constraint.origin == "inferred":
            values = dict.fromkeys(getattr(document, constraint.field) for document in documents)
            people = [value for value in values if value]
            if any(not _may_be_one(a, b) for a, b in combinations(people, 2)):
                found += people
    return found


def _may_be_one(a: str, b: str) -> bool:
    return names.same_name(a, b) or names.same_name(b, a)


def _is_restricted(query: Query) -> bool:
    return any(c.origin == "inferred" for c in query.constraints)


def _in_language(allowed: Filter, lang: str) -> Filter:
    if allowed.lang not in (None, lang):
        return replace(allowed, documents=())
    return replace(allowed, lang=lang)


def _with_phrases(listed: Document, query: Query, store: IndexStore) -> Place:
    text = store.document(listed.document_id).text
    places = sorted({p for ph in query.phrases for p in phrases.spans(ph, text, query.text)})
    return Place(listed, tuple(places))
