"""Intervals and tests: seeded, by cluster, and right where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from eval.measures import estimates, resample
from eval.measures.resample import bootstrap, compare, holm


def test_holm_by_hand() -> None:
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03})
    assert found == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}


def test_the_interval_of_a_mean_is_the_one_of_theory() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.2, 400)
    of = {"m": estimates.mean(list(values), [1.0] * 400)}
    found = bootstrap(of, [str(i) for i in range(400)])["m"]
    half = 1.96 * values.std(ddof=1) / 20
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.003
    )


def test_questions_of_one_document_are_drawn_together() -> None:
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    of = {"m": estimates.mean(values, [1.0] * 6)}
    together = bootstrap(of, ["a", "a", "a", "b", "b", "b"])["m"]
    apart = bootstrap(of, list("abcdef"))["m"]
    assert (together.low, together.high) == (0.0, 1.0)
    assert apart.high - apart.low < 1.0
    alone = bootstrap(of, ["a"] * 6)["m"]
    assert alone.low == alone.high == alone.value


def test_a_figure_without_a_denominator_is_left_out() -> None:
    of = {"none": estimates.mean([0.0, 0.0], [0.0, 0.0]), "m": estimates.mean([1, 0], [1, 1])}
    assert set(bootstrap(of, ["a", "b"])) == {"m"}
    assert bootstrap(of, []) == {}
    # Some draws have no positive question; the interval is of the others.
    found = bootstrap({"auroc": estimates.auroc([0.9, 0.1], [True, False])}, ["a", "b"])["auroc"]
    assert (found.low, found.value, found.high) == (1.0, 1.0, 1.0)


def test_the_same_seed_gives_the_same_figures() -> None:
    of = {"m": estimates.mean([0.1, 0.7, 0.4], [1, 1, 1])}
    assert bootstrap(of, list("abc")) == bootstrap(of, list("abc"))
    few = [bootstrap(of, list("abc"), resamples=11, seed=seed) for seed in range(5)]
    assert any(other != few[0] for other in few)


def _against(a: list[float], b: list[float]) -> resample.Comparison:
    of = {"m": estimates.mean([*a, *b], [1.0] * (2 * len(a)))}
    clusters = [str(i) for i in range(len(a))]
    return compare(of, clusters, {"m": np.array(b) - np.array(a)})["m"]


def test_a_system_is_no_better_than_itself() -> None:
    found = _against([0.1, 0.9, 0.4, 0.4], [0.1, 0.9, 0.4, 0.4])
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert found.effect == 0.0


def test_the_randomisation_test_counts_arrangements() -> None:
    # Six differences of one sign: 2 of the 64 arrangements are as far from 0.
    found = _against([0.0] * 6, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert found.p == pytest.approx(2 / 64, abs=0.006)
    assert found.difference == pytest.approx(0.35)
    assert found.low > 0
    differences = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert found.effect == pytest.approx(0.35 / differences.std(ddof=1))


def test_figures_of_abstention_are_compared_too() -> None:
    labels = [True, False] * 10
    good, bad = [0.9, 0.1] * 10, [0.5, 0.5] * 10
    of = {"auroc": estimates.auroc([*bad, *good], [*labels, *labels])}
    found = compare(of, [str(i) for i in range(20)], {})["auroc"]
    assert (found.a, found.b, found.effect) == (0.5, 1.0, None)
    assert found.p < 0.01
