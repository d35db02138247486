"""Fit `rag/minilm_int8.npz`: how the bundled encoder's states are rounded to int8.
`python -m eval.fit_int8 DATA`

The states are those of sentences of `parallel_open` in both languages, alone and joined into
passages. Of some ways to share the rounding between a product's two sides (the exponent of
SmoothQuant, arXiv 2211.10438) the one whose product is nearest to the exact one is kept.

Not here: how the weights are rounded and used (`rag.minilm_int8`).
"""

from __future__ import annotations

import argparse
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

from rag.models import minilm, minilm_graph, minilm_int8, onnx
from rag.models.bundled import BilingualEncoder, bundled_encoder
from rag.models.minilm import Vectors

FILES = ("sib200_flores", "ntrex_dev", "mlqe_pe", "ud_pud", "tico19")
SENTENCES = 200
"""Taken from each file."""

JOINED = 8
"""Sentences of a passage."""

EXPONENTS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MARGIN = 1.1
"""A state may be so much beyond the greatest one met before it is cut."""

ROWS = 4000
"""States on which exponents are compared."""


def texts(data: Path, seed: int) -> list[str]:
    """English and Russian sentences, and passages of them."""
    draw = random.Random(seed)
    found: list[str] = []
    for name in FILES:
        with gzip.open(data / "parallel_open" / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
            pairs = [line.rstrip("\n").split("\t")[:2] for line in file]
        for side in zip(*draw.sample(pairs, SENTENCES), strict=True):
            found += side[: SENTENCES // 4]
            found += [" ".join(side[i : i + JOINED]) for i in range(0, SENTENCES, JOINED)]
    return found


def states(encoder: BilingualEncoder, texts: Sequence[str]) -> dict[str, Vectors]:
    """The left sides of every product, float32 (pieces, channels)."""
    names = list(minilm_int8.products(minilm_graph.LAYERS))
    session = onnx.session(encoder.model.weights, minilm_graph.states(names))
    found = defaultdict(list)
    for text in texts:
        rows = encoder.model.marked_rows(encoder.placed_rows(text)[0][: minilm.WINDOW])
        given = {"rows": rows[np.newaxis], "lengths": np.array([len(rows)], dtype=np.int32)}
        for name, value in zip(names, session.run(names, given), strict=True):
            found[name].append(value[0])
    return {name: np.concatenate(values) for name, values in found.items()}


def fit(states: Vectors, weight: Vectors, apart: int) -> tuple[float, dict[str, Any]]:
    """The relative error that is left and what is kept: the factors, the range of the states times
    these, and so many channels to stay apart, those that reach farthest."""
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
    """Between the vectors of other texts made with products of int8 and the exact ones."""
    weights = minilm_int8.rounded(encoder.model.weights, minilm_int8.load(fitted))
    fast = onnx.session(weights, minilm.INT8_GRAPH.read_bytes())
    rows = [encoder.placed_rows(text)[0] for text in texts]
    exact, _ = encoder.model.read_rows(rows)
    return np.asarray((encoder.model.encode_rows(rows, fast) * exact).sum(axis=1))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.fit_int8", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development sets")
    parser.add_argument("--out", type=Path, default=minilm_int8.FILE)
    options = parser.parse_args(arguments)
    encoder = bundled_encoder()
    read = texts(options.data, 0)
    found = states(encoder, read)
    arrays: dict[str, npt.NDArray[Any]] = {}
    errors = {}
    for state, name in minilm_int8.products(minilm_graph.LAYERS).items():
        apart = minilm_graph.FLOAT32_CHANNELS if state.startswith("active.") else 0
        errors[name], kept = fit(found[state], encoder.model.weights[f"{name}.weight"], apart)
        arrays |= {f"{state}.{part}": value for part, value in kept.items()}
    np.savez_compressed(options.out, **arrays)  # type: ignore[arg-type]
    cosines = _cosines(encoder, options.out, texts(options.data, 1))
    record = {
        "made_by": "python -m eval.fit_int8",
        "sha256": hashlib.sha256(options.out.read_bytes()).hexdigest(),
        "bytes": options.out.stat().st_size,
        "texts": len(read),
        "pieces": len(found["state.0"]),
        "cosine_mean": round(float(cosines.mean()), 4),
        "cosine_least": round(float(cosines.min()), 4),
        "relative_errors": {name: round(error, 4) for name, error in errors.items()},
        "data_sha256": {
            name: hashlib.sha256(
                (options.data / "parallel_open" / f"{name}.tsv.gz").read_bytes()
            ).hexdigest()
            for name in FILES
        },
    }
    options.out.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
