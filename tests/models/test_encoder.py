"""The bundled English model, and encoders of sentence-transformers by path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index_store.store import EncoderIdentity
from rag.errors import EncoderError
from rag.models import calibration, minilm, minilm_graph, minilm_int8
from rag.models.bundled import bundled_encoder
from rag.models.minilm import MiniLmEncoder
from rag.models.registry import load, load_encoder
from rag.models.sentence_transformers import Prompts, SentenceTransformerEncoder
from rag.settings import Settings
from tests.kits.tiny_model import tiny_model

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


def test_it_reads_english_only(encoder: MiniLmEncoder) -> None:
    assert encoder.languages == frozenset({"en"})


def test_it_is_the_model_of_sentence_transformers(encoder: MiniLmEncoder) -> None:
    """onnxruntime gives the same vectors as torch with the same weights; int8 is close to them."""
    published = SentenceTransformerEncoder(str(minilm.model_folder()))
    exact, _ = encoder.read_rows([encoder.placed_rows(text)[0] for text in TEXTS])
    theirs = published.encode_passages(TEXTS)
    assert exact.shape == theirs.shape
    assert np.abs(exact - theirs).max() < 2e-6
    assert ((encoder.encode(TEXTS) * theirs).sum(axis=1) > 0.985).all()


def test_what_is_encoded_together_changes_no_vector(encoder: MiniLmEncoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-3


def test_a_processor_that_saturates_uses_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm_int8, "exact", lambda probe: False)
    encoder = MiniLmEncoder()
    exact, _ = encoder.read_rows([encoder.placed_rows(text)[0] for text in TEXTS])
    assert np.abs(encoder.encode(TEXTS) - exact).max() < 1e-6


def test_saturated_sums_are_detected() -> None:
    """Such a processor adds two products in 16 bits, but 2 · 255 · 127 needs 17."""
    right = np.full((4, 16), 64 * 255 * 127, dtype=np.int32)
    assert minilm_int8.exact(right)
    assert not minilm_int8.exact(np.full((4, 16), 32 * 32767, dtype=np.int32))


def test_a_damaged_file_of_scales_is_an_error(tmp_path: Path) -> None:
    damaged = tmp_path / "minilm_int8.npz"
    damaged.write_bytes(minilm_int8.FILE.read_bytes()[:1000])
    with pytest.raises(EncoderError, match="install Fonds again"):
        minilm_int8.load(damaged)


def test_a_text_slightly_longer_than_a_window_is_split_evenly(encoder: MiniLmEncoder) -> None:
    """The last few pieces must not count as much as a whole window."""
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
        (tmp_path / name).write_bytes((minilm.model_folder() / name).read_bytes())
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    monkeypatch.setattr(minilm, "model_folder", lambda: tmp_path)
    with pytest.raises(EncoderError, match=r"safetensors is not the file.*--force-reinstall"):
        minilm.MiniLmEncoder()


def test_the_error_for_an_unknown_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="FONDS_ENCODER=bundled"):
        load_encoder(str(tmp_path / "no-such-model"))


def test_a_model_by_path(tmp_path: Path) -> None:
    """A tiny BERT made here loads by its path, from safetensors, through the same code."""
    path = tiny_model(tmp_path / "tiny")
    tiny = load_encoder(path)
    assert tiny.identity == EncoderIdentity(path, 16) and tiny.languages is None
    vectors = tiny.encode_passages(["coal ice", "bread " * 40])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(tiny.encode_queries(["coal ice"]), vectors[:1]), "it has no prompts"


def test_a_models_own_prompts_and_those_of_the_settings(tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "tiny", {"query": "query: ", "passage": "ice: "})
    own, without = load_encoder(path), load_encoder(path, Prompts("", ""))
    query, plain = own.encode_queries(["coal"]), without.encode_queries(["coal"])
    assert not np.allclose(query, plain, atol=1e-3)
    assert np.allclose(query, without.encode_passages(["query: coal"]), atol=1e-6)
    assert np.allclose(
        own.encode_passages(["coal"]), without.encode_passages(["ice: coal"]), atol=1e-6
    )
    assert own.identity != without.identity, "a store of the one is refused by the other"
    assert load_encoder(path, Prompts("query: ", "ice: ")).identity == own.identity
    settings = Settings(encoder=path, query_prompt="coal: ", passage_prompt="")
    set_by_hand = load(settings).encoder
    assert np.allclose(
        set_by_hand.encode_queries(["ice"]), without.encode_queries(["coal: ice"]), atol=1e-6
    )


def test_pieces_of_a_prompt_are_not_pieces_of_the_text(tmp_path: Path) -> None:
    encoder = load_encoder(tiny_model(tmp_path / "tiny", {"query": "query: ", "passage": "ice: "}))
    question, (long, empty) = encoder.read("coal bread", ["bread ice " * 10, ""])
    assert question.starts == (0, 5) and question.pieces.shape == (2, 16)
    assert len(long.starts) == 20 and long.starts[-1] == 96, "in windows, each with its prompt"
    assert not empty.starts


def test_an_encoder_without_calibration_gets_neutral_numbers(tmp_path: Path) -> None:
    known = calibration.for_encoder(bundled_encoder().identity.name)
    neutral = calibration.for_encoder("some other model")
    assert known.cosine_prior and known.near_subject and known.evidence and known.grounding
    assert neutral == calibration.Calibration(neutral.fusion_weights), "nothing else was fitted"
    models = load(Settings(encoder=tiny_model(tmp_path / "tiny"), weights="lexical=1 dense=0.5"))
    assert models.reader is None and models.calibration == neutral
    assert models.evidence_weights(dense=True) == calibration.words().evidence
    assert models.fusion_weights["dense"] == 0.5
