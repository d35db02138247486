"""Averaging two readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from eval.training import reader, soup
from rag.errors import UsageError
from rag.models.registry import load_encoder
from rag.models.sentence_transformers import load_model
from tests.kits.tiny_model import tiny_model


def _reader(folder: Path, base: str, value: float, begun_with: str = "finder") -> Path:
    """A reader whose heads all have this weight."""
    model = load_model("SentenceTransformer", base, "encoder")
    made = reader.Reader(model[0].auto_model, model.get_embedding_dimension())
    body: Any = made.body
    with torch.no_grad():
        for weights in (*made.pieces.parameters(), *made.whole.parameters()):
            weights.fill_(value)
        body.encoder.layer[0].output.dense.bias.fill_(value)
    reader.save(made, model, folder)
    told = {"base_made_by": begun_with, "seed": value}
    (folder / "training.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def test_weights_are_averaged_by_share(tmp_path: Path) -> None:
    base = tiny_model(tmp_path / "tiny", words=("a",), layers=1)
    first, second = _reader(tmp_path / "1", base, 1.0), _reader(tmp_path / "2", base, 3.0)
    record = soup.average(first, second, tmp_path / "out", share=0.75)
    assert [own["seed"] for own in record["of"]] == [1.0, 3.0]
    for weights in load_file(tmp_path / "out" / reader.HEADS).values():
        assert bool((weights == 2.5).all())
    body = load_file(tmp_path / "out" / soup.WEIGHTS)
    (bias,) = [v for k, v in body.items() if k.endswith("layer.0.output.dense.bias")]
    assert bool((bias == 2.5).all())
    assert load_encoder(str(tmp_path / "out"))


def test_only_readers_begun_with_one_model_are_averaged(tmp_path: Path) -> None:
    base = tiny_model(tmp_path / "tiny", words=("a",), layers=1)
    first = _reader(tmp_path / "1", base, 1.0)
    other = _reader(tmp_path / "2", base, 3.0, begun_with="another")
    with pytest.raises(UsageError, match="did not begin with the same model"):
        soup.average(first, other, tmp_path / "out")
    with pytest.raises(UsageError, match="holds no trained reader"):
        soup.average(first, tmp_path / "nothing", tmp_path / "out")
