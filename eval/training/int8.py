"""Fits `rag/models/minilm_int8.npz`: how the bundled encoder's states are rounded to int8.

`python -m eval fit-int8 DATA`. The states are those of sentences of `parallel_open` in both
languages, alone and joined into passages. The rounding error is shared between the two sides of a
product by SmoothQuant's exponent (arXiv 2211.10438); of several exponents the one with the smallest
error of the product is kept.

Not here: how the weights are rounded and used (`rag.models.minilm_int8`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.training.data_hashes import data_sha256
from index_store.types import Vectors
from rag.models import minilm, minilm_graph, minilm_int8, onnx
from rag.models.bundled import BilingualEncoder, bundled_encoder

FOLDER = "parallel_open"
FILES = ("sib200_flores", "ntrex_dev", "mlqe_pe", "ud_pud", "tico19")
SENTENCES = 200
"""Taken from each file."""

JOINED = 8
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


def states(encoder: BilingualEncoder, texts: Sequence[str]) -> dict[str, Vectors]:
    """The left side of every product by name, float32 of shape (pieces, channels)."""
    names = list(minilm_int8.products(minilm_graph.LAYERS))
    session = onnx.session(encoder.model.weights, minilm_graph.states(names))
    found = defaultdict(list)
    for text in texts:
        rows = encoder.model.marked_rows(encoder.placed_rows(text)[0][: minilm.WINDOW])
        given = {"rows": rows[np.newaxis], "lengths": np.array([len(rows)], dtype=np.int32)}
        for name, value in zip(names, session.run(names, given), strict=True):
            found[name].append(value[0])
    return {name: np.concatenate(values) for name, values in found.items()}


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
        right, steps = minilm_int8.in_steps(weight[inside] / factor[inside, np.newaxis])
        error = left @ (right * steps) - exact
        limits = np.array([low, high], dtype=np.float32)
        found.append((float(np.linalg.norm(error)), {"factor": factor, "range": limits}))
    error, kept = min(found, key=lambda one: one[0])
    if apart:
        kept["apart"] = outside
    return error / float(np.linalg.norm(sample @ weight)), kept


def _cosines(encoder: BilingualEncoder, fitted: Path, texts: Sequence[str]) -> Vectors:
    """Cosines between the vectors of texts made with products of int8 and the exact ones."""
    weights = minilm_int8.rounded(encoder.model.weights, minilm_int8.load(fitted))
    fast = onnx.session(weights, minilm.INT8_GRAPH.read_bytes())
    rows = [encoder.placed_rows(text)[0] for text in texts]
    exact, _ = encoder.model.read_rows(rows)
    return np.asarray((encoder.model.encode_rows(rows, fast) * exact).sum(axis=1))


def fit(data: Path, out: Path = minilm_int8.FILE) -> dict[str, Any]:
    """Fits all products, writes `out` and beside it the record that is returned."""
    encoder = bundled_encoder()
    read = texts(data, 0)
    found = states(encoder, read)
    arrays: dict[str, npt.NDArray[Any]] = {}
    errors = {}
    for state, name in minilm_int8.products(minilm_graph.LAYERS).items():
        apart = minilm_graph.FLOAT32_CHANNELS if state.startswith("active.") else 0
        weight = encoder.model.weights[f"{name}.weight"]
        errors[name], kept = fit_product(found[state], weight, apart)
        arrays |= {f"{state}.{part}": value for part, value in kept.items()}
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
    cosines = _cosines(encoder, out, texts(data, 1))
    files = data_sha256(data / FOLDER, (f"{name}.tsv.gz" for name in FILES))
    record = {
        "made_by": "python -m eval fit-int8",
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "bytes": out.stat().st_size,
        "texts": len(read),
        "pieces": len(found["state.0"]),
        "cosine_mean": round(float(cosines.mean()), 4),
        "cosine_least": round(float(cosines.min()), 4),
        "relative_errors": {name: round(error, 4) for name, error in errors.items()},
        "data_sha256": {name.removesuffix(".tsv.gz"): digest for name, digest in files.items()},
    }
    out.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    return record
