"""A cross-encoder for natural language inference as a judge of statements; set by `FONDS_NLI`.

Not here: what is judged.
"""

from __future__ import annotations

import threading

import numpy as np

from rag.errors import EncoderError
from rag.models import sentence_transformers


class CrossEncoderJudge:
    """A model with a label "entailment", by name or path. Raises EncoderError otherwise."""

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
        """Probabilities of entailment and of contradiction, 0 where the model does not know it.

        Raises EncoderError when the model returns anything that is not finite.
        """
        with self._lock:
            scores = self._model.predict(
                [(premise, statement)], apply_softmax=True, show_progress_bar=False
            )
        row = np.asarray(scores, dtype=np.float64)[0]
        if not np.isfinite(row).all():
            raise EncoderError(f"nli {self.name} returned what is no number")
        other = self._contradiction
        return float(row[self._entailment]), float(row[other]) if other is not None else 0.0
