"""The bundled reader: whether a passage answers, and where."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from rag.models import reader as readers
from rag.models.e5.body import word_pieces
from rag.models.reader import FILE, MAX_ANSWER_PIECES, WINDOW, Reading, TrainedReader
from rag.text.sentences import sentences

LETTER = (
    "The roads are bad and the post is late. Your parcel was brought by the miller Arkhip on"
    " Tuesday. We have sold two cows for ninety roubles. The children are well."
)
ASKED = "Who brought the parcel?"


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return readers.bundled()


def _reading(first: np.ndarray, last: np.ndarray) -> Reading:
    count = len(first)
    share = np.full(count, 1 / count, dtype=np.float32)
    starts = tuple(range(0, 2 * count, 2))
    return Reading(0.0, starts, tuple(s + 1 for s in starts), share, first, last)


def test_the_best_answer_is_the_best_pair_of_pieces() -> None:
    draw = np.random.default_rng(3)
    for _ in range(20):
        first, last = draw.normal(size=(2, 70)).astype(np.float32)
        best = max(
            ((i, j) for i in range(70) for j in range(i, min(70, i + MAX_ANSWER_PIECES))),
            key=lambda pair: first[pair[0]] + last[pair[1]],
        )
        assert _reading(first, last).answer() == (2 * best[0], 2 * best[1] + 1)


def test_the_share_of_the_evidence_between_two_offsets() -> None:
    reading = _reading(np.zeros(10, np.float32), np.zeros(10, np.float32))
    assert reading.share(0, 20) == pytest.approx(1)
    assert reading.share(4, 8) == pytest.approx(0.2)
    assert reading.share(40, 50) == 0


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (ASKED, "Arkhip"),
        ("How much were the cows sold for?", "ninety roubles"),
        ("When did the parcel arrive?", "Tuesday"),
        ("Кто привёз посылку?", "Arkhip"),
        ("Wer brachte das Paket?", "Arkhip"),
        ("¿Por cuánto se vendieron las vacas?", "ninety roubles"),
    ],
)
def test_the_sentence_that_answers_is_marked(
    reader: TrainedReader, question: str, answer: str
) -> None:
    (reading,) = reader.read(question, [("", LETTER)])
    found = max(sentences(LETTER), key=lambda span: reading.share(*span))
    assert answer in LETTER[slice(*found)]
    assert reading.share(0, len(LETTER)) == pytest.approx(1, abs=1e-4)


def test_a_passage_that_answers_scores_above_one_that_does_not(reader: TrainedReader) -> None:
    other = "The parcel has not come yet, and nobody knows when the post will go again."
    whole, silent = reader.read(ASKED, [("", LETTER), ("", other)])
    assert whole.answers > silent.answers + 1


def test_passages_are_read_alike_alone_and_together(reader: TrainedReader) -> None:
    passages = [("Letter of 3 May", LETTER), ("", "Short."), ("", LETTER * 3)]
    for passage, reading in zip(passages, reader.read(ASKED, passages), strict=True):
        (alone,) = reader.read(ASKED, [passage])
        assert alone.answers == pytest.approx(reading.answers, abs=1e-4)
        np.testing.assert_allclose(alone.evidence, reading.evidence, atol=1e-4)


def test_no_piece_of_a_long_passage_is_left_out(reader: TrainedReader) -> None:
    passage = LETTER * 30
    (reading,) = reader.read(ASKED, [("", passage)])
    (pieces,) = word_pieces().of([passage])
    assert len(pieces) > 2 * WINDOW
    assert list(reading.starts) == [start for _, start, _ in pieces]
    assert reading.evidence.sum() == pytest.approx(1, abs=1e-4)


def test_long_questions_and_empty_texts_are_read(reader: TrainedReader) -> None:
    (reading,) = reader.read("Who brought the parcel, " * 500, [("", "")])
    assert reading.answer() == (0, 0) and reading.share(0, 10) == 0
    assert reader.read("Who?", []) == []
    (reading,) = reader.read("", [("", LETTER)])
    assert np.isfinite(reading.answers)


def test_the_weights_are_those_that_were_measured() -> None:
    recorded = json.loads(FILE.with_suffix(".json").read_text(encoding="utf-8"))
    content = FILE.read_bytes()
    assert recorded["sha256"] == hashlib.sha256(content).hexdigest()
    assert recorded["bytes"] == len(content)
