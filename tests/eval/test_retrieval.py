"""Rankings: equal to ir_measures and to hand-worked values; nothing missing raises a mean."""

from __future__ import annotations

import math
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.measures import retrieval
from eval.sets import trec
from eval.sets.spans import Span
from eval.sets.suite import EvalQuestion
from index_store.types import Passage

DOCUMENTS = [f"d{i}" for i in range(8)]
GRADES = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(1, 3), min_size=1)
RANKING = st.permutations(DOCUMENTS).flatmap(
    lambda order: st.integers(0, len(order)).map(lambda n: order[:n])
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), st.tuples(GRADES, RANKING), min_size=1))
def test_scores_are_those_of_ir_measures_on_our_files(
    questions: dict[str, tuple[dict[str, int], list[str]]],
) -> None:
    import tempfile

    grades = {q: g for q, (g, _) in questions.items()}
    rankings = {q: r for q, (_, r) in questions.items()}
    ours = retrieval.scores(grades, rankings)
    with tempfile.TemporaryDirectory() as folder:
        run, qrels = Path(folder) / "x.run", Path(folder) / "x.qrels"
        trec.write_run(run, rankings, "test")
        trec.write_qrels(qrels, grades.items())
        theirs = ir_measures.calc_aggregate(
            retrieval.MEASURES,
            list(ir_measures.read_trec_qrels(str(qrels))),  # type: ignore[no-untyped-call]
            list(ir_measures.read_trec_run(str(run))),  # type: ignore[no-untyped-call]
        )
    for measure in retrieval.MEASURES:
        mean = sum(scores[str(measure)] for scores in ours.values()) / len(ours)
        assert mean == pytest.approx(theirs[measure])


def test_by_hand() -> None:
    found = retrieval.scores({"q": {"b": 1, "z": 1}}, {"q": ["a", "b", "c"]})["q"]
    assert found["P@1"] == 0
    assert found["RR"] == 1 / 2
    assert found["AP"] == 1 / 4
    assert found["R@5"] == 1 / 2
    ideal = 1 + 1 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx(1 / math.log2(3) / ideal)


def test_a_judged_question_missing_from_the_run_scores_zero() -> None:
    found = retrieval.scores({"there": {"a": 1}, "missing": {"a": 1}}, {"there": ["a"]})
    assert set(found["missing"].values()) == {0.0}
    assert found["there"]["RR"] == 1.0
    assert set(retrieval.scores({"q": {"a": 1}}, {})["q"].values()) == {0.0}
    assert retrieval.scores({"unjudged": {}}, {"unjudged": ["a"]}) == {}


def test_ids_with_spaces_stay_one_column(tmp_path: Path) -> None:
    trec.write_run(tmp_path / "x.run", {"q 1": ["a b", "c"]}, "tag")
    assert (tmp_path / "x.run").read_text() == "q%201 Q0 a%20b 1 2 tag\nq%201 Q0 c 2 1 tag\n"


def test_language_bias() -> None:
    question = EvalQuestion("q", "?", "en", "en", parallel=("x-en", "x-ru"))
    assert retrieval.language_bias(question, ["x-en", "a", "x-ru"]) == 2.0
    assert retrieval.language_bias(question, ["x-en"]) == 100.0
    assert retrieval.language_bias(question, []) == 100.0, "finding less is never better"
    assert retrieval.language_bias(EvalQuestion("q", "?", "en", "en"), ["a"]) is None


def test_gold_passages_hold_the_span() -> None:
    passages = {"d": [Passage(f"d#{n}", "d", n, 10 * n, 10 * n + 10, "x" * 10) for n in range(3)]}
    gold = retrieval.gold_passages
    assert gold([Span("d", 2, 8)], passages) == {"d#0": 1}
    assert gold([Span("d", 8, 20)], passages) == {"d#1": 1}
    assert gold([Span("d", 5, 25)], passages) == {"d#0": 1, "d#1": 1, "d#2": 1}
    assert gold([Span("other", 0, 3)], passages) == {}
