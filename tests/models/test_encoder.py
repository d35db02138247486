"""The bundled encoder: norms, windows, threads, names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import EncoderError
from rag.models import minilm, minilm_graph, minilm_int8
from rag.models.minilm import MiniLmEncoder
from rag.models.registry import load_encoder
from rag.models.sentence_transformers import SentenceTransformerEncoder

LONG = "The weather in the harbour was fair and the wind was light. " * 40
TEXTS = ["", "Coal.", "What did the captain ask of the institute in 1931?", "Уголь", LONG]


@pytest.fixture(scope="module")
def encoder() -> MiniLmEncoder:
    return MiniLmEncoder()


def test_shape_and_norm(encoder: MiniLmEncoder) -> None:
    vectors = encoder.encode(["The ship is fast in the ice.", "", "x" * 5000])
    assert vectors.shape == (3, encoder.identity.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.identity.dimension)


def test_near_meanings_are_near(encoder: MiniLmEncoder) -> None:
    a, b, c = encoder.encode(
        ["The captain asks for coal.", "The skipper requests fuel.", "She bought a blue dress."]
    )
    assert a @ b > a @ c


def test_the_end_of_a_long_passage_counts(encoder: MiniLmEncoder) -> None:
    plain, with_end = encoder.encode([LONG, LONG + "The chronometer was stolen by night. " * 8])
    assert plain @ with_end < 0.999, "what lies beyond the window must change the vector"


def test_it_says_what_it_reads(encoder: MiniLmEncoder) -> None:
    assert encoder.languages == frozenset({"en"})


def test_it_is_the_model_of_sentence_transformers(encoder: MiniLmEncoder) -> None:
    """The graph run by onnxruntime gives the vectors that the same weights give in torch; with
    products of int8 they are near."""
    published = SentenceTransformerEncoder(str(minilm._folder()))
    exact, _ = encoder.read_rows([encoder.placed_rows(text)[0] for text in TEXTS])
    theirs = published.encode_passages(TEXTS)
    assert exact.shape == theirs.shape
    assert np.abs(exact - theirs).max() < 2e-6
    assert ((encoder.encode(TEXTS) * theirs).sum(axis=1) > 0.985).all()


def test_what_is_encoded_together_changes_no_vector(encoder: MiniLmEncoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-3


def test_a_processor_that_saturates_is_given_no_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm_int8, "exact", lambda probe: False)
    encoder = MiniLmEncoder()
    exact, _ = encoder.read_rows([encoder.placed_rows(text)[0] for text in TEXTS])
    assert np.abs(encoder.encode(TEXTS) - exact).max() < 1e-6


def test_sums_that_saturate_are_found_out() -> None:
    """255 × 127 twice is more than the 16 bits hold in which such a processor adds two products."""
    right = np.full((4, 16), 64 * 255 * 127, dtype=np.int32)
    assert minilm_int8.exact(right)
    assert not minilm_int8.exact(np.full((4, 16), 32 * 32767, dtype=np.int32))


def test_scales_that_are_not_whole_are_told(tmp_path: Path) -> None:
    damaged = tmp_path / "minilm_int8.npz"
    damaged.write_bytes(minilm_int8.FILE.read_bytes()[:1000])
    with pytest.raises(EncoderError, match="install Fonds anew"):
        minilm_int8.load(damaged)


def test_a_little_more_than_a_window_weighs_evenly(encoder: MiniLmEncoder) -> None:
    """A leftover of some pieces must not count as much as the window before it."""
    pieces = [piece for piece, _ in encoder.pieces(LONG)][: minilm.WINDOW + 3]
    whole, cut = (
        encoder.encode_rows([encoder.word_rows[pieces[:n]]])[0] for n in (None, minilm.WINDOW)
    )
    assert whole @ cut > 0.95


def test_the_graph_is_the_one_its_script_writes() -> None:
    assert minilm.GRAPH.read_bytes() == minilm_graph.build()
    assert minilm.INT8_GRAPH.read_bytes() == minilm_graph.build(int8=True)


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes((minilm._folder() / name).read_bytes())
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    monkeypatch.setattr(minilm, "_folder", lambda: tmp_path)
    with pytest.raises(EncoderError, match=r"safetensors is not the file.*--force-reinstall"):
        minilm.MiniLmEncoder()


def test_unknown_model_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="FONDS_ENCODER=bundled"):
        load_encoder(str(tmp_path / "no-such-model"))


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
    tiny = load_encoder(str(model))
    assert tiny.identity.dimension == 16 and tiny.languages is None
    assert np.allclose(np.linalg.norm(tiny.encode_passages(["coal ice"]), axis=1), 1.0, atol=1e-5)
