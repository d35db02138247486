"""A cross-encoder that reranks the best hits, set by `FONDS_RERANKER`.

It reads question and passage together, which costs one forward pass per pair. Not here: finding the
hits and sorting them (`rag.retrieval.search`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.errors import EncoderError
from rag.models import sentence_transformers

MAX_RERANKED = 50
"""Hits that are reranked; those after them keep their order."""


class CrossEncoderReranker:
    """A model that gives one score per pair, by name or path; loaded at first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._loaded: Any = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the model now.

        Raises EncoderError when it cannot be loaded or gives several scores per pair.
        """
        with self._lock:
            self._model()

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """The relevance of each passage to the question, higher is better.

        Raises EncoderError as `load`, and when the model returns a value that is not finite.
        """
        if not passages:
            return []
        with self._lock:
            found = self._model().predict(
                [(question, passage) for passage in passages], show_progress_bar=False
            )
        scores = np.asarray(found, dtype=np.float64)
        if not np.isfinite(scores).all():
            raise EncoderError(f"reranker {self.name} returned a score that is not a number")
        return [round(score, 5) for score in scores.tolist()]

    def _model(self) -> Any:
        if self._loaded is None:
            model = sentence_transformers.load_model("CrossEncoder", self.name, "reranker")
            if model.config.num_labels != 1:
                raise EncoderError(
                    f"reranker {self.name}: gives {model.config.num_labels} scores a pair; name a "
                    "model that gives one"
                )
            self._loaded = model
        return self._loaded
