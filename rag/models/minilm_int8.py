"""The bundled encoder's weights quantized to int8.

The activations are scaled per channel (Xiao et al. 2023, SmoothQuant, arXiv 2211.10438) and
quantized with a static scale of 256 steps, so that a text's vector does not depend on its batch;
the weights are quantized to 255 steps per column. The few inner channels with the largest range
stay in float32 (Dettmers et al. 2022, LLM.int8(), arXiv 2208.07339). The static scales are in
`minilm_int8.npz`, written by `python -m eval fit-int8` from the data named in
`minilm_int8.json`.

A processor without int8 instructions saturates the sums (or is no faster than with float32):
`exact` detects this, and `minilm` then uses float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.arrays import Arrays, read

FILE = Path(__file__).with_name("minilm_int8.npz")
_STEPS = 127
_LEFT, _RIGHT = (4, 64), (64, 16)


def products(layers: int) -> dict[str, str]:
    """Maps the graph's name of each product's left side to the name of its weight."""
    found = {}
    for n in range(layers):
        layer = f"encoder.layer.{n}"
        found[f"state.{n}"] = f"{layer}.qkv"
        found[f"attended.{n}"] = f"{layer}.attention.output.dense"
        found[f"middle.{n}"] = f"{layer}.intermediate.dense"
        found[f"active.{n}"] = f"{layer}.output.dense"
    return found


def load(path: Path = FILE) -> Arrays:
    """The static scales by name.

    For each left side "….factor", float32 (channels,); "….range", its minimum and maximum after
    scaling; and for some "….apart", int64, the channels that stay in float32 (their factor is 0).
    Raises EncoderError when the file is missing or damaged.
    """
    return read(path)


def in_steps(
    matrix: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """A matrix quantized to int8, with the scale of each column, float32 (columns,)."""
    steps = np.abs(matrix).max(axis=0) / _STEPS
    return np.rint(matrix / steps).astype(np.int8), steps


def rounded(own: Mapping[str, npt.NDArray[np.float32]], fitted: Arrays) -> Arrays:
    """The weights of the int8 graph, from the model's own weights and the fitted scales."""
    weights: Arrays = {name: value for name, value in own.items() if value.ndim == 1}
    for state, name in products(sum(key.endswith(".qkv.weight") for key in own)).items():
        factor, (low, high) = fitted[f"{state}.factor"], fitted[f"{state}.range"]
        step = (high - low) / 255
        weights[f"{state}.factor"] = factor
        weights[f"{state}.step"] = np.array(step, dtype=np.float32)
        weights[f"{state}.zero"] = np.array(np.rint(-low / step), dtype=np.uint8)
        divisor = np.where(factor, factor, np.inf).astype(np.float32)
        matrix = own[f"{name}.weight"] / divisor[:, np.newaxis]
        weights[f"{name}.rounded"], weights[f"{name}.step"] = in_steps(matrix)
        if f"{state}.apart" in fitted:
            weights[f"{state}.apart"] = apart = fitted[f"{state}.apart"]
            weights[f"{name}.apart"] = own[f"{name}.weight"][apart]
    weights["probe.left"] = np.full(_LEFT, 255, dtype=np.uint8)
    weights["probe.right"] = np.full(_RIGHT, _STEPS, dtype=np.int8)
    return weights


def exact(probe: npt.NDArray[np.int32]) -> bool:
    """Whether the processor adds int8 products exactly, judged by the graph's `probe` output."""
    return bool((probe == _LEFT[1] * 255 * _STEPS).all())
