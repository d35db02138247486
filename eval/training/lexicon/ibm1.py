"""Translation probabilities of stems by IBM Model 1 (Brown et al. 1993), in both directions.

Expectation maximisation runs over all word pairs at once: each pair of an English and a Russian
position in a sentence pair is one element of flat arrays, so that an iteration takes a few calls of
numpy. The first iteration trains p(e|f) and p(f|e) separately, the others by agreement (Liang,
Taskar and Klein 2006): a link counts with the product of both probabilities, which keeps rare words
from linking to whole sentences. The result is p(e, f) ∝ √(p(e|f)·p(f|e)).

Not here: where pairs come from (`pairs`), how the result is stored (`packing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 5
SEPARATE_ITERATIONS = 1
"""Iterations before the directions must agree."""

MAX_TRANSLATIONS = 8
"""Of a word."""

MIN_PROBABILITY = 0.03
"""Of a translation."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sides:
    """Sentences of one language in flat arrays: word numbers, and the length of each sentence.

    `words` is int64 of shape (tokens,), `lengths` of shape (sentences,); `size` is the number
    of words in the vocabulary.
    """

    words: Ints
    lengths: Ints
    size: int

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]], size: int) -> Sides:
        """From sentences of word numbers below `size`."""
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        words = np.fromiter((w for s in sentences for w in s), np.int64, int(lengths.sum()))
        return cls(words, lengths, size)


@dataclass(frozen=True, slots=True)
class Table:
    """Translations: `p[k]` is the probability of `target[k]` given `source[k]`.

    Sorted by source, then by decreasing probability, then by target.
    """

    source: Ints
    target: Ints
    p: Floats


@dataclass(slots=True)
class _Direction:
    """p(target | source) during training; `nothing` is p(target | no word at all).

    `positions` has each link's position on the target side, `words` the word at each position,
    `weights` what the position counts for, `sources` the source word of each kind of link.
    """

    positions: NDArray[np.int32]
    words: Ints
    weights: Floats
    sources: Ints
    p: Floats
    nothing: Floats

    def expect(self, kinds: NDArray[np.int32]) -> Floats:
        """The share of each link in its target position; also updates `nothing`."""
        links = self.p[kinds]
        total = np.bincount(self.positions, links, len(self.words)) + self.nothing[self.words]
        links /= total[self.positions]
        taken = np.bincount(
            self.words, self.weights * self.nothing[self.words] / total, len(self.nothing)
        )
        self.nothing = taken / taken.sum()
        return links

    def maximise(self, counts: NDArray[Any]) -> None:
        """Sets the probabilities from the counts of each kind of link."""
        self.p = counts / np.maximum(np.bincount(self.sources, counts), 1e-300)[self.sources]


def translation_tables(en: Sides, ru: Sides, weights: Floats) -> tuple[Table, Table]:
    """Russian → English and English → Russian tables from aligned sentences.

    `weights`: what each sentence pair counts for, shape (sentences,).
    """
    at_en, at_ru = _links(en.lengths, ru.lengths)
    keys, inverse = np.unique(ru.words[at_ru] * en.size + en.words[at_en], return_inverse=True)
    kinds = inverse.astype(np.int32)
    f, e = keys // en.size, keys % en.size
    by_en = np.repeat(weights, en.lengths)
    counted = by_en[at_en]
    to_en = _Direction(at_en, en.words, by_en, f, np.ones(len(keys)), np.ones(en.size))
    by_ru = np.repeat(weights, ru.lengths)
    to_ru = _Direction(at_ru, ru.words, by_ru, e, np.ones(len(keys)), np.ones(ru.size))
    for iteration in range(ITERATIONS):
        one, other = to_en.expect(kinds), to_ru.expect(kinds)
        if iteration < SEPARATE_ITERATIONS:
            to_en.maximise(np.bincount(kinds, counted * one, len(keys)))
            to_ru.maximise(np.bincount(kinds, counted * other, len(keys)))
        else:
            counts = np.bincount(kinds, counted * one * other, len(keys))
            to_en.maximise(counts)
            to_ru.maximise(counts)
    both = np.sqrt(to_en.p * to_ru.p)
    return likeliest(f, e, both, ru.size), likeliest(e, f, both, en.size)


def _links(en: Ints, ru: Ints) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """English and Russian positions of every possible link in sentence pairs of these lengths."""
    widths = np.repeat(ru, en)  # of each English position: the Russian words it may link to
    at_en = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
    first = np.repeat(np.cumsum(ru) - ru, en) - (np.cumsum(widths) - widths)
    at_ru = np.arange(len(at_en)) + first[at_en]
    return at_en, at_ru.astype(np.int32)


def likeliest(source: Ints, target: Ints, p: Floats, size: int) -> Table:
    """The table of the most probable translations, normalised for each source word."""
    p = p / np.maximum(np.bincount(source, p, size), 1e-300)[source]
    order = np.lexsort((target, -p, source))
    source, target, p = source[order], target[order], p[order]
    first = np.searchsorted(source, np.arange(size))
    kept = (np.arange(len(source)) - first[source] < MAX_TRANSLATIONS) & (p >= MIN_PROBABILITY)
    return Table(source[kept], target[kept], p[kept])
