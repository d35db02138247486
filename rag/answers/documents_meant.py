"""Which documents a question about records means.

The catalogue compares names, dates, kinds and titles (`rag.questions.field_questions`); what else
the question says of a document ("the letter about the ferry") only its text can confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from index_store.analysis.stemming import stems
from index_store.types import Document
from rag.answers.inquiry import Inquiry
from rag.models import calibration
from rag.questions.field_questions import FieldIntent, FieldQuestion, mentions_all
from rag.questions.parsed import parse
from rag.questions.query import Query

MAX_DOCUMENTS = 3
"""Documents described in one answer; with more, the question has not pointed any out."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The documents, and how sure it is that they are meant. `points`: by names or dates."""

    documents: tuple[Document, ...]
    confidence: float
    points: bool


def documents_meant(intent: FieldIntent, query: Query, inquiry: Inquiry) -> Meant:
    """The documents that the question's intent describes; none, or more than `MAX_DOCUMENTS`, where
    it points none out."""
    given, intent = intent, _without_idle_words(intent, inquiry)
    asked = inquiry.fitting(intent, query)
    if not asked.documents and intent.people:
        # A person whom no catalogue entry has may be named in the text.
        topic = " ".join([intent.topic, *intent.people]).strip()
        asked = inquiry.fitting(replace(intent, people=(), topic=topic), query)
    found, thresholds = asked.documents, calibration.thresholds()
    confidence = thresholds.field_confidence
    if intent.topic != given.topic:
        confidence = thresholds.unproven_field_confidence
    if asked.intent.topic:
        found = _by_topic(asked, query, inquiry)
        if not asked.points:
            confidence = thresholds.unproven_field_confidence
        if not found and _cannot_be_compared(asked, query):
            found, confidence = asked.documents, thresholds.unproven_field_confidence
    elif not found and not _describes(asked.intent):
        found = tuple(inquiry.store.documents(query.filter)[: MAX_DOCUMENTS + 1])
        confidence = thresholds.unproven_field_confidence
    return Meant(found, confidence, asked.points)


def _describes(intent: FieldIntent) -> bool:
    return bool(intent.people or intent.dates or intent.types or intent.topic)


def _without_idle_words(intent: FieldIntent, inquiry: Inquiry) -> FieldIntent:
    """Without words that no document has: they tell nothing, except behind "about"."""
    about = set(intent.about.split())

    def known(word: str) -> bool:
        own = (stem for lang in inquiry.store.stem_rules() for stem in stems(word, lang))
        return any(inquiry.store.stem_frequency(stem) for stem in own)

    kept = [word for word in intent.topic.split() if word in about or known(word)]
    return replace(intent, topic=" ".join(kept))


def _cannot_be_compared(asked: FieldQuestion, query: Query) -> bool:
    """Whether the question points to one document that is not in its language.

    What else it calls the document ("the explanatory note") may well be its title; what it is
    about is not.
    """
    alone = asked.points and len(asked.documents) == 1
    return alone and not asked.intent.about and asked.documents[0].lang != query.lang


def _by_topic(asked: FieldQuestion, query: Query, inquiry: Inquiry) -> tuple[Document, ...]:
    """The document whose text is about what the question says of it, if one is.

    Where names or dates point to documents any mention will do, else most must be there.
    """
    topic, store = asked.intent.topic, inquiry.store
    if asked.points and len(asked.documents) <= MAX_DOCUMENTS:
        texts = [(d, store.document(d.document_id).text) for d in asked.documents]
        mentioning = tuple(d for d, text in texts if mentions_all(text, topic))
        if mentioning:
            return mentioning
    allowed = query.filter
    if asked.documents:
        allowed = replace(allowed, documents=tuple(d.document_id for d in asked.documents))
    parsed = replace(parse(topic), lang=query.lang, written_in=query.written_in)
    about = replace(query, parsed=parsed, search_text=topic, filter=allowed)
    found = inquiry.findings(about, hits=1).sentences
    if not found:
        return ()
    features = found[0].features
    mentioned = features["context_cover"] > 0 and features["names_missing"] < 1
    share = calibration.thresholds().topic_share
    enough = mentioned if asked.points else features["context_cover"] >= share
    return (inquiry.search(about).hits[0].document,) if enough else ()
