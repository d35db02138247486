"""The transformer's weights as the graph needs them, with int8 products.

The activations are scaled per channel (Xiao and others 2023, SmoothQuant, arXiv:2211.10438) and
rounded with a fixed scale of 256 steps, so that a text's vector does not depend on its batch. The
few inner channels with the largest range stay in float32 (Dettmers and others 2022, LLM.int8(),
arXiv:2208.07339). Weights have 127 steps a column: a processor without instructions for dot
products of int8 adds two products in 16 bits, and 2 · 255 · 63 still fits.

A file of a trained model has, by the names of the graph: for each product its scale of activations,
and for the layers that were trained the rounded weights, biases and norms. The other layers come
from the published file. `python -m eval fit-int8` writes it.

Not here: the graph (`graph`), running it (`body`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError
from rag.models.e5.weights import Floats, Weights

Arrays = dict[str, npt.NDArray[Any]]

STEPS = 63
"""The greatest rounded weight."""

_PARTS = {
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


def products(layer: int) -> dict[str, str]:
    """Maps the graph's name of the left side of each of a layer's products to its weight's name."""
    name = f"encoder.layer.{layer}"
    return {
        f"state.{layer}": f"{name}.qkv",
        f"attended.{layer}": f"{name}.attention.output.dense",
        f"middle.{layer}": f"{name}.intermediate.dense",
        f"active.{layer}": f"{name}.output.dense",
    }


def read(path: Path) -> Arrays:
    """The arrays of a trained model's file. Raises EncoderError where it is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise EncoderError(f"{path} cannot be read ({error}); install Fonds again") from error


class Tensors(Protocol):
    """Float32 tensors by the names of the published file."""

    def tensor(self, name: str) -> Floats: ...


def published_layer(own: Tensors, layer: int) -> dict[str, Floats]:
    """A layer's float32 weights by the names of the graph, matrices as (inputs, outputs)."""
    found: dict[str, Floats] = {}
    for part, name in _PARTS.items():
        for kind, ending in _KINDS.items():
            value = own.tensor(f"l{layer}.{part}.{kind}")
            found[f"encoder.layer.{layer}.{name}.{ending}"] = np.ascontiguousarray(value.T)
    for kind, ending in _KINDS.items():
        joined = np.concatenate([own.tensor(f"l{layer}.{part}.{kind}") for part in "qkv"])
        found[f"encoder.layer.{layer}.qkv.{ending}"] = np.ascontiguousarray(joined.T)
    return found


def in_steps(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """A matrix rounded to int8, with the scale of each column, float32 (columns,)."""
    steps = np.abs(matrix).max(axis=0) / STEPS
    return np.rint(matrix / steps).astype(np.int8), steps


def rounded_layer(layer: int, own: Mapping[str, Floats], fitted: Arrays) -> Arrays:
    """A layer's weights rounded, from its float32 weights and the fitted scales."""
    found: Arrays = {name: value for name, value in own.items() if value.ndim == 1}
    for state, name in products(layer).items():
        factor = fitted[f"{state}.factor"]
        divisor = np.where(factor, factor, np.inf).astype(np.float32)
        matrix = own[f"{name}.weight"] / divisor[:, np.newaxis]
        found[f"{name}.rounded"], found[f"{name}.step"] = in_steps(matrix)
        if f"{state}.apart" in fitted:
            found[f"{name}.apart"] = own[f"{name}.weight"][fitted[f"{state}.apart"]]
    return found


def _scales(layer: int, fitted: Arrays) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """How the activations of a layer are rounded."""
    for state in products(layer):
        low, high = fitted[f"{state}.range"]
        step = (high - low) / 255
        yield f"{state}.factor", fitted[f"{state}.factor"]
        yield f"{state}.step", np.array(step, dtype=np.float32)
        yield f"{state}.zero", np.array(np.rint(-low / step), dtype=np.uint8)
        if f"{state}.apart" in fitted:
            yield f"{state}.apart", fitted[f"{state}.apart"]


def graph_weights(own: Weights, trained: Arrays) -> Arrays:
    """All weights of the graph. Layers that the trained file does not have are the published."""
    found: Arrays = {
        "embeddings.LayerNorm.weight": own.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": own.tensor("emb.ln.b"),
    }
    for layer in range(own.sizes.layers):
        prefix = f"encoder.layer.{layer}."
        shipped = {name: value for name, value in trained.items() if name.startswith(prefix)}
        found |= shipped or rounded_layer(layer, published_layer(own, layer), trained)
        found |= dict(_scales(layer, trained))
    return found
