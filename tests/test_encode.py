"""The bundled encoder: norms, windows, threads, names."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from rag.encode import SentenceTransformerEncoder
from rag.errors import EncoderError


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


def test_shape_and_norm(encoder: SentenceTransformerEncoder) -> None:
    vectors = encoder.encode(["The ship is fast in the ice.", "", "x" * 5000])
    assert vectors.shape == (3, encoder.identity.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.identity.dimension)


def test_near_meanings_are_near(encoder: SentenceTransformerEncoder) -> None:
    a, b, c = encoder.encode(
        ["The captain asks for coal.", "The skipper requests fuel.", "She bought a blue dress."]
    )
    assert a @ b > a @ c


def test_the_end_of_a_long_passage_counts(encoder: SentenceTransformerEncoder) -> None:
    start = "The weather in the harbour was fair and the wind was light. " * 40
    plain, with_end = encoder.encode([start, start + "The chronometer was stolen by night. " * 8])
    assert plain @ with_end < 0.999, "what lies beyond the window must change the vector"


def test_threads_agree_with_the_serial_result(encoder: SentenceTransformerEncoder) -> None:
    texts = [f"Letter number {n} about coal and bread." for n in range(8)]
    serial = [encoder.encode([text])[0] for text in texts]
    wrong: list[int] = []

    def work() -> None:
        for n, text in enumerate(texts):
            if not np.array_equal(encoder.encode([text])[0], serial[n]):
                wrong.append(n)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_it_says_what_it_reads(encoder: SentenceTransformerEncoder) -> None:
    assert encoder.languages == frozenset({"en"})


def test_unknown_model_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="FONDS_ENCODER=bundled"):
        SentenceTransformerEncoder(str(tmp_path / "no-such-model"))


def test_a_model_by_path(tmp_path: Path) -> None:
    """A tiny BERT made here loads by its path, from safetensors, through the same code."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "coal", "bread", "ice"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    body = tmp_path / "body"
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(body)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(body)
    transformer = Transformer(str(body))
    pooling = Pooling(16)
    model = tmp_path / "model"
    SentenceTransformer(modules=[transformer, pooling]).save(str(model))
    tiny = SentenceTransformerEncoder(str(model))
    assert tiny.identity.dimension == 16 and tiny.languages is None
    assert np.allclose(np.linalg.norm(tiny.encode(["coal ice"]), axis=1), 1.0, atol=1e-5)
