"""Two language versions of a text beside each other: which paragraphs, and sentences, correspond.

Dynamic programming over lengths after Gale and Church ("A Program for Aligning Sentences in
Bilingual Corpora", Computational Linguistics 19, 1993), with anchors besides: numbers, words in
the other's script, names and cognates compared by their sounds. An anchor weighs more the rarer
it is in both texts. Units keep their order, so what a translator moved elsewhere stays without a
partner, and so does what only one text has.

Not here: whether two documents are versions of one text (`halves`), a dictionary, an encoder (the
default one reads no Russian), and scripts other than Latin and Cyrillic beyond lengths and digits.
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

MOST_CELLS = 4_000_000
"""Pairs of units compared (2,000 paragraphs with as many); longer texts are left unaligned."""

# How many units of one text stand for how many of the other, and what it costs beside one for
# one, in natural logarithms of probability.
_SHAPES = {(1, 1): 0.0, (1, 2): 2.8, (2, 1): 2.8, (2, 2): 6.8, (1, 3): 5.5, (3, 1): 5.5}
_ALONE = 2.5  # a unit without a partner
_SPREAD, _NOISE = 0.2, 7.0  # of lengths: standard deviation over length, variance a character
_WORST = 40.0  # what lengths alone may cost
_ANCHOR = 0.67  # weight of an anchor, for each natural logarithm of how rare it is
_SOUNDS = 3  # fewest consonants of a name, and one more for a cognate in small letters
_COGNATE = 6  # its fewest letters

# Of the error function: Abramowitz and Stegun 7.1.26, the highest power first.
_SERIES = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)

_TOKEN = re.compile(r"[^\W_]+")

Span = tuple[int, int]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Stretches of two texts that say the same, in code points of each."""

    left: Span
    right: Span


def counterpart(a: str, b: str, start: int, end: int) -> Span | None:
    """Where `b` says what `a` says at [start:end], in whole sentences, or in whole paragraphs where
    the stretch runs over several; None where it has no partner there."""
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
    """Paragraphs of two texts that say the same, in order; what has no partner is left out."""
    return tuple(_pairs(a, units(a), b, units(b)))


def sentence_pairs(a: str, b: str) -> list[Pair]:
    """Sentences of two texts that say the same, in order, paragraph by paragraph."""
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
    if not left or not right or len(left) * len(right) > MOST_CELLS:
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
    """Runs of units that correspond, [i:i_end] and [j:j_end], on the cheapest path.

    `left` (n) and `right` (m) are lengths, `anchors` (n, m) what pairs of units have in common.
    """
    n, m = anchors.shape
    ratio = right.sum() / left.sum()
    a, b = np.concatenate(([0.0], left.cumsum())), np.concatenate(([0.0], right.cumsum()))
    common = np.zeros((n + 1, m + 1))
    common[1:, 1:] = anchors.cumsum(axis=0).cumsum(axis=1)
    alone = _ALONE * np.arange(m + 1)
    best = np.empty((n + 1, m + 1))
    best[0] = alone
    for i in range(1, n + 1):
        row = best[i - 1] + _ALONE
        for shape in _SHAPES:
            width, height = shape
            if width <= i and height <= m:
                cost = best[i - width, :-height] + _cost(a, b, common, ratio, i, shape)
                np.minimum(row[height:], cost, out=row[height:])
        best[i] = np.minimum.accumulate(row - alone) + alone
    return _path(a, b, common, ratio, best)


def _cost(a: Floats, b: Floats, common: Floats, ratio: float, i: int, shape: Span) -> Floats:
    """Of beads of a shape that end behind unit `i` of the left, for each end on the right."""
    width, height = shape
    length = a[i] - a[i - width]
    expected = (ratio * length + b[height:] - b[:-height]) / 2
    deviation = np.sqrt(_NOISE * expected + (_SPREAD * expected) ** 2)
    distance = np.abs(ratio * length - (b[height:] - b[:-height])) / deviation
    shared = common[i] - common[i - width]
    # Crosswise pairs of two and two count too: half of the sum is about what belongs together.
    share = 0.5 if shape == (2, 2) else 1.0
    cost: Floats = _tail(distance) - share * (shared[height:] - shared[:-height])
    return cost + _SHAPES[shape]


def _tail(distance: Floats) -> Floats:
    """Minus the logarithm of the chance of a normal deviation as great or greater."""
    x = distance / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    chance = t * np.polyval(_SERIES, t)  # times exp(-x²), which would underflow
    cost: Floats = np.minimum(x**2 - np.log(chance), _WORST)
    return cost


def _path(
    a: Floats, b: Floats, common: Floats, ratio: float, best: Floats
) -> list[tuple[int, int, int, int]]:
    """The beads of the cheapest path, found back from its end."""
    beads = []
    i, j = best.shape[0] - 1, best.shape[1] - 1
    while i and j:
        for shape in _SHAPES:
            width, height = shape
            if width > i or height > j:
                continue
            cost = _cost(a, b, common, ratio, i, shape)[j - height]
            if math.isclose(best[i, j], best[i - width, j - height] + cost, abs_tol=1e-6):
                beads.append((i - width, i, j - height, j))
                i, j = i - width, j - height
                break
        else:
            if math.isclose(best[i, j], best[i - 1, j] + _ALONE, abs_tol=1e-6):
                i -= 1
            else:
                j -= 1
    return beads[::-1]


def _anchors(left: Sequence[str], right: Sequence[str]) -> Floats:
    """What each pair of units has in common, (n, m): more for what stands in few units."""
    n, m = len(left), len(right)
    shared = np.zeros((n, m))
    first, second = _holders(left), _holders(right)
    for anchor in sorted(first.keys() & second.keys()):
        rows, columns = first[anchor], second[anchor]
        rarity = math.log(n * m / (len(rows) * len(columns)))
        shared[np.ix_(rows, columns)] += _ANCHOR * rarity
    return shared


def _holders(texts: Sequence[str]) -> dict[str, list[int]]:
    """The units in which each anchor stands, ascending."""
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
        if capital or len(token) >= _COGNATE:
            fewest = _SOUNDS + (not capital)
            yield from (
                key for r in phonetic_variants(token) if len(key := consonants(r)) >= fewest
            )
