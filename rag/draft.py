"""What the archive has to say to one query: the draft of an answer.

A complete list, a field of the record, or sentences of the text; or else in which of the three
ways the archive is silent. Every quotation is read back from the store before it is cited. Not
here: conversations, language models, and how a draft becomes an answer (`ask`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index_store.store import IndexStore
from index_store.types import Document, Filter, Hit, Passage
from rag import counterpart, listing, people, record, wording
from rag import evidence as ev
from rag.citations import cite
from rag.encode import Encoder
from rag.extract import Quotation, choose
from rag.frame import is_frame
from rag.phrases import holding
from rag.query import Query
from rag.retrieve import Retrieved, retrieve
from rag.sentences import sentences
from rag.types import Abstention, AbstentionReason, Citation, Listed, Statement

EXTRACTIVE = "extractive"
"""The engine of an answer without a language model."""

HITS = 10
"""Passages read for an answer."""

ON_SUBJECT = 0.5
"""Share of the question's weight that a passage must share to be "on the subject"."""

NEAR_SUBJECT = 0.42
"""Cosine of passage and question from which a passage is "on the subject", whatever its words: of
the questions on what SQuAD2's removed articles tell, 1 in 20 comes nearer to another."""

LEFT_ASIDE = 0.5
"""Confidence from which something is an answer though it is not of the date, hand or place that the
question asks for, or is no catalogue entry where one is asked for: it must be likelier than not."""

CITED = 20
"""Documents of a list that are cited; the list itself is whole."""

CONTRADICTED = 0.5
"""What is left of the confidence where the question presupposes a document that is not there."""

RECORD_CONFIDENCE = 0.95
"""A field read from the catalogue; what is left is the doubt which document was meant."""

UNPROVEN_CONFIDENCE = 0.6
"""The same where the document was found by what it is about alone, or where not all that the
question says of it could be compared with it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is dressed: statements and citations, or an abstention."""

    confidence: float
    answer: str = ""
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    abstention: Abstention | None = None
    documents: tuple[Listed, ...] | None = None
    engine: str = EXTRACTIVE
    notice: str | None = None


def from_text(
    query: Query, found: Retrieved, store: IndexStore, encoder: Encoder, pointed: bool = False
) -> Draft:
    """What the archive's own sentences answer, or why they do not.

    Where the reader `pointed` to documents, the nearest that they say is the answer, however near.
    """
    dense = found.vector is not None
    evidence = ev.gather(query, found.hits, found.vector, store, encoder)
    confidence = ev.confidence(evidence, dense)
    least = ev.weights(dense).threshold
    if query.left_aside or record.understand(query.text, query.filter, store):
        least = max(least, LEFT_ASIDE)
    enough = confidence >= least or (pointed and evidence)
    if query.contradicted or not enough:
        return _abstain(query, found, evidence, confidence, store, encoder)
    citations = _place(choose(evidence), store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(wording.quoted(c.quote, c.document.lang, c.n) for c in citations)
    return Draft(confidence, answer, statements, citations, found.hits)


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
) -> Draft:
    nearest = found.hits
    on_subject = any(
        e.features["context_cover"] >= ON_SUBJECT or e.features["passage_cosine"] >= NEAR_SUBJECT
        for e in evidence
    )
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
    return Draft(confidence, message, hits=found.hits, abstention=abstention)


def from_list(query: Query, store: IndexStore) -> Draft | None:
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
        at = place.mentions[0][0] if place.mentions else None
        holding_it = (p for p in passages if at is not None and p.start <= at < p.end)
        passage = next(holding_it, passages[0])
        citations.append(_sentence(n, document, passage, store, at))
        hits.append(Hit(passage, document, n, 1.0))
        told.append(f"{wording.entry(query.lang, document, len(place.mentions))} [{n}]")
    numbers = tuple(c.n for c in citations)
    text = wording.listed(query.lang, len(whole), found.records, found.mentioned, len(shown))
    fields = {"documents": str(len(whole)), "records": str(found.records)}
    statement = Statement(text, "record", numbers, "verified", fields)
    answer = "\n\n".join((text, *told))
    return Draft(
        RECORD_CONFIDENCE, answer, (statement,), tuple(citations), tuple(hits), documents=whole
    )


def _outside(query: Query, store: IndexStore, encoder: Encoder) -> tuple[Hit, ...] | None:
    """The hits that would answer were there no filter; None when none would."""
    unfiltered = Filter(exclude=query.filter.exclude)
    if query.phrases:
        unfiltered = holding(query.phrases, query.text, unfiltered, store)
    everywhere = replace(query, filter=unfiltered, given=unfiltered)
    of_record = from_record(everywhere, store, encoder)
    if of_record is not None:
        hits = of_record.hits
    else:
        found = retrieve(everywhere, store, encoder, HITS)
        dense = found.vector is not None
        evidence = ev.gather(everywhere, found.hits, found.vector, store, encoder)
        if ev.confidence(evidence, dense) < ev.weights(dense).threshold:
            return None
        hits = found.hits
    inside = {document.document_id for document in store.documents(query.filter)}
    return tuple(hit for hit in hits if hit.document.document_id not in inside) or None


def from_record(query: Query, store: IndexStore, encoder: Encoder) -> Draft | None:
    """Fields of the documents that the question points out; None if it asks something else."""
    asked = record.understand(query.text, query.filter, store)
    if asked is None:
        return None
    documents, confidence = asked.documents, RECORD_CONFIDENCE
    if asked.topic:
        documents = _by_topic(asked, query, store, encoder)
        if not asked.points:
            confidence = UNPROVEN_CONFIDENCE
        if not documents and _cannot_be_compared(asked, query):
            documents, confidence = asked.documents, UNPROVEN_CONFIDENCE
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
        citations.append(_sentence(n, document, passage, store))
        hits.append(Hit(passage, document, n, 1.0))
    answer = "\n\n".join(f"{s.text} [{s.citations[0]}]" for s in statements)
    return Draft(confidence, answer, tuple(statements), tuple(citations), tuple(hits))


def _cannot_be_compared(asked: record.RecordQuestion, query: Query) -> bool:
    """Whether the question points to one document that is not in its language: what else it calls
    it ("the explanatory note") may well be its title, which what it is about is not."""
    alone = asked.points and len(asked.documents) == 1
    return alone and not asked.about and asked.documents[0].lang != query.lang


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


def _sentence(
    n: int, document: Document, passage: Passage, store: IndexStore, at: int | None = None
) -> Citation:
    """The sentence of the passage in which an offset of the document lies, else the first that
    tells something."""
    found = [(passage.start + s, passage.start + e) for s, e in sentences(passage.text)]
    inside = [span for span in found if at is not None and span[0] <= at < span[1]]
    telling = [span for span in found if not is_frame(document, *span)]
    start, end = (inside or telling or found)[0]
    return _cited(n, document, passage, start, end, store)
