"""Extractive question answering: scores of word pieces as start and end of an answer."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest

from rag.errors import EncoderError
from rag.models import reader as comprehension
from rag.models.bundled import bundled_encoder
from rag.models.reader import FILE, MAX_ANSWER_PIECES, NOWHERE, WINDOW, Comprehension, Marks
from rag.text.sentences import sentences

LETTER = (
    "The roads are bad and the post is late. Your parcel was brought by the miller Arkhip on"
    " Tuesday. We have sold two cows for ninety roubles. The children are well."
)


@pytest.fixture(scope="module")
def reader() -> Comprehension:
    return comprehension.bundled()


def test_the_best_answer_is_the_best_pair_of_pieces() -> None:
    draw = np.random.default_rng(3)
    first, last = draw.normal(size=(2, 70)).astype(np.float32)
    marks = Marks(tuple(range(0, 140, 2)), first, last)
    for start, end in ((0, 140), (10, 60), (100, 102), (31, 139)):
        inside = [i for i in range(70) if start <= 2 * i < end]
        pairs = [
            first[i] + last[j] for i in inside for j in inside if i <= j < i + MAX_ANSWER_PIECES
        ]
        assert marks.best(start, end) == pytest.approx(max(pairs))


def test_where_no_word_is_there_is_no_answer() -> None:
    marks = Marks((0, 5), np.ones(2, np.float32), np.ones(2, np.float32))
    assert marks.best(6, 20) == NOWHERE
    assert marks.best(0, 0) == NOWHERE


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who brought the parcel?", "Arkhip"),
        ("How much were the cows sold for?", "ninety roubles"),
        ("When did the parcel arrive?", "Tuesday"),
        ("Кто привёз посылку?", "Arkhip"),
    ],
)
def test_the_sentence_that_answers_is_marked(
    reader: Comprehension, question: str, answer: str
) -> None:
    (marks,) = reader.read(question, [LETTER])
    found = max(sentences(LETTER), key=lambda span: marks.best(*span))
    assert answer in LETTER[slice(*found)]


def test_a_passage_that_answers_scores_above_one_that_does_not(reader: Comprehension) -> None:
    other = "The parcel has not come yet, and nobody knows when the post will go again."
    whole, silent = reader.read("Who brought the parcel?", [LETTER, other])
    assert whole.best(0, len(LETTER)) > silent.best(0, len(other))


def test_passages_are_read_alike_alone_and_together(reader: Comprehension) -> None:
    passages = [LETTER, "Short.", LETTER * 3]
    together = reader.read("Who brought the parcel?", passages)
    for passage, marks in zip(passages, together, strict=True):
        (alone,) = reader.read("Who brought the parcel?", [passage])
        np.testing.assert_allclose(alone.first, marks.first, atol=1e-4)
        np.testing.assert_allclose(alone.last, marks.last, atol=1e-4)


def test_no_piece_of_a_long_passage_is_left_out(reader: Comprehension) -> None:
    passage = LETTER * 30
    (marks,) = reader.read("Who brought the parcel?", [passage])
    _, starts = bundled_encoder().placed_rows(passage)
    assert len(starts) > 2 * WINDOW
    assert list(marks.starts) == starts
    assert len(marks.first) == len(marks.last) == len(starts)


def test_long_questions_and_empty_passages_are_read(reader: Comprehension) -> None:
    (marks,) = reader.read("Who brought the parcel, " * 500, [""])
    assert marks.best(0, 10) == NOWHERE
    assert reader.read("Who?", []) == []


def test_the_weights_are_those_that_were_measured() -> None:
    recorded = json.loads(FILE.with_suffix(".json").read_text(encoding="utf-8"))
    content = FILE.read_bytes()
    assert recorded["sha256"] == hashlib.sha256(content).hexdigest()
    assert recorded["bytes"] == len(content)


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    damaged = tmp_path / "comprehension.npz"
    damaged.write_bytes(FILE.read_bytes()[:1000])
    with pytest.raises(EncoderError, match=r"comprehension\.npz cannot be read"):
        comprehension.load(damaged)


def test_what_is_fitted_is_what_is_run(tmp_path: Path) -> None:
    import torch

    from eval.training import reader as fitting
    from eval.training.reader_examples import Example

    torch.manual_seed(1)
    body = fitting.Body(bundled_encoder()).eval()
    with torch.no_grad():
        for part in body.parts.values():
            if isinstance(part, fitting._Linear):
                part.up.normal_(std=0.02)
        body.head.weight.normal_()
    fitting.save(body, tmp_path / "own.npz")
    own = Comprehension(bundled_encoder(), comprehension.load(tmp_path / "own.npz"))
    question, span = "Who brought the parcel?", (LETTER.index("the miller"), LETTER.index(" on "))
    (marks,) = own.read(question, [LETTER])
    placed = fitting._Placed(bundled_encoder())
    example = Example(question, LETTER, span, "letter")
    batch = placed.batch([example], random.Random(0))
    with torch.no_grad():
        (scores,) = body(batch["rows"], batch["types"], batch["real"]).numpy()
    before = int(batch["types"][0].argmax())
    np.testing.assert_allclose(scores[before:-1, 0] - scores[0, 0], marks.first, atol=0.05)
    np.testing.assert_allclose(scores[before:-1, 1] - scores[0, 1], marks.last, atol=0.05)
    first, last = (int(piece) - before for piece in batch["marks"][0])
    assert marks.starts[first] == span[0]
    assert marks.starts[last] < span[1] <= marks.starts[last + 1]
