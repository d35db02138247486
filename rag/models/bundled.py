"""The default encoder: the bundled English model, with Russian text translated word by word.

A text with more Cyrillic than Latin letters enters the model as rows of English glosses (see
`glosses`); any other text is encoded unchanged. The encoder's identity names the lexicon, because
Russian vectors made with different lexicons cannot be compared.

Not here: how words are glossed (`glosses`), how the model runs (`minilm`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.models import lexicon as lexicons
from rag.models.encoder import EncodedText
from rag.models.glosses import Glosser
from rag.models.lexicon import Lexicon
from rag.models.minilm import MiniLmEncoder
from rag.models.once import once
from rag.text.detection import language_of


class BilingualEncoder:
    """An `Encoder` for English and Russian. Thread-safe.

    Raises EncoderError when the model's files are missing or damaged.
    """

    def __init__(self, model: MiniLmEncoder | None = None, lexicon: Lexicon | None = None) -> None:
        self.model = model or MiniLmEncoder()
        lexicon = lexicon or lexicons.bundled()
        self._glosser = Glosser(lexicon, self.model.word_rows, self.model.pieces)
        own = self.model.identity
        self._identity = EncoderIdentity(f"{own.name}+ru-{lexicon.digest[:12]}", own.dimension)

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    @property
    def languages(self) -> frozenset[str] | None:
        return frozenset(lexicons.LANGUAGES)

    def placed_rows(self, text: str) -> tuple[Vectors, list[int]]:
        """The model's input rows of a text, float32 (rows, 384), and each row's text offset."""
        return (self._glosser if language_of(text) == "ru" else self.model).placed_rows(text)

    def gloss_rows(self, text: str) -> Vectors:
        """The input rows of a Russian text, float32 of shape (rows, 384); see `glosses`."""
        return self._glosser.gloss_rows(text)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, float32 of shape (len(texts), 384); the model needs no prompt."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32 of shape (len(texts), 384)."""
        russian = np.array([language_of(text) == "ru" for text in texts], dtype=bool)
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        if not russian.all():
            vectors[~russian] = self.model.encode(
                [text for text, is_russian in zip(texts, russian, strict=True) if not is_russian]
            )
        if russian.any():
            vectors[russian] = self.model.encode_rows(
                [
                    self.gloss_rows(text)
                    for text, is_russian in zip(texts, russian, strict=True)
                    if is_russian
                ]
            )
        return vectors

    def read(
        self, question: str, sentences: Sequence[str]
    ) -> tuple[EncodedText, list[EncodedText]]:
        """The question and the sentences with vectors of their word pieces.

        A Russian word is one piece.
        """
        placed = [self.placed_rows(text) for text in (question, *sentences)]
        vectors, states = self.model.read_rows([rows for rows, _ in placed])
        asked, *read = (
            EncodedText(vector, pieces, tuple(starts))
            for vector, pieces, (_, starts) in zip(vectors, states, placed, strict=True)
        )
        return asked, read


@once
def bundled_encoder() -> BilingualEncoder:
    """The bundled encoder, loaded once per process. Raises EncoderError."""
    return BilingualEncoder()
