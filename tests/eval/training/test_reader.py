"""Training the reader: its examples, what it learns, and that the product runs what was trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from eval.sets.suite import Suite, is_development, is_learned
from eval.training import reader
from eval.training.made_examples import Example
from eval.training.reader_examples import examples
from rag.models.registry import load_encoder
from rag.models.sentence_transformers import Prompts, load_model
from tests.eval.training.test_finder import GOODS, PLACES, WORDS, _key, _write
from tests.kits.tiny_model import tiny_model

MADE = (*WORDS, "in", "may", "no", "ship", "a")


def _suite(folder: Path) -> Suite:
    """What came to each place, of which one sentence of two tells; and what nobody tells."""
    corpus, questions = [], []
    for goods in GOODS:
        for place in PLACES:
            name = _key(f"{goods}-{place}", lambda key: is_development(key) and is_learned(key))
            text = f"No ship came to a mill in may. The trust sent {goods} to {place}."
            corpus.append({"id": name, "text": text, "title": "The trust"})
            common = {"split_key": name, "cluster": name}
            asked: dict[str, Any] = {"id": name, "text": f"Which goods came to {place}?"}
            asked |= {"gold_docs": [name], "gold_quotes": [goods], "answer_strings": [goods]}
            questions.append(asked | common)
            missed = {"id": f"{name}-no", "text": "Which lamp came?", "answerable": False}
            questions.append(missed | common)
    return _write(folder, corpus, questions)


def test_examples_are_answers_errors_and_near_misses(tmp_path: Path) -> None:
    suite = _suite(tmp_path / "suite")
    finder = load_encoder(tiny_model(tmp_path / "tiny", words=MADE, layers=2))
    found = examples([suite], finder)
    answering = [one for one in found if one.answers]
    assert {one.header for one in found} == {"The trust"}
    assert len(answering) == 40 and sum("goods" in one.question for one in found) > 80
    for one in answering:
        assert one.answer is not None and one.evidence is not None
        assert one.passage[slice(*one.answer)] in GOODS
        assert one.passage[slice(*one.evidence)].startswith("The trust sent")
    near = [one for one in found if one.question == "Which lamp came?"]
    assert near and all(one.evidence is None and not one.answers for one in near)


def test_it_learns_which_passage_answers_and_where(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(reader, "RATE", 3e-3)  # a tiny model in seconds
    suite = _suite(tmp_path / "suite")
    base, out = tiny_model(tmp_path / "tiny", words=MADE, layers=2), tmp_path / "out"
    record = reader.train([suite], base, out, epochs=12)
    assert json.loads((out / "training.json").read_text()) == record
    assert record["loss"][-1] < record["loss"][0]
    assert (out / reader.HEADS).exists() and load_encoder(str(out))


def test_pieces_are_placed_and_a_long_passage_is_cut_around_its_evidence(tmp_path: Path) -> None:
    model = load_model(
        "SentenceTransformer", tiny_model(tmp_path / "tiny", words=MADE, layers=1), "encoder"
    )
    pieces = reader._Pieces(model.tokenizer, Prompts("", ""))
    text = "no ship came . " * 200 + "the trust sent coal . "
    start = text.index("the trust")
    span = (start, start + 19)
    answer = start + 15, span[1]
    given = pieces.example(Example("which coal ?", "a mill", text, True, span, answer))
    ids, part = given["input_ids"], given["part"]
    assert len(ids) == len(part) and part.count(1) == 3 and part.count(2) == reader.PASSAGE
    words = model.tokenizer.convert_ids_to_tokens([ids[i] for i in given["evidence"]])
    assert words == ["the", "trust", "sent", "coal"]
    assert model.tokenizer.convert_ids_to_tokens([ids[i] for i in given["answer"]]) == ["coal"] * 2
    batch = reader.collate([given, pieces.example(Example("which ?", "", "ice", False))])
    assert batch["input_ids"].shape == batch["part"].shape
    assert batch["answer"][1].tolist() == [-1, -1] and not batch["evidence"][1].any()


def test_the_loss_rewards_what_is_right() -> None:
    torch.manual_seed(0)
    scores = torch.zeros(2, 5, 3)
    gold = {
        "labels": torch.tensor([1.0, 0.0]),
        "evidence": torch.tensor([[False, False, True, True, False], [False] * 5]),
        "answer": torch.tensor([[3, 3], [-1, -1]]),
    }
    before = reader._loss(scores, torch.zeros(2), **gold)
    better = scores.clone()
    better[0, 2:4, 0] = better[0, 3, 1:] = 5.0
    after = reader._loss(better, torch.tensor([5.0, -5.0]), **gold)
    assert float(after) < 0.2 * float(before)
    assert np.isfinite(float(before))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
