"""Splices: quotations put together from several places, and where each part stands.

Covers the quotation from left to right with the longest runs of words that stand, apart from
typography, in one of the given documents. Parts that are themselves misquoted are not found. A
quotation that a fuzzy match explains, with a word left out or replaced, is not a splice.
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

MIN_PART_WORDS = 4
"""Fewer words stand in any text by chance."""

MAX_PARTS = 4
MAX_GAP_CHARS = 400
"""Parts of one document that are further apart are two places of it."""

_WORD = re.compile(r"\S+")
_MAX_WORDS_DROPPED = 3  # at the end of a part, to find its edge


@dataclass(frozen=True, slots=True)
class Part:
    """Words of the quotation, and where they stand."""

    quoted: str
    document: Document
    place: Place


def parts(quotation: str, documents: Sequence[Document]) -> list[Part]:
    """The parts of a spliced quotation; empty where it is none."""
    words = [match.span() for match in _WORD.finditer(quotation)]
    keyed = [(document, Keyed(document.text)) for document in documents]
    found: list[Part] = []
    at = 0
    while at < len(words):
        runs = [(_run(quotation, words, at, k), document, k) for document, k in keyed]
        length, document, k = max(runs, key=lambda run: run[0], default=(0, None, None))
        part = document and k and _standing(quotation, words, at, length, document, k)
        if not part or len(found) == MAX_PARTS:
            return []
        found.append(part)
        at += len(part.quoted.split())
    return found if _is_splice(found) else []


def _run(quotation: str, words: Sequence[tuple[int, int]], at: int, keyed: Keyed) -> int:
    """The number of words from `at` on whose letters stand together in the text."""
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
    """The part of `length` words from `at` on, or a few less, that stands as whole words."""
    for count in range(length, max(MIN_PART_WORDS, length - _MAX_WORDS_DROPPED) - 1, -1):
        quoted = quotation[words[at][0] : words[at + count - 1][1]]
        for place in places(keyed, [Segment(quoted)]):
            return Part(quoted, document, place)
    return None


def _is_splice(found: Sequence[Part]) -> bool:
    """Whether the parts are of several documents, or of places far apart or out of order."""
    if len({part.document.document_id for part in found}) > 1:
        return True
    gaps = [behind.place.start - before.place.end for before, behind in pairwise(found)]
    return any(gap < 0 or gap > MAX_GAP_CHARS for gap in gaps)
