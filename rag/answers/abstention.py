"""Why the archive does not answer, and what comes nearest."""

from __future__ import annotations

from dataclasses import replace

from index_store.types import Filter, Hit
from rag.answers import messages
from rag.answers.draft import Draft
from rag.answers.fields import from_fields
from rag.answers.inquiry import Inquiry
from rag.models import calibration
from rag.questions.phrases import holding
from rag.questions.query import Query
from rag.questions.whole_documents import asks_for_what_is_not_there
from rag.types import Abstention, AbstentionReason

MAX_NEAREST = 3
"""Hits that an abstention shows."""


def abstain(query: Query, inquiry: Inquiry) -> Draft:
    """The abstention with its reason in words and the nearest hits."""
    found, findings = inquiry.search(query), inquiry.findings(query)
    nearest, confidence = found.hits, findings.confidence
    reason: AbstentionReason = "silent" if _is_on_subject(query, inquiry) else "no_evidence"
    outside = None
    if query.user_filter != Filter() and not query.contradicted:
        outside = _answering_outside(query, inquiry)
        if outside is not None:
            reason, nearest = "outside_filters", outside
    message = messages.silence(query.lang, reason, query.filters, bool(found.hits))
    if reason == "silent" and (told_of := _mentioning(query, inquiry)) is not None:
        message = messages.mentioned(query.lang)
        nearest = (told_of, *(hit for hit in nearest if hit.passage != told_of.passage))
    if query.contradicted:
        reason, confidence = "silent", confidence * calibration.thresholds().contradiction_factor
        unmet = ", ".join(f"{c.field}: {c.value}" for c in query.constraints if not c.applied)
        message = messages.contradiction(query.lang, unmet)
    elif query.phrases and not inquiry.store.matching(query.user_filter) and outside is None:
        reason, message = "no_evidence", messages.no_phrase(query.lang, query.phrases)
    elif query.unheld:
        reason, message = "no_evidence", messages.no_phrase(query.lang, query.unheld)
    nearest = tuple(replace(hit, rank=rank) for rank, hit in enumerate(nearest[:MAX_NEAREST], 1))
    abstention = Abstention(reason, message, nearest)
    return Draft(query, confidence, message, hits=found.hits, abstention=abstention)


def from_what_is_not_there(query: Query, inquiry: Inquiry) -> Draft | None:
    """The abstention where all that somebody wrote is asked for, and the catalogue has nothing."""
    if query.user_filter != Filter() or not asks_for_what_is_not_there(query):
        return None
    return abstain(replace(query, contradicted=True), inquiry)


def _is_on_subject(query: Query, inquiry: Inquiry) -> bool:
    """Whether a passage shares enough words with the question, or is near enough to it."""
    least, near = calibration.thresholds().on_subject, inquiry.models.calibration.near_subject
    return any(
        e.features["context_cover"] >= least or (near is not None and _cosine(e.hit) >= near)
        for e in inquiry.findings(query).sentences
    )


def _mentioning(query: Query, inquiry: Inquiry) -> Hit | None:
    """The hit with a sentence that has most of the question's words, where one has."""
    share = calibration.thresholds().on_subject
    found = inquiry.findings(query).sentences
    best = max(found, key=lambda e: e.features["sentence_cover"], default=None)
    return best.hit if best and best.features["sentence_cover"] >= share else None


def _cosine(hit: Hit) -> float:
    """The cosine of question and passage, 0 where the passage is not in the encoder's list."""
    found = hit.origins.get("dense")
    return found.score if found else 0.0


def _answering_outside(query: Query, inquiry: Inquiry) -> tuple[Hit, ...] | None:
    """The hits that would answer without the user's filters; None when none would."""
    unfiltered = Filter(exclude=query.filter.exclude)
    if query.phrases:
        unfiltered = holding(query.phrases, query.text, unfiltered, inquiry.store)
    everywhere = replace(query, filter=unfiltered, user_filter=unfiltered)
    of_fields = from_fields(everywhere, inquiry)
    if of_fields is not None:
        hits = of_fields.hits
    else:
        findings = inquiry.findings(everywhere)
        if findings.confidence < findings.threshold:
            return None
        hits = inquiry.search(everywhere).hits
    inside = {document.document_id for document in inquiry.store.documents(query.filter)}
    return tuple(hit for hit in hits if hit.document.document_id not in inside) or None
