"""The bundled encoder: English unchanged, Russian through glosses, its identity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index_store.errors import StoreMismatch
from index_store.store import EncoderIdentity, IndexStore
from rag.models.bundled import BilingualEncoder
from rag.models.lexicon import bundled
from rag.models.minilm import MiniLmEncoder


@pytest.fixture(scope="module")
def encoder() -> BilingualEncoder:
    return BilingualEncoder()


def test_english_is_encoded_by_the_unchanged_model(encoder: BilingualEncoder) -> None:
    english = ["Who stole the chronometer?", "", "The КВЖД line to Harbin was cut.", "x" * 3000]
    mixed = [english[0], "Кто украл хронометр?", *english[1:], "Письмо из Харбина."]
    untouched = MiniLmEncoder().encode(english)
    vectors = encoder.encode_passages(mixed)
    assert np.array_equal(vectors[[0, 2, 3, 4]], untouched)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_russian_is_similar_to_its_english_translation(encoder: BilingualEncoder) -> None:
    russian = encoder.encode_passages(
        ["Посол отправил телеграмму правительству.", "Собака спит на берегу."]
    )
    english = encoder.encode_passages(
        ["The ambassador sent the government a telegram.", "The dog sleeps."]
    )
    similarity = russian @ english.T
    assert similarity[0, 0] > similarity[0, 1] + 0.3 and similarity[1, 1] > similarity[1, 0]


def test_each_russian_word_is_one_row_with_a_usual_norm(encoder: BilingualEncoder) -> None:
    rows = encoder.gloss_rows("Война и правительство")
    assert rows.shape == (3, 384) and rows.dtype == np.float32
    usual = np.linalg.norm(MiniLmEncoder().word_rows, axis=1)
    norms = np.linalg.norm(rows, axis=1)
    assert norms.min() > usual.min() and norms.max() < usual.max()
    assert np.array_equal(encoder.gloss_rows("хлѣбъ"), encoder.gloss_rows("хлеб"))
    assert encoder.gloss_rows("").shape == (0, 384)
    assert len(encoder.gloss_rows("щурбзенковатый")) > 1, "unknown words are split into word pieces"


def test_a_store_of_another_encoder_is_refused_with_the_command_to_run(
    tmp_path: Path, encoder: BilingualEncoder
) -> None:
    assert encoder.identity.name == f"all-MiniLM-L6-v2+ru-{bundled().digest[:12]}"
    older = EncoderIdentity("all-MiniLM-L6-v2", 384)
    IndexStore.open(tmp_path / "store", write=True, encoder=older).close()
    with pytest.raises(StoreMismatch, match="fonds ingest"):
        IndexStore.open(tmp_path / "store", write=True, encoder=encoder.identity)
