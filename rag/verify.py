"""Where a quotation stands in the store: exactly, but for its form, nearly, or not at all.

Exact and normalised places are found completely, through the catalogue's key of letters and
digits, and judged by `locate`; near ones among the documents that search finds. No model, no
embedding and no threshold can call a quotation exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from index_store.types import Document, Passage
from rag import counterpart
from rag.citations import cite
from rag.errors import UsageError
from rag.form import Keyed, key
from rag.locate import places
from rag.near import align, differences, narrow, tokens
from rag.segments import Segment, is_quoters, parts, readings
from rag.types import Check, Difference, Match, MatchStatus, QuotationReport

if TYPE_CHECKING:
    from index_store.store import IndexStore

FEWEST_LETTERS = 3
MOST_MATCHES = 20
# Similarity of letters from which a stretch is shown as near. Measured on sentences of letters:
# with up to three words changed nearly all lie above, others' sentences below.
NEAR = 0.75
NEAR_SHORT, _SHORT_WORDS = 0.8, 9  # for quotations of fewer words, which chance hits more often
_CANDIDATES = 25  # documents searched for near places
_SEARCHED = 5000  # characters of it that go into that search
_ALIGNED_WORDS = 1000  # a longer quotation is aligned part by part


@dataclass(frozen=True, slots=True)
class _Found:
    """A stretch of a document; near ones with what differs."""

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
    if len(key(quotation)) < FEWEST_LETTERS:
        raise UsageError(
            f"The quotation {quotation!r} has fewer than {FEWEST_LETTERS} letters or digits; "
            "give at least a word of it."
        )
    if document_id is not None:
        store.document(document_id)
    found: list[_Found] = []
    for reading in readings(quotation):
        found = found or _standing(reading, store, document_id)
    found = found or _near(quotation, store, document_id)
    matches = tuple(_match(n, place, store) for n, place in enumerate(found, 1))
    return QuotationReport(quotation, matches[0].status if matches else "absent", matches)


def _standing(reading: list[Segment], store: IndexStore, document_id: str | None) -> list[_Found]:
    """Places where the reading stands exactly or but for its form."""
    keys = {key(segment.text) for segment in reading}
    holding = set.intersection(*(set(store.containing(k, document_id)) for k in keys))
    exact: list[_Found] = []
    normalised: list[_Found] = []
    for held in sorted(holding):
        document = store.document(held)
        # More than are shown, since the exact ones among them come first.
        for place in islice(places(Keyed(document.text), reading), 10 * MOST_MATCHES):
            if place.exact:
                exact.append(_Found("exact", document, place.start, place.end))
            else:
                normalised.append(_Found("normalised", document, place.start, place.end))
        if len(exact) >= MOST_MATCHES:
            break
    return (exact + normalised)[:MOST_MATCHES]


def _near(quotation: str, store: IndexStore, document_id: str | None) -> list[_Found]:
    """The nearest place in each document that search finds, where it is near enough."""
    segments = [part for stretch in parts(quotation) for part in _portions(stretch)]
    enough = NEAR if len(quotation.split()) >= _SHORT_WORDS else NEAR_SHORT
    found: list[tuple[float, _Found]] = []
    for candidate in _candidates(quotation, store, document_id):
        document = store.document(candidate)
        nearest = _align(segments, document.text)
        if nearest is None or nearest[0] < enough:
            continue
        similarity, stretches = nearest
        differing = tuple(
            difference
            for segment, (start, end) in zip(segments, stretches, strict=True)
            for difference in differences(segment, document.text[start:end])
            if "[" in difference.stored or not is_quoters(difference.quoted)
        )
        start, end = stretches[0][0], stretches[-1][1]
        # Only a gap or the edge of a word may be wrong: then the whole is what differs.
        differing = differing or (Difference(quotation, document.text[start:end]),)
        found.append((similarity, _Found("near", document, start, end, differing)))
    found.sort(key=lambda f: (-f[0], f[1].document.document_id, f[1].start))
    return [place for _, place in found[:MOST_MATCHES]]


def _portions(stretch: str) -> list[str]:
    """The stretch in portions that can be aligned in one go."""
    words = tokens(stretch)
    portions = [words[i : i + _ALIGNED_WORDS] for i in range(0, len(words), _ALIGNED_WORDS)]
    texts = [stretch[portion[0].start : portion[-1].end] for portion in portions]
    return [text for text in texts if key(text)]


def _candidates(quotation: str, store: IndexStore, document_id: str | None) -> list[str]:
    """Documents in which the quotation may nearly stand, each once."""
    if document_id is not None:
        return [document_id]
    words = quotation[:_SEARCHED]
    by_document = store.lexical_search(words, _CANDIDATES, level="document")
    by_passage = store.lexical_search(words, _CANDIDATES)
    ids = store.containing(key(quotation))[:_CANDIDATES]  # the same letters, other punctuation
    ids += [scored.passage_id for scored in by_document]
    ids += [scored.passage_id.rpartition("#")[0] for scored in by_passage]
    return list(dict.fromkeys(ids))


def _align(segments: list[str], text: str) -> tuple[float, list[tuple[int, int]]] | None:
    """The segments' nearest stretches one behind the other, and the least of their
    similarities; None where the text has no words left."""
    stored = tokens(text)
    starts = [token.start for token in stored]
    stretches: list[tuple[int, int]] = []
    least, begin = 1.0, 0
    for segment in segments:
        nearest = align(tokens(segment), stored, begin)
        if nearest is None:
            return None
        stretches.append(narrow(segment, text, nearest.start, nearest.end))
        least = min(least, nearest.similarity)
        begin = bisect_left(starts, nearest.end)
    return least, stretches


def _match(n: int, found: _Found, store: IndexStore) -> Match:
    document = found.document
    passage = _passage(store.passages(document.document_id), found.start)
    # A near match is no quotation: `Match.status`, not the citation's check, says so.
    check: Check = "exact" if found.status == "exact" else "normalised"
    beside = counterpart.find(document, found.start, found.end, store)
    citation = cite(n, document, passage, found.start, found.end, check, beside)
    return Match(found.status, citation, found.differences)


def _passage(passages: list[Passage], start: int) -> Passage:
    """The passage in which the stretch begins."""
    return passages[max(0, bisect_right([p.start for p in passages], start) - 1)]
