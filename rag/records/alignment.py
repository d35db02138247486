"""Alignment of two language versions of a text: which paragraphs and sentences correspond.

Dynamic programming over lengths after Gale and Church ("A Program for Aligning Sentences in
Bilingual Corpora", Computational Linguistics 19, 1993), with anchors in addition: numbers, words
in the other's script, names and cognates compared by their sounds. An anchor has more weight the
rarer it is in both texts. Paragraphs and sentences ("units") keep their order, so a unit that a
translator moved has no counterpart, nor has one that only one of the texts has.

Not here: whether two documents are versions of one text (`rag.records.versions`), a dictionary,
an encoder (the default one reads no Russian). Of scripts other than Latin and Cyrillic only
lengths and digits are compared.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.text.layout import units
from rag.text.phonetics import consonants, phonetic_variants
from rag.text.sentences import sentences

MAX_CELLS = 4_000_000
"""Pairs of units compared (2,000 paragraphs with as many); longer texts are not aligned."""

# Costs are negative natural logarithms of probabilities. A bead is so many units of one text that
# correspond to so many of the other; its cost is relative to one with one.
_BEAD_COSTS = {(1, 1): 0.0, (1, 2): 2.8, (2, 1): 2.8, (2, 2): 6.8, (1, 3): 5.5, (3, 1): 5.5}
_UNPAIRED_COST = 2.5  # of a unit without a counterpart
_LENGTH_DEVIATION = 0.2  # standard deviation of a length, as a share of it
_VARIANCE_PER_CHAR = 7.0  # variance of a length in addition, for each character
_MAX_LENGTH_COST = 40.0
_ANCHOR_WEIGHT = 0.67  # for each natural logarithm of an anchor's rarity
_MIN_CONSONANTS = 3  # of a name; a cognate in small letters needs one more
_MIN_COGNATE_LETTERS = 6

# Coefficients of the error function, the highest power first: Abramowitz and Stegun, Handbook of
# Mathematical Functions, 7.1.26.
_SERIES = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)

_TOKEN = re.compile(r"[^\W_]+")

Span = tuple[int, int]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Spans of two texts that correspond, in code points of each."""

    left: Span
    right: Span


def counterpart(a: str, b: str, start: int, end: int) -> Span | None:
    """The span of `b` that corresponds to [start:end] of `a`; None where there is none.

    Whole sentences, or whole paragraphs where the span covers several.
    """
    touched = _touched(paragraphs(a, b), start, end)
    if len(touched) == 1:
        left, right = touched[0].left, touched[0].right
        inner = _pairs(a, _sentences(a, left), b, _sentences(b, right))
        touched = _touched(inner, start, end) or touched
    if not touched:
        return None
    return touched[0].right[0], touched[-1].right[1]


@lru_cache(maxsize=64)
def paragraphs(a: str, b: str) -> tuple[Pair, ...]:
    """Corresponding paragraphs of two texts, in order; those without a counterpart are left out."""
    return tuple(_pairs(a, units(a), b, units(b)))


def sentence_pairs(a: str, b: str) -> list[Pair]:
    """Corresponding sentences of two texts, in order, paragraph by paragraph."""
    return [
        inner
        for pair in paragraphs(a, b)
        for inner in _pairs(a, _sentences(a, pair.left), b, _sentences(b, pair.right))
    ]


def _touched(pairs: Sequence[Pair], start: int, end: int) -> list[Pair]:
    return [pair for pair in pairs if pair.left[0] < end and start < pair.left[1]]


def _sentences(text: str, span: Span) -> list[Span]:
    first, last = span
    return [(first + start, first + end) for start, end in sentences(text[first:last])]


def _pairs(a: str, left: Sequence[Span], b: str, right: Sequence[Span]) -> list[Pair]:
    if not left or not right or len(left) * len(right) > MAX_CELLS:
        return []
    anchors = _anchors([a[i:j] for i, j in left], [b[i:j] for i, j in right])
    beads = _beads(_lengths(left), _lengths(right), anchors)
    return [
        Pair((left[i][0], left[i_end - 1][1]), (right[j][0], right[j_end - 1][1]))
        for i, i_end, j, j_end in beads
    ]


def _lengths(spans: Sequence[Span]) -> Floats:
    return np.array([end - start for start, end in spans], dtype=np.float64)


def _beads(left: Floats, right: Floats, anchors: Floats) -> list[tuple[int, int, int, int]]:
    """The cheapest beads: units [i:i_end] of the left with units [j:j_end] of the right.

    `left` (n) and `right` (m) are lengths in characters, `anchors` (n, m) the weights of what
    pairs of units have in common.
    """
    n, m = anchors.shape
    ratio = right.sum() / left.sum()
    a, b = np.concatenate(([0.0], left.cumsum())), np.concatenate(([0.0], right.cumsum()))
    common = np.zeros((n + 1, m + 1))
    common[1:, 1:] = anchors.cumsum(axis=0).cumsum(axis=1)
    alone = _UNPAIRED_COST * np.arange(m + 1)
    best = np.empty((n + 1, m + 1))
    best[0] = alone
    for i in range(1, n + 1):
        row = best[i - 1] + _UNPAIRED_COST
        for shape in _BEAD_COSTS:
            width, height = shape
            if width <= i and height <= m:
                cost = best[i - width, :-height] + _cost(a, b, common, ratio, i, shape)
                np.minimum(row[height:], cost, out=row[height:])
        best[i] = np.minimum.accumulate(row - alone) + alone
    return _path(a, b, common, ratio, best)


def _cost(a: Floats, b: Floats, common: Floats, ratio: float, i: int, shape: Span) -> Floats:
    """Costs of the beads of a shape that end after unit `i` of the left, one for each end on the
    right: (m + 1 - height)."""
    width, height = shape
    length = a[i] - a[i - width]
    expected = (ratio * length + b[height:] - b[:-height]) / 2
    deviation = np.sqrt(_VARIANCE_PER_CHAR * expected + (_LENGTH_DEVIATION * expected) ** 2)
    distance = np.abs(ratio * length - (b[height:] - b[:-height])) / deviation
    shared = common[i] - common[i - width]
    # With two and two the sum has all four pairs; about half of it belongs to the right pairs.
    share = 0.5 if shape == (2, 2) else 1.0
    cost: Floats = _tail(distance) - share * (shared[height:] - shared[:-height])
    return cost + _BEAD_COSTS[shape]


def _tail(distance: Floats) -> Floats:
    """Minus the logarithm of the probability of a normal deviation at least as large."""
    x = distance / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    chance = t * np.polyval(_SERIES, t)  # times exp(-x²), which would underflow
    cost: Floats = np.minimum(x**2 - np.log(chance), _MAX_LENGTH_COST)
    return cost


def _path(
    a: Floats, b: Floats, common: Floats, ratio: float, best: Floats
) -> list[tuple[int, int, int, int]]:
    """The beads of the cheapest path, traced back from its end."""
    beads = []
    i, j = best.shape[0] - 1, best.shape[1] - 1
    while i and j:
        for shape in _BEAD_COSTS:
            width, height = shape
            if width > i or height > j:
                continue
            cost = _cost(a, b, common, ratio, i, shape)[j - height]
            if math.isclose(best[i, j], best[i - width, j - height] + cost, abs_tol=1e-6):
                beads.append((i - width, i, j - height, j))
                i, j = i - width, j - height
                break
        else:
            if math.isclose(best[i, j], best[i - 1, j] + _UNPAIRED_COST, abs_tol=1e-6):
                i -= 1
            else:
                j -= 1
    return beads[::-1]


def _anchors(left: Sequence[str], right: Sequence[str]) -> Floats:
    """The weight of the anchors that each pair of units has in common, (n, m). Rare ones have
    more weight."""
    n, m = len(left), len(right)
    shared = np.zeros((n, m))
    first, second = _holders(left), _holders(right)
    for anchor in sorted(first.keys() & second.keys()):
        rows, columns = first[anchor], second[anchor]
        rarity = math.log(n * m / (len(rows) * len(columns)))
        shared[np.ix_(rows, columns)] += _ANCHOR_WEIGHT * rarity
    return shared


def _holders(texts: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the units that have each anchor, ascending."""
    holders: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        for anchor in set(_anchors_of(text)):
            holders[anchor].append(i)
    return holders


def _anchors_of(text: str) -> Iterator[str]:
    for token in set(_TOKEN.findall(text)):
        if token.isdigit():
            yield f"={token.rstrip('0') or '0'}"  # "24,000" and "24 тысячи"
            continue
        if token.isascii():
            yield f"={token.lower()}"
        capital = token[0].isupper()
        if capital or len(token) >= _MIN_COGNATE_LETTERS:
            fewest = _MIN_CONSONANTS + (not capital)
            yield from (
                key for r in phonetic_variants(token) if len(key := consonants(r)) >= fewest
            )
