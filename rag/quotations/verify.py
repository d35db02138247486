"""Where a quotation stands in the store: exactly, after normalization, similarly, or not at all.

All exact and normalised places are found, through the catalogue's key of letters and digits, and
checked by `rag.quotations.exact_match`; similar ones ("near") only in the documents that a search
finds. No model, no embedding and no threshold can call a quotation exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from index_store.types import Document, Passage
from rag.citations.citation import cite
from rag.citations.regions import located_citations
from rag.errors import UsageError
from rag.quotations import fuzzy_search, messages, splices
from rag.quotations.ellipses import Segment, interpretations
from rag.quotations.exact_match import places
from rag.quotations.fuzzy_search import Candidate
from rag.records import counterparts
from rag.text.normalization import Keyed, key
from rag.types import Check, Citation, Difference, Explanation, Match, MatchStatus, QuotationReport

if TYPE_CHECKING:
    from index_store.store import IndexStore

MIN_LETTERS = 3
MAX_MATCHES = 20
STANDING = ("exact", "normalised")


@dataclass(frozen=True, slots=True)
class _Found:
    """A span of a document where the quotation stands, with what differs in a near match."""

    status: MatchStatus
    document: Document
    start: int
    end: int
    differences: tuple[Difference, ...] = ()


def verify(quotation: str, store: IndexStore, document_id: str | None = None) -> QuotationReport:
    """Where `quotation` stands, in the whole store or in one document; at most 20 places, best
    first, then by document id and offset.

    UsageError for a quotation of fewer than 3 letters or digits; NotStored for an unknown
    `document_id`.
    """
    if len(key(quotation)) < MIN_LETTERS:
        raise UsageError(
            f"The quotation {quotation!r} has fewer than {MIN_LETTERS} letters or digits; "
            "give at least a word of it."
        )
    if document_id is not None:
        store.document(document_id)
    found: list[_Found] = []
    for interpretation in interpretations(quotation):
        found = found or _standing(interpretation, store, document_id)
    explanation = None
    if not found:
        candidates = fuzzy_search.candidates(quotation, store, document_id)
        found = [
            _Found("near", match.document, match.start, match.end, match.differences)
            for match in fuzzy_search.places(quotation, candidates)[:MAX_MATCHES]
        ]
        explanation = _explain(quotation, candidates, store, document_id)
    matches = _matches(found, store)
    status = matches[0].status if matches else "absent"
    return QuotationReport(quotation, status, matches, explanation)


def _standing(segments: list[Segment], store: IndexStore, document_id: str | None) -> list[_Found]:
    """Places where the segments stand exactly or after normalization."""
    keys = {key(segment.text) for segment in segments}
    holding = set.intersection(*(set(store.containing(k, document_id)) for k in keys))
    exact: list[_Found] = []
    normalised: list[_Found] = []
    for held in sorted(holding):
        document = store.document(held)
        # More than are shown, because exact ones come first.
        for place in islice(places(Keyed(document.text), segments), 10 * MAX_MATCHES):
            if place.exact:
                exact.append(_Found("exact", document, place.start, place.end))
            else:
                normalised.append(_Found("normalised", document, place.start, place.end))
        if len(exact) >= MAX_MATCHES:
            break
    return (exact + normalised)[:MAX_MATCHES]


def _explain(
    quotation: str, candidates: Sequence[Candidate], store: IndexStore, document_id: str | None
) -> Explanation | None:
    """Where the words stand instead: in other documents, or in several places."""
    if document_id is not None:
        elsewhere = verify(quotation, store)
        if elsewhere.status in STANDING:
            return Explanation(
                "elsewhere", messages.elsewhere(elsewhere.matches, document_id), elsewhere.matches
            )
        return elsewhere.explanation
    found = splices.parts(quotation, [candidate.document for candidate in candidates])
    standing = []
    for part in found:
        status: MatchStatus = "exact" if part.place.exact else "normalised"
        standing.append(_Found(status, part.document, part.place.start, part.place.end))
    matches = _matches(standing, store)
    return Explanation("splice", messages.spliced(matches), matches) if found else None


def _matches(found: Sequence[_Found], store: IndexStore) -> tuple[Match, ...]:
    citations = [_citation(n, place, store) for n, place in enumerate(found, 1)]
    pairs = zip(found, located_citations(citations, store), strict=True)
    return tuple(Match(place.status, citation, place.differences) for place, citation in pairs)


def _citation(n: int, found: _Found, store: IndexStore) -> Citation:
    document = found.document
    passage = _passage(store.passages(document.document_id), found.start)
    # `Match.status` says that a near match is not a quotation; a citation has no such check.
    check: Check = "exact" if found.status == "exact" else "normalised"
    beside = counterparts.find(document, found.start, found.end, store)
    return cite(n, document, passage, found.start, found.end, check, beside)


def _passage(passages: list[Passage], start: int) -> Passage:
    """The passage in which the span begins."""
    return passages[max(0, bisect_right([p.start for p in passages], start) - 1)]
