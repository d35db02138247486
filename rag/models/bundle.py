"""`Models`: every model that an archive uses, in one value, each behind a protocol.

Not here: loading models by name (`registry`), language models themselves (`rag.llm`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from rag.models import calibration
from rag.models.calibration import Calibration, EvidenceWeights, GroundingLevel
from rag.models.encoder import Encoder
from rag.models.reader import Reading
from rag.models.reading_cache import ReadingCache
from rag.types.pieces import Piece


class Reader(Protocol):
    """Extractive question answering: reads a question together with passages."""

    def load(self) -> object:
        """Load the model now rather than at first use. Raises EncoderError."""
        ...

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """What it makes of each passage, given as header and text. Raises EncoderError."""
        ...


class Reranker(Protocol):
    """Scores passages for a question."""

    @property
    def name(self) -> str: ...
    def load(self) -> None:
        """Load the model now rather than at first use. Raises EncoderError."""
        ...

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """The relevance of each passage to the question, higher is better. Raises EncoderError."""
        ...


class Judge(Protocol):
    """A model of natural language inference."""

    @property
    def name(self) -> str: ...
    def entails(self, premise: str, statement: str) -> tuple[float, float]:
        """Probabilities that the premise entails and that it contradicts the statement."""
        ...


class AnswerForm(Protocol):
    """A form that a language model's answer is held to, in two notations."""

    @property
    def schema(self) -> dict[str, Any]:
        """As a JSON schema."""
        ...

    @property
    def grammar(self) -> str:
        """As a grammar of llama.cpp (GBNF)."""
        ...


Writing = Generator[Piece, None, None]
LanguageModelMode = Literal["points", "statements", "prose"]


class LanguageModel(Protocol):
    """A large language model that writes an answer."""

    @property
    def name(self) -> str: ...
    @property
    def mode(self) -> LanguageModelMode:
        """Whether it points at sentences, also states what they say, or writes prose."""
        ...

    @property
    def reads(self) -> int:
        """Characters of passages that it is given to read."""
        ...

    def write(self, system: str, user: str, form: AnswerForm | None = None) -> Writing:
        """Streams the answer in pieces, in a form where one is given. Raises ModelError, also
        after some pieces."""
        ...

    def close(self) -> None:
        """Closes its connections."""
        ...


@dataclass(frozen=True, slots=True)
class Models:
    """The models of an archive; `make` adds the calibration that belongs to an encoder.

    `languages` are the ISO 639-1 codes that the encoder is used for, None for any language;
    `fusion_weights` the share of each search list in a hit's score. `reader`, `reranker`, `judge`
    and `llm` are optional. Hits are reranked by the reranker, or else, with `rerank`, by the
    reader.
    """

    encoder: Encoder
    calibration: Calibration
    languages: frozenset[str] | None
    fusion_weights: Mapping[str, float]
    reader: Reader | None = None
    rerank: bool = True
    reranker: Reranker | None = None
    judge: Judge | None = None
    llm: LanguageModel | None = None
    cache: ReadingCache = field(default_factory=ReadingCache, compare=False)

    def reads(self, lang: str) -> bool:
        """Whether the encoder is used for texts and questions of this language."""
        return self.languages is None or lang in self.languages

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """As the reader, which must be there, reads them; the last readings are kept."""
        assert self.reader is not None
        return self.cache.read(self.reader, question, passages)

    @property
    def evidence(self) -> EvidenceWeights:
        """The weights for ranking sentences, with or without a reader."""
        own = calibration.reader() if self.reader else calibration.words()
        return own.evidence

    def grounding_level(self, dense: bool) -> GroundingLevel:
        """The model of support for a statement, with (`dense`) or without the encoder's cosines.

        An encoder without a fitted model gets that without cosines.
        """
        return (self.calibration.grounding if dense else None) or calibration.words().grounding


def make(
    encoder: Encoder,
    *,
    languages: frozenset[str] | None = None,
    fusion_weights: Mapping[str, float] | None = None,
    reader: Reader | None = None,
    rerank: bool = True,
    reranker: Reranker | None = None,
) -> Models:
    """The models for an encoder, with its calibration or the neutral one.

    `languages` and `fusion_weights` override the encoder's own where they are not None.
    """
    own = calibration.for_encoder(encoder.identity.name)
    return Models(
        encoder,
        own,
        encoder.languages if languages is None else languages,
        own.fusion_weights if fusion_weights is None else fusion_weights,
        reader,
        rerank,
        reranker,
    )
