"""The bundled encoder's weights for products of int8, where the processor adds those exactly.

A product's left side is scaled channel by channel (Xiao et al. 2023, SmoothQuant, arXiv
2211.10438) and rounded to 256 steps of one size, known beforehand, so that a text's vector does
not depend on what else is encoded with it; its weights are rounded to 255 steps a column. Of the
inner states the few channels that reach farthest stay in float32 (Dettmers et al. 2022,
LLM.int8(), arXiv 2208.07339). All that is known beforehand stands in `minilm_int8.npz`, made by
`python -m eval fit-int8` from the data named beside it in `minilm_int8.json`.

A processor without such instructions saturates its sums (or takes as long as with float32):
`exact` finds that out, and `rag.minilm` goes on in float32.
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
    """The left side of each product, by the graph's name for it, and the weight's name."""
    found = {}
    for n in range(layers):
        layer = f"encoder.layer.{n}"
        found[f"state.{n}"] = f"{layer}.qkv"
        found[f"attended.{n}"] = f"{layer}.attention.output.dense"
        found[f"middle.{n}"] = f"{layer}.intermediate.dense"
        found[f"active.{n}"] = f"{layer}.output.dense"
    return found


def load(path: Path = FILE) -> Arrays:
    """For each left side "….factor", float32 (channels,), "….range", its least and greatest value
    after that, and for some "….apart", int64, the channels that stay in float32, with factor 0.

    Raises EncoderError when the file is not whole.
    """
    return read(path)


def in_steps(
    matrix: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """A matrix in whole steps, and what a step of each column is worth, float32 (columns,)."""
    steps = np.abs(matrix).max(axis=0) / _STEPS
    return np.rint(matrix / steps).astype(np.int8), steps


def rounded(own: Mapping[str, npt.NDArray[np.float32]], fitted: Arrays) -> Arrays:
    """The weights that the graph of int8 names, of the model's own and what was fitted."""
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
    """Whether the processor adds products of int8 rightly, by the graph's second output."""
    return bool((probe == _LEFT[1] * 255 * _STEPS).all())
