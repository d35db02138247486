"""Extractive question answering with the bundled model, fine-tuned to read both texts as one.

Each word piece of the passage gets a score as start and as end of the answer, relative to the score
of "no answer" (Devlin et al. 2019, arXiv 1810.04805; Rajpurkar et al. 2018, arXiv 1806.03822). The
fine-tuned part is in `comprehension.npz`: low-rank matrices that are added to the bundled model's
weights (LoRA: Hu et al. 2021, arXiv 2106.09685), trained by `python -m eval.training.reader` on the
development data named in `comprehension.json`. Russian text is read through its English glosses.

Not here: which passages are read and how scores are used (`rag.answers.evidence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.arrays import read
from rag.models.bundled import BilingualEncoder, bundled_encoder
from rag.models.minilm import DIMENSION, END, GRAPH, START
from rag.models.once import once
from rag.models.onnx import each_batch, session

FILE = Path(__file__).with_name("comprehension.npz")
MAX_QUESTION_PIECES = 64
"""Word pieces of a question that are read; the rest is ignored."""

WINDOW = 384
"""Word pieces of a passage per window; a longer passage is split into windows of equal length."""

MAX_ANSWER_PIECES = 30
"""Word pieces of an answer."""

_UP, _DOWN = ".up", ".down"


@dataclass(frozen=True, slots=True)
class Marks:
    """The scores of a passage's word pieces as start and end of an answer.

    `starts` are the pieces' offsets in the passage; `first` and `last`, float32 (pieces,), are
    their logits as first and last piece of the answer minus the logit of "no answer".
    """

    starts: tuple[int, ...]
    first: Vectors
    last: Vectors

    def best(self, start: int, end: int) -> float:
        """The log-odds of the best answer between two offsets against "no answer".

        `NOWHERE` where no piece begins between them.
        """
        low, high = np.searchsorted(self.starts, (start, end))
        first, last = self.first[low:high], self.last[low:high]
        if not len(first):
            return NOWHERE
        ends = np.pad(last, (0, MAX_ANSWER_PIECES - 1), constant_values=-np.inf)
        reach = np.lib.stride_tricks.sliding_window_view(ends, MAX_ANSWER_PIECES).max(axis=1)
        return float((first + reach).max())


NOWHERE = -20.0
"""The score of a span without words."""


class _Window(NamedTuple):
    """A window of passage number `owner`: the input rows and offsets of its word pieces."""

    owner: int
    rows: Vectors
    starts: list[int]


class Comprehension:
    """The fine-tuned reader of English and Russian passages. Thread-safe."""

    def __init__(self, encoder: BilingualEncoder, tuned: Mapping[str, Vectors]) -> None:
        own = encoder.model
        self._placed = encoder.placed_rows
        self._ends = own.word_rows[[START, END]]
        self._positions = own.positions
        self._types = tuned["types"]
        self._head, self._bias = tuned["head.weight"], tuned["head.bias"]
        self._weights = _merged(own.weights, tuned)  # must outlive the session
        self._session = session(self._weights, GRAPH.read_bytes())

    def read(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """The scores of each passage's word pieces.

        Raises EncoderError when the model returns a value that is not finite.
        """
        asked = self._placed(question)[0][:MAX_QUESTION_PIECES]
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
        """For each window the scores of its word pieces, float32 (pieces, 2)."""
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
            raise EncoderError("the comprehension model returned a score that is not a number")
        return [
            scores[n, before : before + len(window)] - scores[n, 0]
            for n, window in enumerate(windows)
        ]


def _merged(own: Mapping[str, Vectors], tuned: Mapping[str, Vectors]) -> dict[str, Vectors]:
    """The graph's weights, each replaced by its tuned value or with its low-rank update added."""
    merged = {name: tuned.get(name, value) for name, value in own.items()}
    for name in own:
        if f"{name}{_DOWN}" in tuned:
            merged[name] = own[name] + tuned[f"{name}{_DOWN}"] @ tuned[f"{name}{_UP}"]
    return merged


def load(path: Path = FILE) -> dict[str, Vectors]:
    """The tuned weights by name, float32. Raises EncoderError for a missing or damaged file."""
    return {name: value.astype(np.float32) for name, value in read(path).items()}


@once
def bundled() -> Comprehension:
    """The bundled reader, loaded once per process. Raises EncoderError for bad model files."""
    return Comprehension(bundled_encoder(), load())


class BundledReader:
    """The bundled reader, loaded when it is first used."""

    def read(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """The scores of each passage's word pieces. Raises EncoderError."""
        return bundled().read(question, passages)
