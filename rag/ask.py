"""question → query → hits → evidence → answer → verified answer.

The one place that decides whether to answer, and in which of the three ways to be silent.
Every quotation is read back from the store before it is cited. Faults are exceptions and
pass through: they never become "not found".

Not here: prose by a language model, how an answer is displayed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index_store.store import IndexStore
from index_store.types import Document, Filter, Hit, Passage
from rag import conversation, counterpart, record, wording
from rag import evidence as ev
from rag.citations import cite
from rag.encode import Encoder
from rag.extract import Quotation, choose
from rag.query import Query, understand
from rag.retrieve import Retrieved, retrieve
from rag.sentences import sentences
from rag.types import (
    Abstention,
    AbstentionReason,
    Citation,
    Constraint,
    Filters,
    Statement,
    Turn,
    VerifiedAnswer,
)
from rag.version import VERSION

ENGINE = "extractive"
HITS = 10
"""Passages read for an answer."""

ON_SUBJECT = 0.5
"""Share of the question's weight that a passage must share to be "on the subject"."""

PREFERRED = 0.7
"""Share of the whole archive's confidence from which an answer in the documents that a conversation
is about is preferred; chosen on the dialogues over the sample archive."""

RECORD_CONFIDENCE = 0.95
"""A field read from the catalogue; what is left is the doubt which document was meant."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer before it is dressed: statements and citations, or an abstention."""

    confidence: float
    answer: str = ""
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    abstention: Abstention | None = None


def ask(
    question: str,
    store: IndexStore,
    encoder: Encoder,
    filters: Filters = Filters(),
    history: Sequence[Turn] = (),
) -> VerifiedAnswer:
    """A cited answer or an abstention; the same store and question give the same answer.

    Raises UsageError for a question or filter that makes no sense, StoreError and EncoderError
    for faults.
    """
    started = time.perf_counter()
    heard = conversation.hear(question, history, store)
    if heard is None:
        query, draft, seconds_of = _ask(understand(question, filters, store), store, encoder)
    else:
        query, draft, seconds_of = _ask_heard(heard, filters, store, encoder)
    status: Literal["answered", "abstained"] = "abstained" if draft.abstention else "answered"
    seconds = {"total": time.perf_counter() - started, **seconds_of}
    return VerifiedAnswer(
        question=question,
        status=status,
        confidence=round(draft.confidence, 4),
        answer=draft.answer,
        statements=draft.statements,
        citations=draft.citations,
        hits=draft.hits,
        constraints=query.constraints,
        abstention=draft.abstention,
        engine=ENGINE,
        filters=filters,
        record=_record(store, encoder),
        seconds=seconds,
        history=tuple(history),
        understood=heard.question if heard else None,
    )


_Asked = tuple[Query, _Draft, Mapping[str, float]]


def _ask(query: Query, store: IndexStore, encoder: Encoder, pointed: bool = False) -> _Asked:
    """The answer to one query. Where the reader `pointed` to documents, the nearest that they say
    is the answer, however near."""
    draft = _from_record(query, store, encoder)
    if draft is not None:
        return query, draft, {}
    found = retrieve(query, store, encoder, HITS)
    return query, _from_text(query, found, store, encoder, pointed), found.seconds


def _ask_heard(
    heard: conversation.Heard, filters: Filters, store: IndexStore, encoder: Encoder
) -> _Asked:
    """A question that leans on the turns before: asked of the documents it is about and, unless
    the reader pointed to them, of the whole archive; theirs is preferred."""
    about = Constraint("documents", ", ".join(heard.documents), "inferred", True)
    within: _Asked | None = None
    if heard.documents:
        query = understand(heard.question, filters, store, documents=heard.documents)
        query = replace(query, constraints=(*query.constraints, about))
        within = _ask(query, store, encoder, heard.pointed)
        if heard.pointed and within[1].abstention is None:
            return within
    query = replace(understand(heard.question, filters, store), search_text=heard.search_text)
    if heard.documents:
        left_aside = replace(about, applied=False)
        query = replace(query, constraints=(*query.constraints, left_aside))
    anywhere = _ask(query, store, encoder)
    if within is None or within[1].abstention is not None:
        return anywhere
    preferred = within[1].confidence >= PREFERRED * anywhere[1].confidence
    return within if preferred else anywhere


def _from_text(
    query: Query, found: Retrieved, store: IndexStore, encoder: Encoder, pointed: bool = False
) -> _Draft:
    """What the archive's own sentences answer, or why they do not."""
    dense = found.vector is not None
    evidence = ev.gather(query, found.hits, found.vector, store, encoder)
    confidence = ev.confidence(evidence, dense)
    if confidence < ev.weights(dense).threshold and not (pointed and evidence):
        return _abstain(query, found, evidence, confidence, store, encoder)
    citations = _place(choose(evidence), store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(wording.quoted(c.quote, c.document.lang, c.n) for c in citations)
    return _Draft(confidence, answer, statements, citations, found.hits)


def _place(quotations: Sequence[Quotation], store: IndexStore) -> tuple[Citation, ...]:
    """Citations read back from the store, numbered from 1."""
    return tuple(
        _cited(n, store.document(q.hit.document.document_id), q.hit.passage, q.start, q.end, store)
        for n, q in enumerate(quotations, 1)
    )


def _cited(
    n: int, document: Document, passage: Passage, start: int, end: int, store: IndexStore
) -> Citation:
    """The citation with the same passage in the record's other language."""
    beside = counterpart.find(document, start, end, store)
    return cite(n, document, passage, start, end, counterpart=beside)


def _abstain(
    query: Query,
    found: Retrieved,
    evidence: Sequence[ev.Evidence],
    confidence: float,
    store: IndexStore,
    encoder: Encoder,
) -> _Draft:
    nearest = found.hits
    on_subject = max((e.features["context_cover"] for e in evidence), default=0.0) >= ON_SUBJECT
    reason: AbstentionReason = "silent" if on_subject else "no_evidence"
    if not query.filter.is_empty:
        outside = _outside(query, store, encoder)
        if outside is not None:
            reason, nearest = "outside_filters", outside
    message = wording.silence(query.lang, reason, query.filters, bool(found.hits))
    nearest = tuple(replace(hit, rank=rank) for rank, hit in enumerate(nearest[:3], 1))
    abstention = Abstention(reason, message, nearest)
    return _Draft(confidence, message, hits=found.hits, abstention=abstention)


def _outside(query: Query, store: IndexStore, encoder: Encoder) -> tuple[Hit, ...] | None:
    """The hits that would answer were there no filter; None when none would."""
    everywhere = replace(query, filter=Filter(exclude=query.filter.exclude))
    from_record = _from_record(everywhere, store, encoder)
    if from_record is not None:
        hits = from_record.hits
    else:
        found = retrieve(everywhere, store, encoder, HITS)
        dense = found.vector is not None
        evidence = ev.gather(everywhere, found.hits, found.vector, store, encoder)
        if ev.confidence(evidence, dense) < ev.weights(dense).threshold:
            return None
        hits = found.hits
    inside = {document.document_id for document in store.documents(query.filter)}
    return tuple(hit for hit in hits if hit.document.document_id not in inside) or None


def _from_record(query: Query, store: IndexStore, encoder: Encoder) -> _Draft | None:
    """Fields of the documents that the question points out; None if it asks something else."""
    asked = record.understand(query.text, query.filter, store)
    if asked is None:
        return None
    documents = _by_topic(asked, query, store, encoder) if asked.topic else asked.documents
    if not asked.points and not record.OF_RECORD & set(asked.fields):
        documents = tuple(d for d in documents if any(getattr(d, f) for f in asked.fields))
    if not documents or len(documents) > record.MOST:
        return None
    statements, citations, hits = [], [], []
    for n, listed in enumerate(documents, 1):
        document = store.document(listed.document_id)
        passage = store.passages(document.document_id)[0]
        fields = record.field_values(document, asked.fields)
        text = wording.fields(query.lang, document, fields)
        statements.append(Statement(text, "record", (n,), "verified", fields))
        citations.append(_first_sentence(n, document, passage, store))
        hits.append(Hit(passage, document, n, 1.0))
    answer = "\n\n".join(f"{s.text} [{s.citations[0]}]" for s in statements)
    return _Draft(RECORD_CONFIDENCE, answer, tuple(statements), tuple(citations), tuple(hits))


def _by_topic(
    asked: record.RecordQuestion, query: Query, store: IndexStore, encoder: Encoder
) -> tuple[Document, ...]:
    """The document whose text is about what the question says of it, if one is.

    Where names or dates point to documents any mention will do, else most must be there.
    """
    if asked.points and len(asked.documents) <= record.MOST:
        texts = [(d, store.document(d.document_id).text) for d in asked.documents]
        mentioning = tuple(d for d, text in texts if record.mentions(text, asked.topic))
        if mentioning:
            return mentioning
    allowed = query.filter
    if asked.documents:
        allowed = replace(allowed, documents=tuple(d.document_id for d in asked.documents))
    about = replace(query, text=asked.topic, search_text=asked.topic, filter=allowed)
    found = retrieve(about, store, encoder, HITS)
    evidence = ev.gather(about, found.hits[:1], found.vector, store, encoder)
    if not evidence:
        return ()
    features = evidence[0].features
    mentioned = features["context_cover"] > 0 and features["names_missing"] < 1
    enough = mentioned if asked.points else features["context_cover"] >= record.ENOUGH_TOPIC
    return (found.hits[0].document,) if enough else ()


def _first_sentence(n: int, document: Document, passage: Passage, store: IndexStore) -> Citation:
    """The document itself, by its opening words."""
    start, end = sentences(passage.text)[0]
    return _cited(n, document, passage, passage.start + start, passage.start + end, store)


def _record(store: IndexStore, encoder: Encoder) -> Mapping[str, str]:
    """What lets anyone repeat the answer."""
    settings = {"encoder": encoder.identity.name, "engine": ENGINE, "hits": HITS}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return {"store_sha256": store.sha256(), "settings_sha256": digest, "version": VERSION}
