"""What the reader knows, measured over a suite; how much it counts in a ranking."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.probes import reading
from eval.sets.suite import Suite, is_development, load
from eval.training import rerank
from rag.models import calibration
from rag.models.bundle import make
from rag.models.reader import Reading
from tests.kits.hashing import HashingEncoder

GOODS = ("coal", "bread", "ice", "salt", "tar", "rope", "oil", "flour")


class Oracle:
    """Finds an answer where the passage names the goods that the question names."""

    def load(self) -> None:
        """Nothing to load."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Sure of itself either way; the answer is the number in the passage."""
        return [self._reading(question, text) for _, text in passages]

    def _reading(self, question: str, text: str) -> Reading:
        asked = next(goods for goods in GOODS if goods in question)
        words = list(re.finditer(r"\w+", text))
        marks = np.array([5.0 if word[0].isdigit() else 0.0 for word in words], np.float32)
        share = (marks + 1) / (marks + 1).sum()
        ends = tuple(word.end() for word in words)
        starts = tuple(word.start() for word in words)
        return Reading(4.0 if asked in text else -4.0, starts, ends, share, marks, marks)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """How many sacks came of each of the goods; of "lamps" nothing is said."""
    corpus: list[dict[str, object]] = []
    questions: list[dict[str, object]] = []
    for n, goods in enumerate(GOODS):
        name = next(
            f"{goods}{i}" for i in range(99) if is_development(f"{goods}{i}") is (n % 2 == 0)
        )
        corpus.append({"id": name, "text": f"It rained in May. We sent {20 + n} sacks of {goods}."})
        asked: dict[str, object] = {
            "id": name,
            "text": f"How many sacks of {goods} came?",
            "gold_docs": [name],
        }
        questions.append(asked | {"gold_quotes": [str(20 + n)], "answer_strings": [str(20 + n)]})
        other = GOODS[(n + 1) % len(GOODS)]
        missed: dict[str, object] = {"id": f"{name}-no", "text": f"How many sacks of {other} came?"}
        questions.append(missed | {"answerable": False, "split_key": name, "cluster": name})
    for file, rows in (("corpus", corpus), ("questions", questions)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{file}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "suite.toml").write_text(
        'name = "sacks"\ncorpus = ["corpus.jsonl"]\nquestions = "questions.jsonl"\n'
    )
    return load(tmp_path)


def test_a_reader_that_is_right_gets_full_marks(suite: Suite) -> None:
    figures = reading.measure([suite], Oracle(), 100)["sacks"]["all"]
    assert figures["questions"] == 8 and figures["answerable"] == 4, "the reporting half"
    assert figures["AUROC"][0] == figures["sentence"] == figures["f1"] == 1
    assert reading.measure([suite], Oracle(), 3)["sacks"]["all"]["questions"] == 3


def test_f1_counts_the_words_in_common() -> None:
    assert reading._shared("the ninety roubles", "ninety roubles") == 1
    assert reading._shared("ninety", "ninety roubles") == pytest.approx(2 / 3)
    assert reading._shared("", "ninety") == 0


def test_the_weight_of_the_reader_is_fitted_and_written(suite: Suite, tmp_path: Path) -> None:
    target = tmp_path / "calibrations.json"
    target.write_bytes(calibration.FILE.read_bytes())
    models = make(HashingEncoder(), reader=Oracle())
    found = rerank.fit([suite], models, None, 50, target)
    assert found["rerank"] in rerank.WEIGHTS
    assert json.loads(target.read_text())["reader"]["rerank"] == found["rerank"]
    for half in ("fitting", "reporting"):
        best = found[half][str(rerank.WEIGHTS[-1])]["mean P@1"]
        assert best == 1 >= found[half]["0.0"]["mean P@1"]


def test_what_is_trained_on_is_not_fitted_on(suite: Suite) -> None:
    trained = replace(suite, trained=True)
    assert len(trained.fitting()) < len(suite.fitting()) == 8
    assert not any(question.learned for question in trained.fitting())
