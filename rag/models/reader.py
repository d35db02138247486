"""The bundled reader: does a passage answer a question, and where?

Question, header and passage are read as one text by a second multilingual-e5-small, trained by
`python -m eval train --part reader` from the encoder's weights; `reader.safetensors` has what it
learned, PROVENANCE.md tells from what. It gives the passage's log-odds of answering, and says which
word pieces belong to the sentences that answer and to the words asked for (extractive question
answering: Devlin and others 2019, arXiv:1810.04805; unanswered questions: Rajpurkar and others
2018, arXiv:1806.03822).

Not here: which passages are read and what becomes of the scores (`rag.answers.evidence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.bundled import PASSAGE, QUERY
from rag.models.e5.body import Body, Pieces, word_pieces
from rag.models.once import once

FILE = Path(__file__).with_name("reader.safetensors")
MAX_QUESTION, MAX_HEADER = 56, 48
"""Word pieces of a question and of a header that are read; the rest is ignored."""

WINDOW = 220
"""Word pieces of a passage per window; a longer passage is split into windows of equal length."""

MAX_ANSWER_PIECES = 30
"""Word pieces of an answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a passage.

    `answers` are the log-odds that it answers. Of each word piece: its offsets in the passage, its
    share of the evidence (all together 1), and its log-probability as first and last piece of the
    words asked for; float32 (pieces,) each.
    """

    answers: float
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    evidence: Vectors
    first: Vectors
    last: Vectors

    def share(self, start: int, end: int) -> float:
        """The share of the evidence that stands between two offsets, 0 to 1."""
        low, high = np.searchsorted(self.starts, (start, end))
        return float(self.evidence[low:high].sum())

    def answer(self) -> tuple[int, int]:
        """The offsets of the likeliest words asked for; (0, 0) for a passage without words."""
        if not self.starts:
            return 0, 0
        pairs = self.first[:, None] + self.last[None, :]
        allowed = np.triu(np.ones_like(pairs, dtype=bool)) & np.tri(
            len(pairs), k=MAX_ANSWER_PIECES - 1, dtype=bool
        )
        best = int(np.where(allowed, pairs, -np.inf).argmax())
        first, last = divmod(best, len(pairs))
        return self.starts[first], self.ends[last]


class _Window(NamedTuple):
    """A window of passage number `owner`: all its word pieces, where those of the question and of
    the passage begin, and the passage's."""

    owner: int
    ids: list[int]
    asked: slice
    begin: int
    pieces: Pieces


class TrainedReader:
    """The reader with the weights in a file. Thread-safe. Raises EncoderError for bad files."""

    def __init__(self, body: Body) -> None:
        self._body = body
        heads = body.trained
        self._pieces = heads["heads.pieces.weight"].T, heads["heads.pieces.bias"]
        self._whole = heads["heads.whole.weight"][0], float(heads["heads.whole.bias"][0])

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """What the reader makes of each passage, given as header and text.

        Raises EncoderError when the model returns a value that is not finite.
        """
        windows = list(self._windows(question, passages))
        states = self._body.states([window.ids for window in windows])
        parts: list[list[Reading]] = [[] for _ in passages]
        for window, own in zip(windows, states, strict=True):
            parts[window.owner].append(self._reading(window, own))
        return [_joined(own) for own in parts]

    def _windows(self, question: str, passages: Sequence[tuple[str, str]]) -> Iterator[_Window]:
        given = [QUERY, PASSAGE, question, *(text for pair in passages for text in pair)]
        query, before, asked, *rest = self._body.pieces.of(given)
        start, end = self._body.pieces.weights.special[:2]
        asked = asked[:MAX_QUESTION] or query  # a question needs some piece
        head = [start, *_ids(query), *_ids(asked), end, *_ids(before)]
        where = slice(1 + len(query), 1 + len(query) + len(asked))
        for owner, (header, text) in enumerate(zip(rest[::2], rest[1::2], strict=True)):
            opened = [*head, *_ids(header[:MAX_HEADER]), end]
            parts = max(1, -(-len(text) // WINDOW))
            size = -(-len(text) // parts)
            for at in range(0, max(1, len(text)), max(1, size)):
                own = text[at : at + size]
                yield _Window(owner, [*opened, *_ids(own), end], where, len(opened), own)

    def _reading(self, window: _Window, states: Vectors) -> Reading:
        own = states[window.begin : window.begin + len(window.pieces)]
        question = states[window.asked].mean(axis=0)
        weight, bias = self._pieces
        scores = own @ weight + bias
        scores = scores - np.logaddexp.reduce(scores, axis=0) if len(own) else scores
        share = np.exp(scores[:, 0])
        passage = share @ own
        vector, intercept = self._whole
        compared = np.concatenate([question * passage, np.abs(question - passage)])
        answers = float(compared @ vector) + intercept
        if not np.isfinite(answers):
            raise EncoderError("the reader returned a score that is not a number")
        starts = tuple(start for _, start, _ in window.pieces)
        ends = tuple(end for _, _, end in window.pieces)
        return Reading(answers, starts, ends, share, scores[:, 1], scores[:, 2])


def _ids(pieces: Pieces) -> list[int]:
    return [i for i, _, _ in pieces]


def _joined(parts: Sequence[Reading]) -> Reading:
    """The readings of a passage's windows as one: each window's shares count as it answers."""
    if len(parts) == 1:
        return parts[0]
    odds = np.array([part.answers for part in parts], dtype=np.float32)
    weights = np.exp(odds - np.logaddexp.reduce(odds))
    logs = np.log(weights)
    return Reading(
        float(odds.max()),
        tuple(start for part in parts for start in part.starts),
        tuple(end for part in parts for end in part.ends),
        np.concatenate([w * part.evidence for w, part in zip(weights, parts, strict=True)]),
        np.concatenate([w + part.first for w, part in zip(logs, parts, strict=True)]),
        np.concatenate([w + part.last for w, part in zip(logs, parts, strict=True)]),
    )


@once
def bundled(published: Path | None = None) -> TrainedReader:
    """The bundled reader, loaded once per process. Raises EncoderError for bad model files.

    `published` is the file of multilingual-e5-small's weights, by default the installed package's.
    """
    return TrainedReader(Body(word_pieces(published), FILE))


class BundledReader:
    """The bundled reader, loaded when it is first used."""

    def __init__(self, published: Path | None = None) -> None:
        self._published = published

    def load(self) -> TrainedReader:
        """The reader itself. Raises EncoderError."""
        return bundled(self._published)

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """What it makes of each passage, given as header and text. Raises EncoderError."""
        return self.load().read(question, passages)
