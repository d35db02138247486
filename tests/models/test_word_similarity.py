"""The similarity of sentences to the words of a question."""

from __future__ import annotations

import numpy as np
import pytest

from rag.models.bundled import BilingualEncoder
from rag.models.word_similarity import max_similarity, word_similarity
from tests.kits.hashing import HashingEncoder


def words(text: str, *wanted: str) -> list[tuple[int, int]]:
    return [(text.index(word), text.index(word) + len(word)) for word in wanted]


def test_a_word_gets_its_best_cosine() -> None:
    encoder = HashingEncoder()
    asked = "coal or bread"
    question, (sentence,) = encoder.read(asked, ["The bread was late."])
    coal, bread = word_similarity(words(asked, "coal", "bread"), question, sentence)
    assert bread == pytest.approx(1.0, abs=1e-6)
    assert coal < 0.6
    assert coal == pytest.approx((question.pieces[0] @ sentence.pieces.T).max(), abs=1e-6)


def test_words_and_sentences_without_pieces_have_similarity_0() -> None:
    encoder = HashingEncoder()
    question, (empty,) = encoder.read("coal", [""])
    assert word_similarity([(0, 4)], question, empty).tolist() == [0.0]
    assert word_similarity([(90, 94)], question, question).tolist() == [0.0]


def test_a_word_that_all_sentences_have_does_not_distinguish_them() -> None:
    near = np.array([[1.0, 0.4], [1.0, 0.6], [1.0, 0.5]], dtype=np.float32)  # "Stalin", "bread"
    shares = max_similarity(near)
    assert shares.argsort().tolist() == [0, 2, 1]
    assert np.allclose(shares, max_similarity(near[:, 1:]) / 2 + np.log(1 / 3) / 2)
    alone = max_similarity(near[:1])
    assert np.allclose(alone, 0.0) and alone.shape == (1,)
    assert max_similarity(np.zeros((2, 0), dtype=np.float32)).tolist() == [0.0, 0.0]


@pytest.fixture(scope="module")
def encoder() -> BilingualEncoder:
    return BilingualEncoder()


def test_the_bundled_encoder_reads_what_it_encodes(encoder: BilingualEncoder) -> None:
    texts = ["Coal for the ship.", "Уголь для Sirius (1931).", "coal " * 400, ""]
    first, others = encoder.read(texts[0], texts[1:])
    read = [first, *others]
    cosines = (np.stack([r.vector for r in read]) * encoder.encode_passages(texts)).sum(axis=1)
    assert (cosines > 0.975).all(), "equal up to int8 rounding"
    for text, reading in zip(texts, read, strict=True):
        assert reading.pieces.shape == (len(reading.starts), 384)
        assert np.allclose(np.linalg.norm(reading.pieces, axis=1), 1.0, atol=1e-5)
        assert all(0 <= start < len(text) for start in reading.starts)
    russian = texts[1]
    assert {russian[start] for start in read[1].starts} >= {"У", "д", "S", "(", "1", ")"}


def test_synonyms_are_more_similar_than_other_words(encoder: BilingualEncoder) -> None:
    asked = "How long did families wait for a flat?"
    at = words(asked, "flat")
    question, (apartment, wheat) = encoder.read(
        asked, ["They waited eight years for an apartment.", "They waited eight years for wheat."]
    )
    assert word_similarity(at, question, apartment)[0] > word_similarity(at, question, wheat)[0]
