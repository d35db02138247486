"""Answers quoted from the archive's own sentences."""

from __future__ import annotations

from index_store.store import IndexStore
from rag.answers import evidence as ev
from rag.answers import messages
from rag.answers.abstention import abstain
from rag.answers.draft import LEFT_ASIDE, Draft, place
from rag.answers.selection import choose
from rag.models.encoder import Encoder
from rag.questions import field_questions
from rag.questions.query import Query
from rag.retrieval.search import Retrieved
from rag.types import Statement


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
    if query.left_aside or field_questions.understand(query.text, query.filter, store):
        least = max(least, LEFT_ASIDE)
    enough = confidence >= least or (pointed and evidence)
    if query.contradicted or not enough:
        return abstain(query, found, evidence, confidence, store, encoder)
    citations = place(choose(evidence), store)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    answer = "\n\n".join(messages.quoted(c.quote, c.document.lang, c.n) for c in citations)
    return Draft(confidence, answer, statements, citations, found.hits)
