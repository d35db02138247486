"""Figures over sets: equal to scikit-learn's and to cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, brier_score_loss, roc_auc_score

from eval.measures import estimates
from eval.measures.estimates import Statistic
from eval.measures.rows import Judged, abstention


def value(of: Statistic, n: int) -> float:
    return float(of(np.ones((1, n)))[0])


SETS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), st.booleans()), min_size=2
).filter(lambda rows: {label for _, label in rows} == {True, False})


@settings(deadline=None)
@given(SETS)
def test_auroc_is_that_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    scores, labels = [s for s, _ in rows], [y for _, y in rows]
    ours = value(estimates.auroc(scores, labels), len(rows))
    assert ours == pytest.approx(roc_auc_score(labels, scores))


@settings(deadline=None)
@given(SETS)
def test_balanced_accuracy_and_brier_are_those_of_scikit_learn(
    rows: list[tuple[float, bool]],
) -> None:
    judged = [Judged(y, s >= 0.5, False, s) for s, y in rows]
    found = abstention(judged)
    labels, accepted = [j.answerable for j in judged], [j.answered for j in judged]
    n = len(rows)
    assert value(found["balanced accuracy"], n) == pytest.approx(
        balanced_accuracy_score(labels, accepted)
    )
    expected = brier_score_loss(labels, [j.confidence for j in judged])
    assert value(found["Brier"], n) == pytest.approx(expected)


def test_rates_by_hand() -> None:
    judged = [
        Judged(True, True, True, 0.9),
        Judged(True, False, False, 0.2),
        Judged(True, True, False, 0.8),
        Judged(False, True, False, 0.7),
        Judged(False, False, False, 0.1),
    ]
    found = abstention(judged)
    assert value(found["false-answer rate"], 5) == 1 / 2
    assert value(found["error rate"], 5) == pytest.approx(1 / 3)
    assert value(found["balanced accuracy"], 5) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_aurc_by_hand() -> None:
    of = estimates.aurc([0.6, 0.9, 0.8, 0.7], [True, True, False, True])
    assert value(of, 4) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_ties_are_taken_in_their_expected_order() -> None:
    for correct in ([True, False, False], [False, False, True]):
        assert value(estimates.aurc([0.5] * 3, correct), 3) == pytest.approx(2 / 3)
        curve = np.array(estimates.risk_coverage([0.5] * 3, correct))
        assert curve == pytest.approx(np.array([[1.0, 2 / 3]]))


def test_coverage_at_an_accuracy_by_hand() -> None:
    confidence = [0.9, 0.8, 0.7, 0.6, 0.5]
    correct = [True, False, True, True, False]
    assert value(estimates.coverage_at(0.75, confidence, correct), 5) == pytest.approx(4 / 5)
    assert value(estimates.coverage_at(0.95, confidence, correct), 5) == pytest.approx(1 / 5)
    assert value(estimates.coverage_at(0.95, confidence, [False] * 5), 5) == 0.0


def test_ece_by_hand() -> None:
    confidence = [0.1, 0.3, 0.8, 1.0]
    of = estimates.ece(confidence, [False, True, True, True], bins=2)
    assert value(of, 4) == pytest.approx((abs(0.2 - 0.5) + abs(0.9 - 1.0)) / 2)
    bins = np.array(estimates.reliability(confidence, [False, True, True, True], 2))
    assert bins == pytest.approx(np.array([[0.2, 0.5, 2], [0.9, 1.0, 2]]))


@settings(deadline=None)
@given(SETS)
def test_every_figure_lies_between_0_and_1(rows: list[tuple[float, bool]]) -> None:
    for name, of in abstention([Judged(y, s > 0.5, y and s > 0.5, s) for s, y in rows]).items():
        found = value(of, len(rows))
        none_is_clear = name == "right among clear" and np.isnan(found)
        assert none_is_clear or -1e-9 <= found <= 1 + 1e-9, name


@settings(deadline=None)
@given(SETS, st.data())
def test_a_weight_is_a_repetition(rows: list[tuple[float, bool]], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    repeated = [row for row, n in zip(rows, times, strict=True) for _ in range(n)]
    if not repeated:
        return

    def found(of_rows: list[tuple[float, bool]]) -> dict[str, Statistic]:
        all_of_them = abstention([Judged(y, s > 0.5, y, s) for s, y in of_rows])
        return {name: of for name, of in all_of_them.items() if name not in ("AURC", "ECE")}

    for name, of in found(rows).items():
        weighted = float(of(np.array([times], dtype=np.float64))[0])
        assert weighted == pytest.approx(value(found(repeated)[name], len(repeated)), nan_ok=True)


def test_a_ratio_of_sums() -> None:
    assert value(estimates.mean([1.0, 0.5, 0.0], [1.0, 4.0, 0.0]), 3) == pytest.approx(3 / 5)
    assert np.isnan(value(estimates.mean([0.0], [0.0]), 1))
