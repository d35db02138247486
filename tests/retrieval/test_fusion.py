"""Fusion: z-scores by hand, ties, missing lists, small samples, invariance to scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import ScoreStats
from rag.models import calibration
from rag.retrieval.fusion import PHRASE_STATS, comparable_stats, fuse, mean_of_top_passages

IDS = st.sampled_from([f"d{d}#{n}" for d in range(3) for n in range(4)])
SCORES = st.dictionaries(IDS, st.floats(0.1, 50, allow_nan=False))
MANY = 1_000_000  # passages, so many that the pseudo-observations have no effect

Scores = Mapping[str, float]


def stats_of(scores: Scores) -> ScoreStats:
    values = np.array(list(scores.values()) or [0.0])
    return ScoreStats(MANY, float(values.mean()), float(values.std()))


def fused(lists: Mapping[str, Scores], weights: Mapping[str, float]) -> dict[str, float]:
    stats = {name: stats_of(scores) for name, scores in lists.items()}
    return dict(fuse({"en": (lists, stats)}, weights))


def test_by_hand() -> None:
    lists = {"dense": {"a#0": 0.5, "b#0": 0.25}, "lexical": {"b#0": 8.0}}
    stats = {"dense": ScoreStats(MANY, 0.1, 0.2), "lexical": ScoreStats(MANY, 2.0, 3.0)}
    found = fuse({"en": (lists, stats)}, {"dense": 0.4, "lexical": 0.6})
    assert [name for name, _ in found] == ["b#0", "a#0"]
    # a#0 has none of the words: its BM25 is 0
    assert found[0][1] == pytest.approx(0.4 * 0.15 / 0.2 + 0.6 * 6 / 3, abs=1e-4)
    assert found[1][1] == pytest.approx(0.4 * 0.4 / 0.2 - 0.6 * 2 / 3, abs=1e-4)


def test_ties_go_by_id() -> None:
    lists = {"dense": {"b#0": 1.0, "a#0": 1.0}}
    assert list(fused(lists, {"dense": 1.0})) == ["a#0", "b#0"]


def test_a_list_that_is_not_there_leaves_its_weight_to_the_others() -> None:
    lists = {"lexical": {"a#0": 1.0, "b#0": 3.0}}
    assert fused(lists, {"dense": 0.7, "lexical": 0.3}) == fused(lists, {"lexical": 1.0})


def test_words_count_less_where_they_are_not_translated() -> None:
    lists = {"dense": {"a#0": 0.6, "b#0": 0.5}, "lexical": {"b#0": 8.0}}
    stats = {name: stats_of(scores) for name, scores in lists.items()}
    weights = {"dense": 0.5, "lexical": 0.5}
    share = calibration.thresholds().foreign_words_share
    less = {"dense": 0.5, "lexical": 0.5 * share}
    found = fuse({"en": (lists, stats)}, weights, foreign={"en"})
    assert found == fuse({"en": (lists, stats)}, less) != fuse({"en": (lists, stats)}, weights)
    assert fuse({"en": (lists, stats)}, weights, foreign={"de"}) == fuse(
        {"en": (lists, stats)}, weights
    )


def test_an_unlisted_passage_has_the_least_cosine_and_no_bm25() -> None:
    listed = {"a#0": 0.9, "b#0": 0.8, "c#0": 0.8}
    stats = {"dense": stats_of(listed), "lexical": ScoreStats(MANY, 0.1, 0.5)}
    weights = {"dense": 0.5, "lexical": 0.5}
    whole = fuse({"en": ({"dense": listed, "lexical": {"c#0": 1.0}}, stats)}, weights)
    part = {name: score for name, score in listed.items() if name != "c#0"}
    assert fuse({"en": ({"dense": part, "lexical": {"c#0": 1.0}}, stats)}, weights) == whole


@pytest.mark.parametrize(("documents", "share"), [(MANY, 1.0), (MANY // 10, 0.01)])
def test_a_vector_counts_for_more_where_passages_are_documents(
    documents: int, share: float
) -> None:
    lists = {"dense": {"a#0": 0.5}, "lexical": {"a#0": 3.0}, "document": {"a#0": 3.0}}
    stats = {
        "dense": ScoreStats(MANY, 0.1, 0.2),
        "lexical": ScoreStats(MANY, 2.0, 3.0),
        "document": ScoreStats(documents, 2.0, 3.0),
    }
    weights = {"dense": 0.4, "lexical": 0.2, "document": 0.4}
    dense = 0.4 * (1 + calibration.thresholds().single_passage_boost * share)
    expected = (dense * 0.4 / 0.2 + 0.6 * 1 / 3) / (dense + 0.6)
    assert dict(fuse({"en": (lists, stats)}, weights))["a#0"] == pytest.approx(expected, abs=1e-4)


def test_few_passages_are_seen_beside_those_of_the_other_language() -> None:
    many, few = ScoreStats(1000, 2.0, 3.0), ScoreStats(1, 9.0, 0.0)
    seen = comparable_stats({"en": {"lexical": many}, "ru": {"lexical": few}})
    assert seen["en"]["lexical"].mean == pytest.approx(2.0, abs=0.1)
    assert seen["en"]["lexical"].deviation == pytest.approx(3.0, abs=0.1)
    assert 1.0 < seen["ru"]["lexical"].mean < 4.0 and seen["ru"]["lexical"].deviation > 2.0
    lists = {"en": {"a#0": 9.0}, "ru": {"b#0": 9.0}}
    found = fuse(
        {
            lang: ({"lexical": scores}, {"lexical": {"en": many, "ru": few}[lang]})
            for lang, scores in lists.items()
        },
        {"lexical": 1.0},
    )
    assert all(score > 1.0 for _, score in found), "as good as it would be among many"


def test_a_single_passage_that_has_the_words_is_not_average() -> None:
    found = fuse(
        {"en": ({"lexical": {"a#0": 9.0}}, {"lexical": ScoreStats(1, 9.0, 0.0)})}, {"lexical": 1.0}
    )
    assert found[0][1] > 1.0


def test_small_differences_in_a_language_that_shares_nothing_count_for_little() -> None:
    stats = {
        "en": {"lexical": ScoreStats(5000, 1.0, 2.0)},
        "ru": {"lexical": ScoreStats(600, 0.01, 0.1)},
    }
    seen = comparable_stats(stats)
    share = calibration.thresholds().min_deviation_share
    assert seen["ru"]["lexical"].deviation == pytest.approx(share * 2.0, abs=0.02)
    lists = {"en": {"a#0": 17.0}, "ru": {"b#0": 2.5}}
    best = fuse({lang: ({"lexical": lists[lang]}, stats[lang]) for lang in lists}, {"lexical": 1.0})
    assert best[0][0] == "a#0"


def test_the_phrase_list_can_be_switched_off() -> None:
    lists = {"lexical": {"a#0": 1.0, "b#0": 3.0}, "phrase": {"a#0": 1.0}}
    stats = {"lexical": ScoreStats(MANY, 1.0, 1.0), "phrase": PHRASE_STATS}
    assert fuse({"en": (lists, stats)}, {"lexical": 1.0})[0][0] == "a#0"
    assert fuse({"en": (lists, stats)}, {"lexical": 1.0, "phrase": 0.0})[0][0] == "b#0"


def test_a_prior_of_cosines_counts_only_where_an_encoder_has_one() -> None:
    """A few high cosines, as some encoders give for anything, must not look like good matches."""
    few = {"en": {"dense": ScoreStats(2, 0.8, 0.01)}}
    assert comparable_stats(few)["en"]["dense"] == few["en"]["dense"]
    assert comparable_stats(few, ScoreStats(4, 0.1, 0.1))["en"]["dense"].mean < 0.4


def test_a_documents_score_is_the_mean_of_its_three_best() -> None:
    scores = {"a#0": 1.0, "a#1": 0.5, "a#2": 0.0, "a#3": -3.0, "b#0": 0.2}
    assert mean_of_top_passages(scores) == {
        **dict.fromkeys(("a#0", "a#1", "a#2", "a#3"), 0.5),
        "b#0": 0.2,
    }


@settings(deadline=None, max_examples=100)
@given(SCORES, SCORES, st.floats(0.5, 64.0))
def test_scale_of_a_list_does_not_matter(
    dense: dict[str, float], lexical: dict[str, float], factor: float
) -> None:
    weights = {"dense": 0.5, "lexical": 0.5}
    one = fused({"dense": dense, "lexical": lexical}, weights)
    two = fused({"dense": dense, "lexical": {p: s * factor for p, s in lexical.items()}}, weights)
    assert one.keys() == two.keys() == dense.keys() | lexical.keys()
    if len(set(lexical.values())) > 1 and max(lexical.values()) - min(lexical.values()) > 0.01:
        assert all(abs(one[p] - two[p]) < 0.02 * (1 + abs(one[p])) for p in one)
