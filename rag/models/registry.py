"""The encoder of a name: the bundled one, or one of sentence-transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rag.models.bundled import bundled_encoder
from rag.models.reranker import Reranker

if TYPE_CHECKING:
    pass

from rag.models.encoder import Encoder
from rag.models.sentence_transformers import SentenceTransformerEncoder

BUNDLED = "bundled"


def load(
    name: str = BUNDLED,
    languages: frozenset[str] | None = None,
    weights: Mapping[str, float] | None = None,
    reranker: str | None = None,
) -> Encoder:
    """The encoder of that name or path, with what the settings say of it.

    Raises EncoderError when it cannot be loaded.
    """
    encoder: Encoder = bundled_encoder() if name == BUNDLED else SentenceTransformerEncoder(name)
    if languages is None and weights is None and reranker is None:
        return encoder
    return Tuned(encoder, languages, weights, Reranker(reranker) if reranker else None)


class Tuned:
    """An encoder with the languages that it is said to read, the shares of the lists of hits
    (`weights`) and the reranker that go with it; None leaves each as it is."""

    def __init__(
        self,
        encoder: Encoder,
        languages: frozenset[str] | None,
        weights: Mapping[str, float] | None,
        reranker: Reranker | None = None,
    ) -> None:
        self.encode = encoder.encode
        self.read = encoder.read
        self.identity = encoder.identity
        self.languages = encoder.languages if languages is None else languages
        self.weights = weights
        self.reranker = reranker
