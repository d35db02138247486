"""Why the archive does not answer, and what comes nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index_store.store import IndexStore
from index_store.types import Filter, Hit
from rag.answers import evidence as ev
from rag.answers import messages
from rag.answers.draft import HITS, Draft
from rag.answers.fields import from_record
from rag.models.encoder import Encoder
from rag.questions.phrases import holding
from rag.questions.query import Query
from rag.retrieval.search import Retrieved, retrieve
from rag.types import Abstention, AbstentionReason

ON_SUBJECT = 0.5
"""Share of the question's weight that a passage must share to be "on the subject"."""

NEAR_SUBJECT = 0.42
"""Cosine of passage and question from which a passage is "on the subject", whatever its words: of
the questions on what SQuAD2's removed articles tell, 1 in 20 comes nearer to another."""

CONTRADICTED = 0.5
"""What is left of the confidence where the question presupposes a document that is not there."""


def abstain(
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
    elsewhere = None
    if query.given != Filter() and not query.contradicted:
        elsewhere = outside(query, store, encoder)
        if elsewhere is not None:
            reason, nearest = "outside_filters", elsewhere
    message = messages.silence(query.lang, reason, query.filters, bool(found.hits))
    if query.contradicted:
        reason, confidence = "silent", confidence * CONTRADICTED
        unmet = ", ".join(f"{c.field}: {c.value}" for c in query.constraints if not c.applied)
        message = messages.contradiction(query.lang, unmet)
    elif query.phrases and not store.matching(query.given) and elsewhere is None:
        reason, message = "no_evidence", messages.no_phrase(query.lang, query.phrases)
    nearest = tuple(replace(hit, rank=rank) for rank, hit in enumerate(nearest[:3], 1))
    abstention = Abstention(reason, message, nearest)
    return Draft(confidence, message, hits=found.hits, abstention=abstention)


def outside(query: Query, store: IndexStore, encoder: Encoder) -> tuple[Hit, ...] | None:
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
