"""A quotation put together from words that stand elsewhere: where each part of it stands.

Covers the quotation from left to right with the longest runs of words that stand, but for their
form, in one of the documents given. It finds no parts that are themselves miscopied, and calls
nothing a splice that a near match explains: a word left out, a word exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index_store.types import Document
from rag.quotations.ellipses import Segment
from rag.quotations.exact_match import Place, places
from rag.text.normalization import Keyed, key

FEWEST_WORDS = 4
"""Of each part; fewer stand in any text by chance."""

MOST_PARTS = 4
FAR = 400
"""Characters between two parts of one document from which they are two places of it."""

_WORD = re.compile(r"\S+")
_EDGES = 3  # words given back to find the edge of a part


@dataclass(frozen=True, slots=True)
class Part:
    """Words of the quotation, and where they stand."""

    quoted: str
    document: Document
    place: Place


def parts(quotation: str, documents: Sequence[Document]) -> list[Part]:
    """The parts of a quotation that was put together; empty where it cannot be told so."""
    words = [match.span() for match in _WORD.finditer(quotation)]
    keyed = [(document, Keyed(document.text)) for document in documents]
    found: list[Part] = []
    at = 0
    while at < len(words):
        runs = [(_run(quotation, words, at, k), document, k) for document, k in keyed]
        length, document, k = max(runs, key=lambda run: run[0], default=(0, None, None))
        part = document and k and _standing(quotation, words, at, length, document, k)
        if not part or len(found) == MOST_PARTS:
            return []
        found.append(part)
        at += len(part.quoted.split())
    return found if _is_splice(found) else []


def _run(quotation: str, words: Sequence[tuple[int, int]], at: int, keyed: Keyed) -> int:
    """Words from `at` on whose letters stand together in the text: as many as do."""
    low, high = 0, len(words) - at
    while low < high:
        middle = (low + high + 1) // 2
        if key(quotation[words[at][0] : words[at + middle - 1][1]]) in keyed.key:
            low = middle
        else:
            high = middle - 1
    return low


def _standing(
    quotation: str,
    words: Sequence[tuple[int, int]],
    at: int,
    length: int,
    document: Document,
    keyed: Keyed,
) -> Part | None:
    """The part of so many words, or a few less, where it stands as whole words."""
    for count in range(length, max(FEWEST_WORDS, length - _EDGES) - 1, -1):
        quoted = quotation[words[at][0] : words[at + count - 1][1]]
        for place in places(keyed, [Segment(quoted)]):
            return Part(quoted, document, place)
    return None


def _is_splice(found: Sequence[Part]) -> bool:
    """Whether the parts are of several documents, or of places far apart or out of order."""
    if len({part.document.document_id for part in found}) > 1:
        return True
    gaps = [behind.place.start - before.place.end for before, behind in pairwise(found)]
    return any(gap < 0 or gap > FAR for gap in gaps)
