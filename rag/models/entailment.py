"""A cross-encoder for natural language inference, set by `FONDS_NLI`.

It judges whether a passage supports a statement. Not here: which statements are judged
(`rag.answers.generation`).
"""

from __future__ import annotations

import threading

import numpy as np

from rag.errors import EncoderError
from rag.models import sentence_transformers


class CrossEncoderJudge:
    """A model of natural language inference by name or path.

    Raises EncoderError when it cannot be loaded or has no label "entailment".
    """

    def __init__(self, name: str) -> None:
        self._model = sentence_transformers.load_model("CrossEncoder", name, "nli")
        labels = {str(v).lower(): int(k) for k, v in self._model.config.id2label.items()}
        if "entailment" not in labels:
            raise EncoderError(
                f"nli {name}: has no label 'entailment' but {', '.join(sorted(labels))}; name a "
                "model for natural language inference"
            )
        self.name = name
        self._entailment = labels["entailment"]
        self._contradiction = labels.get("contradiction")
        self._lock = threading.Lock()

    def entails(self, premise: str, statement: str) -> tuple[float, float]:
        """The probabilities that `premise` entails and that it contradicts `statement`.

        The second is 0 for a model without a label "contradiction". Raises EncoderError when the
        model returns a value that is not finite.
        """
        with self._lock:
            scores = self._model.predict(
                [(premise, statement)], apply_softmax=True, show_progress_bar=False
            )
        row = np.asarray(scores, dtype=np.float64)[0]
        if not np.isfinite(row).all():
            raise EncoderError(f"nli {self.name} returned a value that is not a number")
        other = self._contradiction
        return float(row[self._entailment]), float(row[other]) if other is not None else 0.0
