"""Encoders of sentence-transformers by path; which calibration an encoder gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_store.store import EncoderIdentity
from rag.errors import EncoderError
from rag.models import calibration
from rag.models.bundled import bundled_encoder
from rag.models.registry import load, load_encoder
from rag.models.sentence_transformers import Prompts
from rag.settings import Settings
from tests.kits.tiny_model import tiny_model


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


def test_an_encoder_without_calibration_gets_neutral_numbers(tmp_path: Path) -> None:
    known = calibration.for_encoder(bundled_encoder().identity.name)
    neutral = calibration.for_encoder("some other model")
    assert known.cosine_prior and known.near_subject and known.grounding
    assert neutral == calibration.Calibration(neutral.fusion_weights), "nothing else was fitted"
    models = load(Settings(encoder=tiny_model(tmp_path / "tiny"), weights="lexical=1 dense=0.5"))
    assert models.reader is not None and models.calibration == neutral
    assert models.evidence == calibration.reader().evidence
    assert replace(models, reader=None).evidence == calibration.words().evidence
    assert models.fusion_weights["dense"] == 0.5
