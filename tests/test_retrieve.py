"""Fusion is a pure function: its arithmetic, its ties, its indifference to scale."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.retrieve import best_of_document, fuse

IDS = st.sampled_from([f"d{d}#{n}" for d in range(3) for n in range(4)])
SCORES = st.dictionaries(IDS, st.floats(0.1, 50, allow_nan=False))


def test_by_hand() -> None:
    lists = {"dense": {"a#0": 0.5, "b#0": 0.25}, "lexical": {"b#0": 8.0}}
    # dense: 0.5 and 0.25 are one deviation above and below; lexical: a#0 counts as 0
    assert fuse({"en": lists}, {"dense": 0.4, "lexical": 0.6}) == [("b#0", 0.2), ("a#0", -0.2)]


def test_ties_go_by_id() -> None:
    assert [p for p, _ in fuse({"en": {"dense": {"b#0": 1.0, "a#0": 1.0}}}, {"dense": 1.0})] == [
        "a#0",
        "b#0",
    ]


def test_a_list_that_is_not_there_leaves_its_weight_to_the_others() -> None:
    lists = {"lexical": {"a#0": 1.0, "b#0": 3.0}}
    assert fuse({"en": lists}, {"dense": 0.7, "lexical": 0.3}) == fuse(
        {"en": lists}, {"lexical": 1.0}
    )


def test_an_unlisted_passage_has_the_least_cosine_and_no_bm25() -> None:
    dense = {"a#0": 0.9, "b#0": 0.8}
    listed = {"a#0": 0.9, "b#0": 0.8, "c#0": 0.8}
    only = {"lexical": {"c#0": 1.0}}
    weights = {"dense": 0.5, "lexical": 0.5}
    assert fuse({"en": {"dense": dense, **only}}, weights) == fuse(
        {"en": {"dense": listed, **only}}, weights
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
    one = dict(fuse({"en": {"dense": dense, "lexical": lexical}}, weights))
    scaled = {p: s * factor for p, s in lexical.items()}
    two = dict(fuse({"en": {"dense": dense, "lexical": scaled}}, weights))
    assert one.keys() == two.keys() == dense.keys() | lexical.keys()
    spread = [values for values in (dense.values(), lexical.values()) if len(set(values)) > 1]
    if all(max(values) - min(values) > 1e-6 for values in spread):
        assert all(abs(one[p] - two[p]) < 1e-6 for p in one)
    assert abs(math.fsum(one.values())) < 1e-6
