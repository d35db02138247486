"""question → query → hits → evidence → answer → verified answer.

The one place that decides whether to answer, and in which of the three ways to be silent.
Every quotation is read back from the store before it is cited. Faults are exceptions and
pass through: they never become "not found".

Not here: how a language model's prose is checked (`generate`), how an answer is displayed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from index_store.store import IndexStore
from index_store.types import Document, Filter, Hit, Passage
from rag import evidence as ev
from rag import listing, people, record, wording
from rag.citations import cite
from rag.encode import Encoder
from rag.extract import Quotation, choose
from rag.phrases import holding
from rag.query import Query, understand
from rag.retrieve import Retrieved, retrieve
from rag.sentences import sentences
from rag.types import (
    Abstention,
    AbstentionReason,
    Citation,
    Filters,
    Listed,
    Piece,
    Statement,
    Turn,
    VerifiedAnswer,
)
from rag.version import VERSION

if TYPE_CHECKING:
    from rag.generate import Writer

ENGINE = "extractive"
HITS = 10
"""Passages read for an answer."""

ON_SUBJECT = 0.5
"""Share of the question's weight that a passage must share to be "on the subject"."""

CITED = 20
"""Documents of a list that are cited; the list itself is whole."""

CONTRADICTED = 0.5
"""What is left of the confidence where the question presupposes a document that is not there."""

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
    documents: tuple[Listed, ...] | None = None
    engine: str = ENGINE
    notice: str | None = None


def ask(
    question: str,
    store: IndexStore,
    encoder: Encoder,
    filters: Filters = Filters(),
    history: Sequence[Turn] = (),
    without: Sequence[str] = (),
    writer: Writer | None = None,
) -> VerifiedAnswer:
    """A cited answer or an abstention; the same store and question give the same answer.

    Where the archive has evidence and there is a `writer`, its language model words the answer.
    `without` names fields of constraints that the question implies and the reader does not want.

    Raises UsageError for a question or filter that makes no sense, StoreError and EncoderError
    for faults.
    """
    *_, last = stream(question, store, encoder, filters, history, without, writer)
    assert last.answer is not None
    return last.answer


def stream(
    question: str,
    store: IndexStore,
    encoder: Encoder,
    filters: Filters = Filters(),
    history: Sequence[Turn] = (),
    without: Sequence[str] = (),
    writer: Writer | None = None,
) -> Iterator[Piece]:
    """The answer piece by piece: the hits first, the whole answer last; see `Piece`."""
    started = time.perf_counter()
    query = understand(question, filters, store, history, without=without)
    found: Retrieved | None = None
    draft = _from_list(query, store) or _from_record(query, store, encoder)
    if draft is None:
        found = retrieve(query, store, encoder, HITS)
        draft = _from_text(query, found, store, encoder)
        if draft.abstention and query.loose:
            # What is told need not stand in a document of that date or hand.
            relaxed = query.relaxed()
            elsewhere = retrieve(relaxed, store, encoder, HITS)
            less_bound = _from_text(relaxed, elsewhere, store, encoder)
            if not less_bound.abstention:
                query, found, draft = relaxed, elsewhere, less_bound
    yield Piece("", hits=draft.hits)
    searched = time.perf_counter()
    spoken = False
    if found is not None and writer is not None and draft.abstention is None:
        draft, spoken = yield from _worded(draft, query, history, writer, store, encoder)
    if draft.engine == ENGINE:
        for n, line in enumerate(draft.answer.splitlines(keepends=True)):
            yield Piece(line, anew=spoken and n == 0)
    status: Literal["answered", "abstained"] = "abstained" if draft.abstention else "answered"
    done = time.perf_counter()
    seconds = {"total": done - started, **(found.seconds if found else {})}
    if writer is not None:
        seconds["model"] = done - searched
    answer = VerifiedAnswer(
        question=question,
        status=status,
        confidence=round(draft.confidence, 4),
        answer=draft.answer,
        statements=draft.statements,
        citations=draft.citations,
        hits=draft.hits,
        constraints=query.constraints,
        abstention=draft.abstention,
        engine=draft.engine,
        filters=filters,
        record=_record(store, encoder, writer),
        seconds=seconds,
        documents=draft.documents,
        notice=draft.notice,
    )
    yield Piece("", answer=answer)


def _worded(
    draft: _Draft,
    query: Query,
    history: Sequence[Turn],
    writer: Writer,
    store: IndexStore,
    encoder: Encoder,
) -> Generator[Piece, None, tuple[_Draft, bool]]:
    """The draft in the model's words, or as it is with a notice why not; and whether pieces of
    the model's were given."""
    from rag import generate

    earlier = history[-1].question if history and query.search_text != query.text else None
    prose = yield from generate.write(
        query.text, earlier, query.lang, draft.hits, writer, store, encoder
    )
    if prose.notice is not None:
        return replace(draft, notice=prose.notice), prose.spoken
    worded = replace(
        draft,
        answer=prose.answer,
        statements=prose.statements,
        citations=prose.citations,
        engine=writer.model.name,
    )
    return worded, True


def _from_text(query: Query, found: Retrieved, store: IndexStore, encoder: Encoder) -> _Draft:
    """What the archive's own sentences answer, or why they do not."""
    dense = found.vector is not None
    evidence = ev.gather(query, found.hits, found.vector, store, encoder)
    confidence = ev.confidence(evidence, dense)
    if query.contradicted or confidence < ev.weights(dense).threshold:
        return _abstain(query, found, evidence, confidence, store, encoder)
    citations = _place(choose(evidence), store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(wording.quoted(c.quote, c.document.lang, c.n) for c in citations)
    return _Draft(confidence, answer, statements, citations, found.hits)


def _place(quotations: Sequence[Quotation], store: IndexStore) -> tuple[Citation, ...]:
    """Citations read back from the store, numbered from 1."""
    return tuple(
        cite(n, store.document(q.hit.document.document_id), q.hit.passage, q.start, q.end)
        for n, q in enumerate(quotations, 1)
    )


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
    outside = None
    if query.given != Filter() and not query.contradicted:
        outside = _outside(query, store, encoder)
        if outside is not None:
            reason, nearest = "outside_filters", outside
    message = wording.silence(query.lang, reason, query.filters, bool(found.hits))
    if query.contradicted:
        reason, confidence = "silent", confidence * CONTRADICTED
        unmet = ", ".join(f"{c.field}: {c.value}" for c in query.constraints if not c.applied)
        message = wording.contradiction(query.lang, unmet)
    elif query.phrases and not store.matching(query.given) and outside is None:
        reason, message = "no_evidence", wording.no_phrase(query.lang, query.phrases)
    nearest = tuple(replace(hit, rank=rank) for rank, hit in enumerate(nearest[:3], 1))
    abstention = Abstention(reason, message, nearest)
    return _Draft(confidence, message, hits=found.hits, abstention=abstention)


def _from_list(query: Query, store: IndexStore) -> _Draft | None:
    """The complete list or number of documents that the question asks for, if it does."""
    found = listing.find(query, store, people.load(store))
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
        at = place.mentions[0][0] if place.mentions else 0
        passage = next((p for p in passages if p.start <= at < p.end), passages[0])
        citations.append(_sentence(n, document, passage, at))
        hits.append(Hit(passage, document, n, 1.0))
        told.append(f"{wording.entry(query.lang, document, len(place.mentions))} [{n}]")
    numbers = tuple(c.n for c in citations)
    text = wording.listed(query.lang, len(whole), found.records, found.mentioned, len(shown))
    fields = {"documents": str(len(whole)), "records": str(found.records)}
    statement = Statement(text, "record", numbers, "verified", fields)
    answer = "\n\n".join((text, *told))
    return _Draft(
        RECORD_CONFIDENCE, answer, (statement,), tuple(citations), tuple(hits), documents=whole
    )


def _outside(query: Query, store: IndexStore, encoder: Encoder) -> tuple[Hit, ...] | None:
    """The hits that would answer were there no filter; None when none would."""
    unfiltered = Filter(exclude=query.filter.exclude)
    if query.phrases:
        unfiltered = holding(query.phrases, query.text, unfiltered, store)
    everywhere = replace(query, filter=unfiltered, given=unfiltered)
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
        citations.append(_sentence(n, document, passage))
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


def _sentence(n: int, document: Document, passage: Passage, at: int = 0) -> Citation:
    """The sentence of the passage in which an offset of the document lies, else its first."""
    found = sentences(passage.text)
    inside = ((s, e) for s, e in found if s <= at - passage.start < e)
    start, end = next(inside, found[0])
    return cite(n, document, passage, passage.start + start, passage.start + end)


def _record(store: IndexStore, encoder: Encoder, writer: Writer | None) -> Mapping[str, str]:
    """What lets anyone repeat the answer."""
    settings: dict[str, object] = {"encoder": encoder.identity.name, "engine": ENGINE, "hits": HITS}
    if writer is not None:
        judge = writer.judge.name if writer.judge else None
        settings |= {"engine": writer.model.name, "strict": writer.strict, "nli": judge}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return {"store_sha256": store.sha256(), "settings_sha256": digest, "version": VERSION}
