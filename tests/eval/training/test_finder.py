"""Training the finder: its examples, what it learns, and that a stopped run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from eval.sets.suite import Suite, is_development, is_learned, load
from eval.training import finder
from eval.training.corpus import load as load_corpus
from eval.training.finder_examples import Pair, examples
from eval.training.hard_negatives import hard_negatives
from rag.errors import FondsError, UsageError
from rag.models.registry import load_encoder
from tests.kits.tiny_model import tiny_model

ASKED = ("fuel", "loaves", "cold", "white", "black", "long", "lamp", "mill", "net", "sweet")
"""Words of the questions, which no document has."""

GOODS = ("coal", "bread", "ice", "salt", "tar", "rope", "oil", "flour", "fish", "sugar")
PLACES = ("kudel", "siverka", "ledyanoye", "gavan")
WORDS = (*ASKED, *GOODS, *PLACES, "which", "goods", "came", "to", "the", "trust", "sent", ".", "?")


def _write(folder: Path, corpus: list[dict[str, Any]], questions: list[dict[str, Any]]) -> Suite:
    folder.mkdir(parents=True)
    for name, rows in (("corpus", corpus), ("questions", questions)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "suite.toml").write_text(
        'name = "goods"\ncorpus = ["corpus.jsonl"]\nquestions = "questions.jsonl"\n'
    )
    return load(folder)


def _goods(folder: Path) -> Suite:
    """Documents that say which goods came to a place; questions in other words."""
    corpus, questions = [], []
    for asked, goods in zip(ASKED, GOODS, strict=True):
        for place in PLACES:
            name = f"{goods}-{place}"
            corpus.append({"id": name, "text": f"The trust sent {goods} to {place}."})
            text = f"Which {asked} came to {place}?"
            question = {"id": name, "text": text, "gold_docs": [name], "split_key": _key(name)}
            question["cluster"] = _key(name, is_learned)
            questions.append(question)
    return _write(folder, corpus, questions)


def _key(name: str, holds: Callable[[str], bool] = is_development) -> str:
    """A key like the name for which this holds; by default, of the development half."""
    return next(f"{name}{n}" for n in range(99) if holds(f"{name}{n}"))


def test_pairs_are_passages_with_the_gold_of_the_development_half(tmp_path: Path) -> None:
    long = "\n\n".join(f"Paragraph {n} tells of {goods}." * 30 for n, goods in enumerate(GOODS))
    start = long.index("bread")
    texts = {"a": long, "b": "Ice came in May.", "c": "Tar came in June.", "d": "No ship came."}
    corpus = [{"id": name, "text": text} for name, text in texts.items()]
    common = {"split_key": _key("x"), "cluster": _key("x", is_learned)}
    other = _key("y", lambda key: not is_development(key))
    held = _key("z", lambda key: not is_learned(key))
    suite = _write(
        tmp_path / "s",
        corpus,
        [
            {"id": "1", "text": "span?", "gold_docs": ["a"],
             "gold_spans": [["a", start, start + 5]], **common},
            {"id": "2", "text": "one passage?", "gold_docs": ["b"], **common},
            {"id": "3", "text": "many passages?", "gold_docs": ["a"], **common},
            {"id": "4", "text": "no answer?", "answerable": False, **common},
            {"id": "5", "text": "reporting?", "gold_docs": ["c"], "split_key": other},
            {"id": "6", "text": "held out?", "gold_docs": ["d"], **common, "cluster": held},
        ],
    )  # fmt: skip
    found = examples([suite]).pairs
    assert {pair.question for pair in found} == {"span?", "one passage?"}
    assert Pair("one passage?", "Ice came in May.", _key("x")) in found
    (holding,) = [pair.passage for pair in found if pair.question == "span?"]
    assert "Paragraph 1 tells of bread." in holding and holding in long and holding != long
    assert set(examples([suite, suite]).pairs) == set(found), "no pair twice"
    assert len(examples([suite], most=1).pairs) == 1


def test_no_passage_that_another_question_keeps_is_learned(tmp_path: Path) -> None:
    text = "Tar came in June."
    mine = {"id": "1", "text": "tar?", "gold_docs": ["a"], "split_key": _key("x")}
    mine["cluster"] = _key("x", is_learned)
    other = {**mine, "split_key": _key("y", lambda key: not is_development(key))}
    learned = _write(tmp_path / "learned", [{"id": "a", "text": text}], [mine])
    kept = _write(tmp_path / "kept", [{"id": "a", "text": f"{text}\n"}], [other])
    assert examples([learned]).pairs and examples([learned]).passages == (text,)
    assert examples([learned, kept]) == examples([kept])


def test_hard_negatives_are_near_and_do_not_answer(tmp_path: Path) -> None:
    found = examples([_goods(tmp_path / "suite")])
    encoder = load_encoder(tiny_model(tmp_path / "tiny", words=WORDS, layers=2))
    for pair, texts in zip(found.pairs, hard_negatives(found, encoder), strict=True):
        assert len(texts) == 1 and set(texts) <= set(found.passages) - {pair.passage}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    suite = _write(tmp_path / "s", [{"id": "a"}], [{"id": "1", "text": "?", "gold_docs": ["a"]}])
    with pytest.raises(FondsError, match=r"corpus\.jsonl.*must read whole"):
        load_corpus(suite.corpus)


def _rank_of_own(model: str, suite: Suite) -> float:
    """The mean place of a question's own passage among all."""
    found = examples([suite]).pairs
    encoder = load_encoder(model)
    asked = encoder.encode_queries([pair.question for pair in found])
    cosines = asked @ encoder.encode_passages([pair.passage for pair in found]).T
    own = np.diagonal(cosines)[:, None]
    return float((cosines > own).sum(axis=1).mean()) + 1


def test_it_learns_and_keeps_the_lower_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "RATE", 5e-3)  # a tiny model in a second
    suite = _goods(tmp_path / "suite")
    base = tiny_model(tmp_path / "tiny", words=WORDS, layers=2)
    out = tmp_path / "out"
    record = finder.train([suite], base, out, epochs=40, negatives=base)
    assert record["pairs"] == 40 and record["suites"] == {"goods": ""}
    assert json.loads((out / finder.RECORD).read_text()) == record
    assert record["loss"][-1] < record["loss"][0]
    before, after = (load_file(Path(m) / "model.safetensors") for m in (base, str(out)))
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed and all(name.startswith("encoder.layer.1.") for name in changed)
    assert _rank_of_own(str(out), suite) < 0.8 * _rank_of_own(base, suite)


def test_a_stopped_run_goes_on_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

    class Steps(TrainerCallback):
        """Notes the steps; stops the run after `last`."""

        def __init__(self, last: int = 0) -> None:
            self.last, self.done = last, list[int]()

        def on_step_end(
            self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
        ) -> None:
            self.done.append(state.global_step)
            if state.global_step == self.last:
                raise KeyboardInterrupt

    monkeypatch.setattr(finder, "STEPS_PER_CHECKPOINT", 2)
    suite = _goods(tmp_path / "suite")
    base = tiny_model(tmp_path / "tiny", words=WORDS, layers=2)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    finder.train([suite], base, whole, epochs=4)
    with pytest.raises(KeyboardInterrupt):
        finder.train([suite], base, parts, 4, None, [Steps(last=5)])
    assert not (parts / "model.safetensors").exists()
    rest = Steps()
    finder.train([suite], base, parts, 4, None, [rest])
    assert rest.done[0] == 5, "from the checkpoint of step 4"
    same = [(folder / "model.safetensors").read_bytes() for folder in (whole, parts)]
    assert same[0] == same[1]
    with pytest.raises(UsageError, match="another run"):
        finder.train([suite], base, parts, epochs=5)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "find_spec", lambda name: None if name == "datasets" else name)
    with pytest.raises(UsageError, match=r"needs datasets: pip install"):
        finder.train([], "none", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_few_examples(tmp_path: Path) -> None:
    corpus = [{"id": "a", "text": "Ice came in May."}]
    questions = [{"id": "1", "text": "?", "gold_docs": ["a"], "split_key": _key("a")}]
    suite = _write(tmp_path / "s", corpus, questions)
    with pytest.raises(UsageError, match="goods: 1 examples"):
        finder.train([suite], "none", tmp_path / "out")
