"""`Models`: every model that takes part in an answer, in one value.

The other models are held behind protocols, so that each can be left out or replaced. Not here:
loading them by name (`registry`), language models themselves (`rag.llm`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.models import calibration
from rag.models.calibration import Calibration, EvidenceWeights, GroundingLevel
from rag.models.encoder import Encoder
from rag.models.reader import Marks


class Reader(Protocol):
    """Reads a question and passages together."""

    def read(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """Where in each passage an answer may stand. Raises EncoderError."""
        ...

    def __hash__(self) -> int: ...


class Reranker(Protocol):
    """Scores passages for a question."""

    @property
    def name(self) -> str: ...
    def load(self) -> None:
        """Load it now. Raises EncoderError."""
        ...

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers, higher for better. Raises EncoderError."""
        ...


class Judge(Protocol):
    """A model of natural language inference."""

    @property
    def name(self) -> str: ...
    def entails(self, premise: str, statement: str) -> tuple[float, float]:
        """Probabilities that the premise entails and that it contradicts the statement."""
        ...


class LanguageModel(Protocol):
    """What Fonds needs of a language model."""

    @property
    def name(self) -> str: ...
    def write(self, system: str, user: str) -> Iterator[str]:
        """The answer piece by piece. Raises ModelError, also in the middle."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


@dataclass(frozen=True, slots=True)
class Models:
    """The models of an archive; `make` fills in what goes with an encoder.

    `languages` are those that the encoder is used for, None for any; `fusion_weights` the share of
    each list in a hit's score. `reader`, `reranker`, `judge` and `llm` are optional.
    """

    encoder: Encoder
    calibration: Calibration
    languages: frozenset[str] | None
    fusion_weights: Mapping[str, float]
    reader: Reader | None = None
    reranker: Reranker | None = None
    judge: Judge | None = None
    llm: LanguageModel | None = None

    def reads(self, lang: str) -> bool:
        """Whether the encoder is used for texts and questions of this language."""
        return self.languages is None or lang in self.languages

    def evidence_weights(self, dense: bool) -> EvidenceWeights:
        """The weights of sentences with or without the encoder; without, where none were fitted."""
        return (self.calibration.evidence if dense else None) or calibration.words().evidence

    def grounding_level(self, dense: bool) -> GroundingLevel:
        """The level of support with or without the encoder; without, where none was fitted."""
        return (self.calibration.grounding if dense else None) or calibration.words().grounding


def make(
    encoder: Encoder,
    *,
    languages: frozenset[str] | None = None,
    fusion_weights: Mapping[str, float] | None = None,
    reader: Reader | None = None,
    reranker: Reranker | None = None,
) -> Models:
    """Models around an encoder, with its calibration or the neutral one.

    `languages` and `fusion_weights` are what the settings say; None leaves the encoder's own.
    """
    own = calibration.for_encoder(encoder.identity.name)
    return Models(
        encoder,
        own,
        encoder.languages if languages is None else languages,
        own.fusion_weights if fusion_weights is None else fusion_weights,
        reader if own.evidence else None,
        reranker,
    )
