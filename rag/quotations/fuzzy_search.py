"""Which documents nearly hold a quotation, and where.

Candidates come from the lexical search for the quotation's words, passages first; each is aligned
around its passages only, which is what makes it quick. A quotation with ellipses is aligned with
the whole document, segment behind segment, and once as if the ellipses were the document's own.
How two stretches are compared is in `near`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index_store.store import IndexStore
from index_store.types import Document, Origin
from rag.quotations.ellipses import is_quoters, parts
from rag.quotations.fuzzy_match import Token, align, differences, narrow, tokens
from rag.text.normalization import key
from rag.types import Difference

# Similarity of letters from which a stretch is shown as near. Measured on sentences of letters:
# with up to three words changed nearly all lie above, others' sentences below.
NEAR = 0.75
NEAR_SHORT, _SHORT_WORDS = 0.8, 9  # for quotations of fewer words, which chance hits more often
_PASSAGES, _DOCUMENTS = 12, 4  # searched for near places
_SEARCHED = 5000  # characters of a quotation that go into that search
_ALIGNED_WORDS = 1000  # a longer quotation is aligned part by part
_MARGIN = 200  # characters beside a passage, beyond the quotation's own length

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document, and the stretches of it to look at."""

    document: Document
    windows: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A stretch of a document that is nearly the quotation, and what differs."""

    similarity: float
    document: Document
    start: int
    end: int
    differences: tuple[Difference, ...]


def candidates(quotation: str, store: IndexStore, document_id: str | None) -> list[Candidate]:
    """Documents in which the quotation may nearly stand, the likeliest first."""
    if document_id is not None:
        document = store.document(document_id)
        return [Candidate(document, ((0, len(document.text)),))]
    words = quotation[:_SEARCHED]
    origin: dict[str, Origin] = {}
    found = store.lexical_search(words, _PASSAGES)
    hits = store.hits([(scored.passage_id, scored.score, origin) for scored in found])
    documents = {hit.document.document_id: hit.document for hit in hits}
    windows: dict[str, list[Span]] = defaultdict(list)
    reach = len(quotation) + _MARGIN
    for hit in hits:
        name, passage = hit.document.document_id, hit.passage
        windows[name].append(
            _widened(hit.document.text, passage.start - reach, passage.end + reach)
        )
    # The same letters with other punctuation; a quotation that runs over many passages.
    others = store.containing(key(quotation))[:_DOCUMENTS]
    others += [s.passage_id for s in store.lexical_search(words, _DOCUMENTS, level="document")]
    for name in others:
        if name not in documents:
            documents[name] = store.document(name)
            windows[name].append((0, len(documents[name].text)))
    return [Candidate(document, tuple(_joined(windows[n]))) for n, document in documents.items()]


def places(quotation: str, candidates: Sequence[Candidate]) -> list[Near]:
    """The nearest place in each candidate where it is near enough, best first."""
    enough = NEAR if len(quotation.split()) >= _SHORT_WORDS else NEAR_SHORT
    segments = parts(quotation)
    found = []
    for candidate in candidates:
        readings = [_nearest([quotation], candidate)]
        if segments != [quotation.strip()]:
            whole = Candidate(candidate.document, ((0, len(candidate.document.text)),))
            readings.append(_nearest(segments, whole))
        best = max(filter(None, readings), key=lambda near: near.similarity, default=None)
        if best is not None and best.similarity >= enough:
            found.append(best)
    return sorted(found, key=lambda n: (-n.similarity, n.document.document_id, n.start))


def _widened(text: str, start: int, end: int) -> Span:
    """The span inside the text, moved out to white space."""
    start, end = max(0, start), min(len(text), end)
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _joined(windows: list[Span]) -> Iterator[Span]:
    """Overlapping windows as one, in order."""
    start, end = -1, -1
    for window in sorted(windows):
        if window[0] > end:
            if end >= 0:
                yield start, end
            start = window[0]
        end = max(end, window[1])
    if end >= 0:
        yield start, end


def _nearest(segments: Sequence[str], candidate: Candidate) -> Near | None:
    """The segments' nearest stretch in any of the candidate's windows."""
    portions = [portion for segment in segments for portion in _portions(segment)]
    text = candidate.document.text
    best: tuple[float, list[Span]] | None = None
    for window in candidate.windows:
        aligned = _aligned(portions, text, tokens(text, *window))
        if aligned is not None and (best is None or aligned[0] > best[0]):
            best = aligned
    if best is None:
        return None
    similarity, stretches = best
    differing = tuple(
        difference
        for portion, (start, end) in zip(portions, stretches, strict=True)
        for difference in differences(portion, text[start:end])
        if "[" in difference.stored or not is_quoters(difference.quoted)
    )
    start, end = stretches[0][0], stretches[-1][1]
    # Only a gap or the edge of a word may be wrong: then the whole is what differs.
    differing = differing or (Difference(" … ".join(segments), text[start:end]),)
    return Near(similarity, candidate.document, start, end, differing)


def _portions(segment: str) -> list[str]:
    """The segment in portions that can be aligned in one go."""
    words = tokens(segment)
    portions = [words[i : i + _ALIGNED_WORDS] for i in range(0, len(words), _ALIGNED_WORDS)]
    texts = [segment[portion[0].start : portion[-1].end] for portion in portions]
    return [text for text in texts if key(text)]


def _aligned(
    portions: Sequence[str], text: str, stored: Sequence[Token]
) -> tuple[float, list[Span]] | None:
    """The portions' nearest stretches one behind the other, and the least of their
    similarities; None where the text has no words left."""
    starts = [token.start for token in stored]
    stretches: list[Span] = []
    least, begin = 1.0, 0
    for portion in portions:
        nearest = align(tokens(portion), stored, begin)
        if nearest is None:
            return None
        stretches.append(narrow(portion, text, nearest.start, nearest.end))
        least = min(least, nearest.similarity)
        begin = bisect_left(starts, nearest.end)
    return least, stretches
