"""Where a passage answers a question: the bundled model, tuned to read both as one text.

Each piece of the passage gets a score as the first and as the last of an answer, measured against
the scores of there being none (Devlin et al. 2019, arXiv 1810.04805; Rajpurkar et al. 2018, arXiv
1806.03822). What is tuned lies in `comprehension.npz`: matrices of low rank that are added to the
bundled model's own (Hu et al. 2021, arXiv 2106.09685), made by `python -m eval.fit_comprehension`
from development data named beside it in `comprehension.json`. Russian is read through its glosses.

Not here: which passages are read and what a score is worth (`evidence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag.errors import EncoderError
from rag.models.arrays import read
from rag.models.bundled import BilingualEncoder, bundled_encoder
from rag.models.minilm import DIMENSION, END, GRAPH, START, Vectors
from rag.models.onnx import each_batch, session

FILE = Path(__file__).with_name("comprehension.npz")
QUESTION = 64
"""Pieces of a question that are read."""

WINDOW = 384
"""Pieces of a passage that are read together; a longer one is cut into even windows."""

LONGEST = 30
"""Pieces of an answer."""

_UP, _DOWN = ".up", ".down"


@dataclass(frozen=True, slots=True)
class Marks:
    """A passage's pieces: `starts`, where in it they begin, and `first` and `last`, float32
    (pieces,), their scores as an answer's first and last piece, above those of no answer."""

    starts: tuple[int, ...]
    first: Vectors
    last: Vectors

    def best(self, start: int, end: int) -> float:
        """The best answer that lies between two offsets, as log-odds against there being none.

        `NOWHERE` where no piece begins between them.
        """
        low, high = np.searchsorted(self.starts, (start, end))
        first, last = self.first[low:high], self.last[low:high]
        if not len(first):
            return NOWHERE
        ends = np.pad(last, (0, LONGEST - 1), constant_values=-np.inf)
        reach = np.lib.stride_tricks.sliding_window_view(ends, LONGEST).max(axis=1)
        return float((first + reach).max())


NOWHERE = -20.0
"""The score of a stretch without words."""


class _Window(NamedTuple):
    """A stretch of the passage number `owner`: its pieces' rows, and where each begins."""

    owner: int
    rows: Vectors
    starts: list[int]


class Comprehension:
    """Reads passages for a question; English and Russian. Thread-safe."""

    def __init__(self, encoder: BilingualEncoder, tuned: Mapping[str, Vectors]) -> None:
        own = encoder.model
        self._placed = encoder.placed_rows
        self._ends = own.word_rows[[START, END]]
        self._positions = own.positions
        self._types = tuned["types"]
        self._head, self._bias = tuned["head.weight"], tuned["head.bias"]
        self._weights = _merged(own.weights, tuned)  # the session reads them where they lie
        self._session = session(self._weights, GRAPH.read_bytes())

    def read(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """The marks of each passage.

        Raises EncoderError when the model returns anything that is not finite.
        """
        asked = self._placed(question)[0][:QUESTION]
        windows = [w for n, passage in enumerate(passages) for w in self._windows(n, passage)]
        found = [np.zeros((0, 2), dtype=np.float32)] * len(windows)
        lengths = [len(asked) + 1 + len(window.rows) for window in windows]
        for batch, scores in each_batch(
            lengths, lambda batch: self._forward(asked, [windows[i].rows for i in batch])
        ):
            for i, of_window in zip(batch, scores, strict=True):
                found[i] = of_window
        marks = []
        for n in range(len(passages)):
            own = [i for i, window in enumerate(windows) if window.owner == n]
            first, last = np.concatenate([found[i] for i in own]).T
            marks.append(Marks(tuple(at for i in own for at in windows[i].starts), first, last))
        return marks

    def _windows(self, owner: int, passage: str) -> Iterator[_Window]:
        rows, starts = self._placed(passage)
        parts = max(1, -(-len(rows) // WINDOW))
        for part, at in zip(
            np.array_split(rows, parts), np.array_split(starts, parts), strict=True
        ):
            yield _Window(owner, part, [int(start) for start in at])

    def _forward(self, asked: Vectors, windows: Sequence[Vectors]) -> list[Vectors]:
        """For each window the scores of its pieces, float32 (pieces, 2)."""
        start, end = self._ends
        before = len(asked) + 2
        lengths = np.array([before + len(window) + 1 for window in windows], dtype=np.int32)
        rows = np.zeros((len(windows), int(lengths.max()), DIMENSION), dtype=np.float32)
        for n, window in enumerate(windows):
            rows[n, : lengths[n]] = np.concatenate([[start], asked, [end], window, [end]])
            rows[n, : lengths[n]] += self._positions[: lengths[n]]
            rows[n, :before] += self._types[0]
            rows[n, before : lengths[n]] += self._types[1]
        (hidden,) = self._session.run(["hidden"], {"rows": rows, "lengths": lengths})
        scores = hidden @ self._head + self._bias
        if not np.isfinite(scores).all():
            raise EncoderError("the comprehension model returned a score that is no number")
        return [
            scores[n, before : before + len(window)] - scores[n, 0]
            for n, window in enumerate(windows)
        ]


def _merged(own: Mapping[str, Vectors], tuned: Mapping[str, Vectors]) -> dict[str, Vectors]:
    """The weights of the graph with what is tuned put in their place or added to them."""
    merged = {name: tuned.get(name, value) for name, value in own.items()}
    for name in own:
        if f"{name}{_DOWN}" in tuned:
            merged[name] = own[name] + tuned[f"{name}{_DOWN}"] @ tuned[f"{name}{_UP}"]
    return merged


def load(path: Path = FILE) -> dict[str, Vectors]:
    """The tuned weights by name, float32. Raises EncoderError when the file is not whole."""
    return {name: value.astype(np.float32) for name, value in read(path).items()}


@cache
def bundled() -> Comprehension:
    """The one of this process. Raises EncoderError when its files are not as known."""
    return Comprehension(bundled_encoder(), load())


class BundledReader:
    """The bundled reader, loaded when it is first used."""

    def read(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """The marks of each passage. Raises EncoderError."""
        return bundled().read(question, passages)
