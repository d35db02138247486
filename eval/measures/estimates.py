"""Statistics of a set of questions as functions of weights, so that one resampling serves them all.

A statistic maps weights, float64 of shape (resamples, questions), to values of shape (resamples,).
A row of ones gives the statistic itself, the counts of a bootstrap draw its value on that draw.
Where a denominator is 0 the value is NaN and the caller leaves the draw out; a statistic that is
NaN on the whole set is not reported.

Not here: drawing (`resample`), which statistics belong to which task (`rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

ECE_BINS = 15


def _divide(a: Floats, b: Floats) -> Floats:
    return np.divide(a, b, out=np.full_like(a, np.nan), where=b > 0)


def mean(values: Sequence[float], weights: Sequence[float]) -> Statistic:
    """Σ weight·value / Σ weight: a mean over questions, or a ratio of sums such as precision."""
    w = np.asarray(weights, dtype=np.float64)
    wv = w * np.asarray(values, dtype=np.float64)
    return lambda draws: _divide(draws @ wv, draws @ w)


def balanced_accuracy(accepted: Sequence[bool], labels: Sequence[bool]) -> Statistic:
    """Mean of the share of positives accepted and the share of negatives rejected."""
    a, y = np.asarray(accepted, dtype=np.float64), np.asarray(labels, dtype=np.float64)

    def of(draws: Floats) -> Floats:
        positive = _divide(draws @ (a * y), draws @ y)
        negative = _divide(draws @ ((1 - a) * (1 - y)), draws @ (1 - y))
        return (positive + negative) / 2

    return of


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> Statistic:
    """Area under the ROC curve: how probably a positive scores higher than a negative.

    Ties count half.
    """
    s, y = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    order = np.argsort(s, kind="stable")
    starts = _starts(s[order])
    y = y[order]

    def of(draws: Floats) -> Floats:
        w = draws[:, order]
        positive = np.add.reduceat(w * y, starts, axis=1)
        negative = np.add.reduceat(w * (1 - y), starts, axis=1)
        below = np.cumsum(negative, axis=1) - negative
        wins = (positive * (below + negative / 2)).sum(axis=1)
        return _divide(wins, positive.sum(axis=1) * negative.sum(axis=1))

    return of


def _starts(ordered: Floats) -> NDArray[np.intp]:
    """The index at which each run of equal values begins."""
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])


class _Curve:
    """Questions from the most to the least confident; those that tie are one step."""

    def __init__(self, confidence: Sequence[float], correct: Sequence[bool]) -> None:
        c = -np.asarray(confidence, dtype=np.float64)
        self.order = np.argsort(c, kind="stable")
        self.starts = _starts(c[self.order])
        self.correct = np.asarray(correct, dtype=np.float64)[self.order]

    def steps(self, draws: Floats) -> tuple[Floats, Floats]:
        """Answered and right after each step, cumulative; shape (resamples, steps)."""
        w = draws[:, self.order]
        answered = np.cumsum(np.add.reduceat(w, self.starts, axis=1), axis=1)
        right = np.cumsum(np.add.reduceat(w * self.correct, self.starts, axis=1), axis=1)
        return answered, right


def aurc(confidence: Sequence[float], correct: Sequence[bool]) -> Statistic:
    """Area under the risk-coverage curve: the mean over coverage 1/n … 1 of 1 − accuracy.

    Accuracy is that of the most confident questions (Geifman and El-Yaniv, arXiv 1705.08500). Ties
    are taken in their expected order.
    """
    curve = _Curve(confidence, correct)
    sizes = np.diff(np.r_[curve.starts, len(curve.order)])
    shares = np.add.reduceat(curve.correct, curve.starts) / sizes
    expected = np.repeat(shares, sizes)

    def of(draws: Floats) -> Floats:
        w = draws[:, curve.order]
        answered = np.cumsum(w, axis=1)
        right = np.cumsum(w * expected, axis=1)
        risk = 1 - np.divide(right, answered, out=np.ones_like(right), where=answered > 0)
        return _divide((w * risk).sum(axis=1), w.sum(axis=1))

    return of


def coverage_at(accuracy: float, confidence: Sequence[float], correct: Sequence[bool]) -> Statistic:
    """The largest share of questions, most confident first, that has at least this accuracy."""
    curve = _Curve(confidence, correct)

    def of(draws: Floats) -> Floats:
        answered, right = curve.steps(draws)
        enough = right >= accuracy * answered - 1e-9
        return _divide((answered * enough).max(axis=1), answered[:, -1])

    return of


def ece(confidence: Sequence[float], labels: Sequence[bool], bins: int = ECE_BINS) -> Statistic:
    """Expected calibration error over bins of equal mass (Nixon et al., arXiv 1904.01685)."""
    c, y = np.asarray(confidence, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    order = np.argsort(c, kind="stable")
    c, y = c[order], y[order]

    def of(draws: Floats) -> Floats:
        w = draws[:, order]
        total = w.sum(axis=1)
        bin_of = np.floor(bins * (np.cumsum(w, axis=1) - w / 2) / total[:, None]).astype(int)
        error = np.zeros(len(draws))
        for b in range(bins):
            inside = w * (bin_of == b)
            error += np.abs(inside @ c - inside @ y)
        return _divide(error, total)

    return of


def risk_coverage(
    confidence: Sequence[float], correct: Sequence[bool]
) -> list[tuple[float, float]]:
    """(coverage, 1 − accuracy) after each step, most confident first."""
    curve = _Curve(confidence, correct)
    answered, right = curve.steps(np.ones((1, len(curve.order))))
    return [
        (float(a / answered[0, -1]), float(1 - r / a))
        for a, r in zip(answered[0], right[0], strict=True)
    ]


def reliability(
    confidence: Sequence[float], labels: Sequence[bool], bins: int = ECE_BINS
) -> list[tuple[float, float, int]]:
    """(mean confidence, share of positives, questions) of each bin of equal mass."""
    c, y = np.asarray(confidence, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    order = np.argsort(c, kind="stable")
    n = len(order)
    bin_of = np.floor(bins * (np.arange(n) + 0.5) / n).astype(int)
    parts = [order[bin_of == b] for b in range(bins)]
    return [(float(c[p].mean()), float(y[p].mean()), len(p)) for p in parts if len(p)]
