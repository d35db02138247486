"""Translation probabilities of stems by IBM Model 1 (Brown et al. 1993), in both directions.

Expectation maximisation over all word pairs at once: every pair of a position on one side and a
word of the other is one element of flat arrays, so that an iteration is a few passes of numpy.
The two directions are joined as p(e, f) ∝ √(p(e|f)·p(f|e)), which keeps what both agree on.

Not here: where pairs come from (`pairs`), how the result is kept (`lexicon`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 5
MOST = 8
LEAST = 0.03

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sides:
    """Sentences of one language, flat: word numbers, and where each sentence starts.

    `words` is int64 of shape (tokens,); sentence i is `words[starts[i]:starts[i + 1]]`.
    """

    words: Ints
    starts: Ints
    size: int

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]], size: int) -> Sides:
        """`size` is the number of words in the vocabulary."""
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        words = np.fromiter((w for s in sentences for w in s), np.int64, int(lengths.sum()))
        return cls(words, np.concatenate([[0], np.cumsum(lengths)]), size)

    @property
    def lengths(self) -> Ints:
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Table:
    """Translations: `p[k]` is the probability of `target[k]` given `source[k]`.

    Sorted by source, then by falling probability, then by target.
    """

    source: Ints
    target: Ints
    p: Floats


def translation_tables(en: Sides, ru: Sides, weights: Floats) -> tuple[Table, Table]:
    """Russian → English and English → Russian tables from aligned sentences.

    `weights`: what each sentence pair counts for, shape (sentences,).
    """
    to_en = align(ru, en, weights)
    to_ru = align(en, ru, weights)
    key = to_en.source * en.size + to_en.target
    back = to_ru.target * en.size + to_ru.source
    common, i, j = np.intersect1d(key, back, assume_unique=True, return_indices=True)
    both = np.sqrt(to_en.p[i] * to_ru.p[j])
    f, e = common // en.size, common % en.size
    return _best(f, e, both, ru.size), _best(e, f, both, en.size)


def align(source: Sides, target: Sides, weights: Floats) -> Table:
    """p(target word | source word) after five iterations, an empty source word included.

    The empty word takes what nothing explains; it is left out of the result.
    """
    nothing = source.size
    pair, position, sentence = _cross(source, target)
    keys, kind = np.unique(pair, return_inverse=True)
    of_source = keys // target.size
    count = len(target.words)
    weight = weights[sentence]
    p = np.ones(len(keys))
    for _ in range(ITERATIONS):
        share = p[kind]
        share *= (weight / np.bincount(position, share, count))[position]
        counts = np.bincount(kind, share, len(keys))
        p = counts / np.bincount(of_source, counts, nothing + 1)[of_source]
    real = of_source != nothing
    return Table(of_source[real], (keys % target.size)[real], p[real])


def _cross(source: Sides, target: Sides) -> tuple[Ints, Ints, Ints]:
    """All pairs of target position and source word (or none) in one sentence.

    Returns the number of each pair of words, its target position, and each position's sentence.
    """
    sentence = np.repeat(np.arange(len(target.lengths)), target.lengths)
    widths = source.lengths[sentence] + 1
    position = np.repeat(np.arange(len(target.words)), widths)
    ends = np.cumsum(widths)
    column = np.arange(int(ends[-1])) - np.repeat(ends - widths, widths)
    at = source.starts[sentence][position] + column
    last = column == (widths - 1)[position]
    word = np.where(last, source.size, np.append(source.words, 0)[np.where(last, 0, at)])
    return word * target.size + target.words[position], position, sentence


def _best(source: Ints, target: Ints, p: Floats, size: int) -> Table:
    """Renormalised for each source word, the best few that are probable enough."""
    p = p / np.bincount(source, p, size)[source]
    order = np.lexsort((target, -p, source))
    source, target, p = source[order], target[order], p[order]
    first = np.searchsorted(source, np.arange(size))
    kept = (np.arange(len(source)) - first[source] < MOST) & (p >= LEAST)
    return Table(source[kept], target[kept], p[kept])
