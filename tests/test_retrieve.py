"""Fusion is a pure function: its arithmetic, its ties, its indifference to scale."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Spread
from rag.retrieve import best_of_document, fuse

IDS = st.sampled_from([f"d{d}#{n}" for d in range(3) for n in range(4)])
SCORES = st.dictionaries(IDS, st.floats(0.1, 50, allow_nan=False))


FLAT = {name: Spread(0.0, 1.0) for name in ("dense", "lexical")}


def test_by_hand() -> None:
    lists = {"dense": {"a#0": 0.5, "b#0": 0.25}, "lexical": {"b#0": 8.0}}
    spreads = {"dense": Spread(0.25, 0.125), "lexical": Spread(2.0, 3.0)}
    # a#0: .4 × 2 - .6 × 2/3 (it has no BM25); b#0: .4 × 0 + .6 × 2
    assert fuse(lists, spreads, {"dense": 0.4, "lexical": 0.6}) == [("b#0", 1.2), ("a#0", 0.4)]


def test_ties_go_by_id() -> None:
    fused = fuse({"dense": {"b#0": 1.0, "a#0": 1.0}}, FLAT, {"dense": 1.0})
    assert [passage for passage, _ in fused] == ["a#0", "b#0"]


def test_a_list_that_is_not_there_leaves_its_weight_to_the_others() -> None:
    lists = {"lexical": {"a#0": 1.0, "b#0": 3.0}}
    weights = {"dense": 0.7, "lexical": 0.3}
    assert fuse(lists, FLAT, weights) == fuse(lists, FLAT, {"lexical": 1.0})


def test_scores_that_are_all_the_same_say_nothing() -> None:
    lists = {"lexical": {"a#0": 2.0, "b#0": 2.0}}
    assert fuse(lists, {"lexical": Spread(2.0, 0.0)}, {"lexical": 1.0}) == [("a#0", 0), ("b#0", 0)]


def test_an_unlisted_passage_has_the_least_cosine_and_no_bm25() -> None:
    dense = {"a#0": 0.9, "b#0": 0.8}
    listed = {"a#0": 0.9, "b#0": 0.8, "c#0": 0.8}
    only = {"lexical": {"c#0": 1.0}}
    weights = {"dense": 0.5, "lexical": 0.5}
    assert fuse({"dense": dense, **only}, FLAT, weights) == fuse(
        {"dense": listed, **only}, FLAT, weights
    )


def test_a_documents_score_is_the_mean_of_its_three_best() -> None:
    scores = {"a#0": 1.0, "a#1": 0.5, "a#2": 0.0, "a#3": -3.0, "b#0": 0.2}
    assert best_of_document(scores) == {
        **dict.fromkeys(("a#0", "a#1", "a#2", "a#3"), 0.5),
        "b#0": 0.2,
    }


@settings(deadline=None, max_examples=100)
@given(SCORES, SCORES, st.floats(0.5, 64.0))
def test_scale_of_a_list_does_not_matter(
    dense: dict[str, float], lexical: dict[str, float], factor: float
) -> None:
    weights = {"dense": 0.5, "lexical": 0.5}
    spreads = {"dense": Spread(0.3, 0.1), "lexical": Spread(2.0, 4.0)}
    one = dict(fuse({"dense": dense, "lexical": lexical}, spreads, weights))
    scaled = {p: s * factor for p, s in lexical.items()}
    spreads["lexical"] = Spread(2.0 * factor, 4.0 * factor)
    two = dict(fuse({"dense": dense, "lexical": scaled}, spreads, weights))
    assert one.keys() == two.keys() == dense.keys() | lexical.keys()
    assert all(abs(one[p] - two[p]) < 1e-6 for p in one)
