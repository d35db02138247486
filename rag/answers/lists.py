"""Answers that are a complete list or a number of documents, made by code.

The catalogue gives the documents that meet what the question restricts, the lexical index those
whose words may be meant, and each mention is found in the text itself. All are counted and listed;
a record in two languages counts once as a record.

Not here: what the documents say; which questions ask for a list (`rag.questions.list_questions`).
"""

from __future__ import annotations

from dataclasses import dataclass

from index_store.store import IndexStore
from index_store.types import Document, Hit
from rag.answers import messages
from rag.answers.draft import Draft, cite_sentence
from rag.answers.inquiry import Inquiry
from rag.models import calibration
from rag.names.authority import People
from rag.questions import phrases
from rag.questions.query import Query
from rag.records.description import record_of
from rag.records.document_types import types_in
from rag.retrieval.mentions import Place, mentioning
from rag.types import Listed, Statement

MAX_CITED = 20
"""Documents of a list that are cited; the list itself is whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """The whole list, by date. `mentioned` is what they mention, None where nothing was asked."""

    places: tuple[Place, ...]
    mentioned: str | None

    @property
    def records(self) -> int:
        return len({record_of(place.document) for place in self.places})


def from_list(query: Query, inquiry: Inquiry) -> Draft | None:
    """The complete list or number of documents that the question asks for, if it does."""
    store = inquiry.store
    found = find(query, store, inquiry.people)
    if found is None or not found.places:
        return None
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
    if not (wanted or query.phrases or _is_restricted(query) or asked.of_archive):
        return None
    allowed = query.filter_with_all_constraints
    if wanted:
        places = mentioning(wanted, allowed, store, people)
    elif query.phrases:
        places = [_with_phrases(d, query, store) for d in store.documents(allowed)]
    else:
        places = [Place(d) for d in store.documents(allowed)]
    types = asked.types(wanted)
    kept = tuple(p for p in places if _is_of(p.document, types))
    if about and not kept:
        return None  # what a letter is about need not stand in its words
    return Found(kept, wanted or ", ".join(query.phrases) or None)


def _is_restricted(query: Query) -> bool:
    return any(c.origin == "inferred" for c in query.constraints)


def _is_of(document: Document, types: frozenset[str]) -> bool:
    """Whether the title does not call the document something else than what was asked for."""
    own = types_in(document.title)
    return not types or not own or bool(types & own)


def _with_phrases(listed: Document, query: Query, store: IndexStore) -> Place:
    text = store.document(listed.document_id).text
    places = sorted({p for ph in query.phrases for p in phrases.spans(ph, text, query.text)})
    return Place(listed, tuple(places))
