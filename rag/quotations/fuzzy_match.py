"""Fuzzy matching: the part of a text that is most similar to a quotation, and what differs.

Words are folded (case, ё and е) to find the part; the differences are between the words as they
are written. Alignment is by whole words, so that a misspelt word is aligned with the right one. A
text that is so damaged that few words are intact is not found.

Not here: exact matches (`rag.quotations.exact_match`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, Levenshtein

from rag.text.normalization import QUOTES, agree, canonical, equal_ignoring_typography, is_letter
from rag.types import Difference

_TOKEN = re.compile(r"\S+(?:(?<=[-‐¬\xad])(?:\r\n|[\r\n])[ \t]*\S+)*")  # over line ends
_NOT_WORD = re.compile(r"[\W_]+")
_SUBSTITUTED, _LEFT_OUT, _ADDED = 10, 11, 10  # costs: omitting costs more than replacing
_MAX_CELLS = 40_000_000  # of one alignment; beyond it a window of the text is chosen first

Ids = NDArray[np.int32]


class Token(NamedTuple):
    """A word with its punctuation: where it stands and how it is compared."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """The part of a text most similar to a quotation; `similarity` of the letters, 0 to 1."""

    start: int
    end: int
    similarity: float


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words of a text, or of its [start:end]; punctuation that stands alone folds to ""."""
    found = _TOKEN.finditer(text, start, len(text) if end is None else end)
    return [Token(m.start(), m.end(), _fold(m.group())) for m in found]


def align(quoted: Sequence[Token], stored: Sequence[Token], begin: int = 0) -> Alignment | None:
    """The part of `stored`, from its token `begin` on, with the fewest word edits from `quoted`;
    None if either has no words."""
    words = [token for token in quoted if token.folded]
    text = [token for token in stored[begin:] if token.folded]
    if not words or not text:
        return None
    numbers: dict[str, int] = {}
    ids = [
        np.array([numbers.setdefault(t.folded, len(numbers)) for t in side], dtype=np.int32)
        for side in (words, text)
    ]
    low, high = _window(*ids)
    last = low + _last(ids[0], ids[1][low:high])
    first = last - _last(ids[0][::-1], ids[1][low : last + 1][::-1], anchored=True)
    similarity = Indel.normalized_similarity(
        " ".join(token.folded for token in words),
        " ".join(token.folded for token in text[first : last + 1]),
    )
    return Alignment(text[first].start, text[last].end, similarity)


def differences(quoted: str, stored: str) -> tuple[Difference, ...]:
    """The groups of words that differ in more than typography, in order."""
    left, right = list(_TOKEN.finditer(quoted)), list(_TOKEN.finditer(stored))
    plain_left = [canonical(match.group()) for match in left]
    plain_right = [canonical(match.group()) for match in right]
    for edge in (0, -1) if left and right else ():
        if equal_ignoring_typography(left[edge].group(), right[edge].group()):
            plain_left[edge] = plain_right[edge]  # outer quotation marks, a final stop left out
    groups: list[list[int]] = []
    for edit in Levenshtein.opcodes(plain_left, plain_right):
        edges = [edit.src_start, edit.src_end, edit.dest_start, edit.dest_end]
        if edit.tag == "equal":
            continue
        if groups and groups[-1][1] == edges[0] and groups[-1][3] == edges[2]:
            groups[-1][1], groups[-1][3] = edges[1], edges[3]
        else:
            groups.append(edges)
    pairs = [(_slice(quoted, left, a, b), _slice(stored, right, c, d)) for a, b, c, d in groups]
    return tuple(
        Difference(" ".join(q.split()), " ".join(s.split())) for q, s in pairs if not agree(q, s)
    )


def _slice(text: str, words: list[re.Match[str]], first: int, after: int) -> str:
    return text[words[first].start() : words[after - 1].end()] if first < after else ""


def narrow(quoted: str, text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the punctuation at its edges where the quotation has none there."""
    quoted = quoted.strip(QUOTES + " ")
    while end > start + 1 and is_letter(quoted[-1]) and not is_letter(text[end - 1]):
        end -= 1
    while start < end - 1 and is_letter(quoted[0]) and not is_letter(text[start]):
        start += 1
    return start, end


@lru_cache(1 << 16)
def _fold(word: str) -> str:
    folded = unicodedata.normalize("NFC", word).casefold().replace("ё", "е")
    return _NOT_WORD.sub("", folded)


def _window(quoted: Ids, stored: Ids) -> tuple[int, int]:
    """The part of the text to align: all of it, or the part where most of the words stand."""
    length = len(quoted)
    if length * len(stored) <= _MAX_CELLS:
        return 0, len(stored)
    hits = np.concatenate(([0], np.cumsum(np.isin(stored, quoted))))
    best = int(np.argmax(hits[length:] - hits[:-length])) if len(stored) > length else 0
    return max(0, best - length), min(len(stored), best + 2 * length)


def _last(quoted: Ids, stored: Ids, anchored: bool = False) -> int:
    """The index of the last word of the part of `stored` with the fewest edits from `quoted`.

    The part begins at any word, or at the first if `anchored`. Computed row by row in the usual
    edit-distance table (Sellers, "The theory and computation of evolutionary distances", 1980);
    additions along a row are a running minimum.
    """
    slope = np.arange(len(stored) + 1, dtype=np.int32) * _ADDED
    row = slope if anchored else np.zeros_like(slope)
    for word in quoted:
        following = row + _LEFT_OUT
        np.minimum(following[1:], row[:-1] + _SUBSTITUTED * (stored != word), out=following[1:])
        row = np.minimum.accumulate(following - slope) + slope
    return max(0, int(np.argmin(row)) - 1)
