"""Intervals and tests by resampling whole clusters, with fixed seeds.

Results of questions about one document are correlated, so documents are drawn, not questions: a
cluster bootstrap (Field and Welsh 2007) with percentile intervals. Two systems are compared by a
randomisation test that swaps the results of whole clusters (Smucker, Allan and Carterette, CIKM
2007), with Holm's correction over a family of measures.

Not here: the statistics themselves (`estimates`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from eval.measures.estimates import Floats, Statistic

RESAMPLES = 10_000
SEED = 20
_MAX_WEIGHTS = 4_000_000
"""Weights held in memory at once."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval and its number of questions."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float | int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Comparison:
    """B against A: the difference with its interval, p, Holm's p and Cohen's d of the pairs.

    `effect` is None for statistics that are not means over questions, and where all differences are
    equal.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    effect: float | None
    n: int


def bootstrap(
    statistics: Mapping[str, Statistic],
    clusters: Sequence[str],
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Estimate]:
    """Every statistic that is defined on the whole set, with its percentile interval.

    `clusters` has the cluster of each question.
    """
    n = len(clusters)
    if not n:
        return {}
    whole = {name: float(of(np.ones((1, n)))[0]) for name, of in statistics.items()}
    defined = {name: of for name, of in statistics.items() if np.isfinite(whole[name])}
    parts: dict[str, list[Floats]] = {name: [] for name in defined}
    for draws in _draws(_numbers(clusters), resamples, seed):
        for name, of in defined.items():
            parts[name].append(of(draws))
    out = {}
    for name in defined:
        low, high = _interval(np.concatenate(parts[name]))
        out[name] = Estimate(whole[name], min(low, whole[name]), max(high, whole[name]), n)
    return out


def compare(
    statistics: Mapping[str, Statistic],
    clusters: Sequence[str],
    effects: Mapping[str, Floats],
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Comparison]:
    """The statistics of B against those of A.

    The statistics are over the n questions of A followed by the same n of B; `effects` has the
    differences of the questions, B − A, for statistics that are means.
    """
    n = len(clusters)
    if not n:
        return {}
    ones, none = np.ones((1, n)), np.zeros((1, n))
    pairs = {
        name: (float(of(np.hstack([ones, none]))[0]), float(of(np.hstack([none, ones]))[0]))
        for name, of in statistics.items()
    }
    defined = {name: of for name, of in statistics.items() if np.isfinite(pairs[name]).all()}
    drawn: dict[str, list[Floats]] = {name: [] for name in defined}
    swapped: dict[str, list[Floats]] = {name: [] for name in defined}
    numbers = _numbers(clusters)
    for draws in _draws(numbers, resamples, seed):
        empty = np.zeros_like(draws)
        for name, of in defined.items():
            difference = of(np.hstack([empty, draws])) - of(np.hstack([draws, empty]))
            drawn[name].append(difference)
    for stay in _swaps(numbers, resamples, seed + 1):
        for name, of in defined.items():
            difference = of(np.hstack([1 - stay, stay])) - of(np.hstack([stay, 1 - stay]))
            swapped[name].append(difference)
    ps = {name: _p(pairs[name], np.concatenate(swapped[name])) for name in defined}
    corrected = holm(ps)
    out = {}
    for name, (a, b) in ((name, pairs[name]) for name in defined):
        low, high = _interval(np.concatenate(drawn[name]))
        effect = _effect(effects[name]) if name in effects else None
        out[name] = Comparison(a, b, b - a, low, high, ps[name], corrected[name], effect, n)
    return out


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction (Scandinavian Journal of Statistics, 1979)."""
    out: dict[str, float] = {}
    highest = 0.0
    for n, name in enumerate(sorted(ps, key=lambda name: (ps[name], name))):
        highest = max(highest, min(1.0, ps[name] * (len(ps) - n)))
        out[name] = highest
    return out


def _numbers(clusters: Sequence[str]) -> NDArray[np.intp]:
    known = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
    return np.array([known[name] for name in clusters], dtype=np.intp)


def _draws(numbers: NDArray[np.intp], resamples: int, seed: int) -> Iterator[Floats]:
    """How often each question is in each draw of clusters, some draws at a time."""
    random = np.random.default_rng(seed)
    count = int(numbers.max()) + 1
    for size in _sizes(resamples, len(numbers)):
        times = random.multinomial(count, np.full(count, 1 / count), size=size)
        yield times[:, numbers].astype(np.float64)


def _swaps(numbers: NDArray[np.intp], resamples: int, seed: int) -> Iterator[Floats]:
    """1 where a question's results stay with their systems, 0 where they are swapped."""
    random = np.random.default_rng(seed)
    count = int(numbers.max()) + 1
    for size in _sizes(resamples, len(numbers)):
        yield random.integers(0, 2, size=(size, count))[:, numbers].astype(np.float64)


def _sizes(resamples: int, n: int) -> Iterator[int]:
    part = max(1, min(resamples, _MAX_WEIGHTS // max(n, 1)))
    for start in range(0, resamples, part):
        yield min(part, resamples - start)


def _interval(values: Floats) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, (2.5, 97.5))
    return float(low), float(high)


def _p(pair: tuple[float, float], swapped: Floats) -> float:
    """The two-sided p; the observed arrangement counts among the random ones."""
    finite = swapped[np.isfinite(swapped)]
    as_far = np.abs(finite) >= abs(pair[1] - pair[0]) - 1e-12
    return float((1 + as_far.sum()) / (1 + len(finite)))


def _effect(differences: Floats) -> float | None:
    """Cohen's d of pairs: the mean of the differences over their standard deviation.

    0 where there is no difference, None where all differences are equal.
    """
    if len(differences) < 2 or not differences.any():
        return 0.0
    deviation = float(differences.std(ddof=1))
    average = float(differences.mean())
    return average / deviation if deviation > 1e-12 else None
