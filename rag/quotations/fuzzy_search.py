"""Fuzzy search: which documents have something similar to a quotation, and where.

Candidates come from lexical searches for the quotation's words and for pairs of them, passages
first; each is aligned only around its passages, so that the search is fast. A quotation with
ellipses is aligned with the whole document, segment after segment, and also as if the ellipses were
the document's own.

Not here: the comparison with one text (`rag.quotations.fuzzy_match`).
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

MIN_SIMILARITY = 0.75
"""Similarity of letters from which a match is shown. Measured on sentences of letters: nearly all
with up to three words changed lie above it, other sentences below."""

MIN_SIMILARITY_SHORT = 0.8
"""The same for quotations of fewer than `_SHORT_WORDS` words, which match by chance more often."""

_SHORT_WORDS = 9
_MAX_PASSAGES, _MAX_DOCUMENTS = 12, 4  # that are aligned
_MAX_BY_PAIRS = 4  # passages that are aligned because pairs of words stand there
_MAX_SEARCHED_CHARS = 5000  # of a quotation, in that search
_MAX_ALIGNED_WORDS = 1000  # a longer quotation is aligned part by part
_MARGIN_CHARS = 200  # beside a passage, in addition to the quotation's own length

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document, and the spans of it to align."""

    document: Document
    windows: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class FuzzyMatch:
    """A span of a document that is similar to the quotation, and what differs.

    `similarity` is that of the letters, 0 to 1.
    """

    similarity: float
    document: Document
    start: int
    end: int
    differences: tuple[Difference, ...]


def candidates(quotation: str, store: IndexStore, document_id: str | None) -> list[Candidate]:
    """Documents that may have something similar, the likeliest first; `document_id` alone, whole,
    where one is given."""
    if document_id is not None:
        document = store.document(document_id)
        return [Candidate(document, ((0, len(document.text)),))]
    words = quotation[:_MAX_SEARCHED_CHARS]
    origin: dict[str, Origin] = {}
    found = store.lexical_search(words, _MAX_PASSAGES)
    found += store.pairs_search(words, _MAX_BY_PAIRS)
    names = dict.fromkeys(scored.passage_id for scored in found)
    hits = store.hits([(name, 0.0, origin) for name in names])
    documents = {hit.document.document_id: hit.document for hit in hits}
    windows: dict[str, list[Span]] = defaultdict(list)
    reach = len(quotation) + _MARGIN_CHARS
    for hit in hits:
        name, passage = hit.document.document_id, hit.passage
        windows[name].append(
            _widened(hit.document.text, passage.start - reach, passage.end + reach)
        )
    # The same letters with other punctuation, and a quotation that covers many passages.
    others = store.containing(key(quotation))[:_MAX_DOCUMENTS]
    others += [s.passage_id for s in store.lexical_search(words, _MAX_DOCUMENTS, level="document")]
    for name in others:
        if name not in documents:
            documents[name] = store.document(name)
            windows[name].append((0, len(documents[name].text)))
    return [Candidate(document, tuple(_joined(windows[n]))) for n, document in documents.items()]


def places(quotation: str, candidates: Sequence[Candidate]) -> list[FuzzyMatch]:
    """The best match in each candidate that is similar enough, best first."""
    threshold = MIN_SIMILARITY if len(quotation.split()) >= _SHORT_WORDS else MIN_SIMILARITY_SHORT
    segments = parts(quotation)
    found = []
    for candidate in candidates:
        matches = [_best_match([quotation], candidate)]
        if segments != [quotation.strip()]:
            whole = Candidate(candidate.document, ((0, len(candidate.document.text)),))
            matches.append(_best_match(segments, whole))
        best = max(filter(None, matches), key=lambda match: match.similarity, default=None)
        if best is not None and best.similarity >= threshold:
            found.append(best)
    return sorted(found, key=lambda m: (-m.similarity, m.document.document_id, m.start))


def _widened(text: str, start: int, end: int) -> Span:
    """The span inside the text, widened to white space."""
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


def _best_match(segments: Sequence[str], candidate: Candidate) -> FuzzyMatch | None:
    """The most similar span in any of the candidate's windows."""
    portions = [portion for segment in segments for portion in _portions(segment)]
    text = candidate.document.text
    best: tuple[float, list[Span]] | None = None
    for window in candidate.windows:
        aligned = _aligned(portions, text, tokens(text, *window))
        if aligned is not None and (best is None or aligned[0] > best[0]):
            best = aligned
    if best is None:
        return None
    similarity, spans = best
    differing = tuple(
        difference
        for portion, (start, end) in zip(portions, spans, strict=True)
        for difference in differences(portion, text[start:end])
        if "[" in difference.stored or not is_quoters(difference.quoted)
    )
    start, end = spans[0][0], spans[-1][1]
    # If only a gap or the edge of a word is wrong, the whole is given as what differs.
    differing = differing or (Difference(" … ".join(segments), text[start:end]),)
    return FuzzyMatch(similarity, candidate.document, start, end, differing)


def _portions(segment: str) -> list[str]:
    """The segment in portions that can be aligned in one go."""
    words = tokens(segment)
    step = _MAX_ALIGNED_WORDS
    portions = [words[i : i + step] for i in range(0, len(words), step)]
    texts = [segment[portion[0].start : portion[-1].end] for portion in portions]
    return [text for text in texts if key(text)]


def _aligned(
    portions: Sequence[str], text: str, stored: Sequence[Token]
) -> tuple[float, list[Span]] | None:
    """The lowest similarity of the portions, and their spans, one after the other; None where the
    text has no words left."""
    starts = [token.start for token in stored]
    spans: list[Span] = []
    lowest, begin = 1.0, 0
    for portion in portions:
        aligned = align(tokens(portion), stored, begin)
        if aligned is None:
            return None
        spans.append(narrow(portion, text, aligned.start, aligned.end))
        lowest = min(lowest, aligned.similarity)
        begin = bisect_left(starts, aligned.end)
    return lowest, spans
