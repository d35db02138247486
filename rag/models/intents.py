"""What a question asks of a record: its shelf-mark, its date, what it is about.

A logistic regression for each over the bundled encoder's vector of the question, trained by
`python -m eval train-intents` on invented wordings, so that wordings and languages it has not met
are understood as well. With another encoder nothing is told.

Not here: the patterns that need no encoder (`rag.questions.field_patterns`), which document is
meant (`rag.questions.field_questions`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.once import once

FILE = Path(__file__).with_name("intents.safetensors")

FIELDS = ("archival_ref", "source", "date", "author", "recipient", "place")
"""What a field of the catalogue answers."""

OF_RECORDS = (*FIELDS, "versions", "doubts")
"""What a record answers: a field, its versions, its warnings."""

ASKS = (*OF_RECORDS, "overview", "subject", "comparison")
"""Everything that a question may ask of a record."""

LIKELY, SURE = 0.5, 0.7
"""Probabilities from which a question asks for something: where no text answers, and at once."""


@dataclass(frozen=True, slots=True)
class Intents:
    """The trained weights. `asking` are folded words by which such questions ask; they do not tell
    which document is meant. `documents`, some of them, are words for documents."""

    encoder: str
    weights: Vectors
    bias: Vectors
    asking: frozenset[str]
    documents: frozenset[str]

    def of(self, vector: Vectors) -> Mapping[str, float]:
        """The probability that a question with this vector asks for each of `ASKS`."""
        odds = vector @ self.weights + self.bias
        probabilities = 1.0 / (1.0 + np.exp(-odds))
        return dict(zip(ASKS, (round(float(p), 5) for p in probabilities), strict=True))


def read(file: Path) -> Intents:
    """The intents that `train-intents` wrote. Raises EncoderError."""
    try:
        with safe_open(file, "numpy") as opened:
            told = opened.metadata()
            asks = tuple(json.loads(told["asks"]))
            weights, bias = opened.get_tensor("weights"), opened.get_tensor("bias")
            asking, documents = (frozenset(json.loads(told[n])) for n in ("asking", "documents"))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise EncoderError(f"{file} cannot be read ({error}); install Fonds again") from error
    if asks != ASKS:
        raise EncoderError(f"{file} is of another version; install Fonds again")
    return Intents(told["encoder"], weights, bias, asking, documents)


@once
def bundled() -> Intents:
    """The intents that ship with Fonds, read once per process. Raises EncoderError."""
    return read(FILE)
