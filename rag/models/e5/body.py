"""Runs the transformer over word pieces.

Not here: what becomes of its states (`bundled`, `reader`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index_store.types import Vectors
from rag.models.e5 import int8
from rag.models.e5.tokenizer import tokenizer
from rag.models.e5.weights import Weights, load
from rag.models.once import once
from rag.models.onnx import each_batch, session

GRAPH = Path(__file__).with_name("e5.onnx")

Pieces = list[tuple[int, int, int]]
"""Each word piece: its id, and its start and end in the text."""


class WordPieces:
    """The published tokenizer and embeddings, which all trained models share. Thread-safe.

    Raises EncoderError where the published file is missing or another.
    """

    def __init__(self, published: Path | None = None) -> None:
        self.weights: Weights = load(published)
        self._tokenizer = tokenizer(self.weights)
        self._tokenizer.encode_special_tokens = True  # "</s>" in a text is text
        self._places: Vectors = self.weights.tensor("emb.pos") + self.weights.tensor("emb.type")[0]

    def of(self, texts: Sequence[str]) -> list[Pieces]:
        """The word pieces of each text."""
        return [
            [(i, *place) for i, place in zip(found.ids, found.offsets, strict=True)]
            for found in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def rows(self, ids: Sequence[int]) -> Vectors:
        """The input of the transformer, float32 (pieces, width)."""
        return self.weights.word_rows(ids) + self._places[: len(ids)]


class Body:
    """The transformer with the weights of a trained model's file. Thread-safe."""

    def __init__(self, pieces: WordPieces, file: Path) -> None:
        self.pieces, self.trained = pieces, int8.read(file)
        self._weights = int8.graph_weights(pieces.weights, self.trained)  # outlives the session
        self._session = session(self._weights, GRAPH.read_bytes())

    def states(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """The last hidden states of each text's word pieces, float32 (pieces, width) each."""
        found: list[Vectors] = [np.zeros((0, 0), dtype=np.float32)] * len(texts)
        for batch, hidden in each_batch(
            [len(ids) for ids in texts], lambda batch: self._forward([texts[i] for i in batch])
        ):
            for i, states in zip(batch, hidden, strict=True):
                found[i] = states[: len(texts[i])]
        return found

    def _forward(self, texts: Sequence[Sequence[int]]) -> Vectors:
        lengths = np.array([len(ids) for ids in texts], dtype=np.int32)
        width = self.pieces.weights.sizes.width
        rows = np.zeros((len(texts), int(lengths.max()), width), dtype=np.float32)
        for n, ids in enumerate(texts):
            rows[n, : len(ids)] = self.pieces.rows(ids)
        (hidden,) = self._session.run(["hidden"], {"rows": rows, "lengths": lengths})
        return np.asarray(hidden)


@once
def word_pieces(published: Path | None = None) -> WordPieces:
    """The word pieces of the published file, loaded once per process. Raises EncoderError."""
    return WordPieces(published)
