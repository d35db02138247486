"""The default encoder: multilingual-e5-small, trained to find passages of archives.

`finder.safetensors` has what `python -m eval train` taught it; PROVENANCE.md tells from what. Its
prompts are put before each text. The window is 256 word pieces; a longer text is split into windows
of equal length whose vectors are averaged, so that no text is left out.

Not here: how the model runs (`rag.models.e5`), other encoders (`sentence_transformers`), caching.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.e5.body import Body, word_pieces
from rag.models.encoder import unit_rows
from rag.models.once import once

FILE = Path(__file__).with_name("finder.safetensors")
NAME = "fonds-finder"
QUERY, PASSAGE = "query:", "passage:"
WINDOW = 254
"""Word pieces of a text per window, without its prompt and the pieces that mark start and end."""


class BundledEncoder:
    """An `Encoder` for texts in any language. Thread-safe.

    The identity names the trained weights, because vectors of other weights cannot be compared.
    Raises EncoderError when the model's files are missing or damaged.
    """

    def __init__(self, body: Body, digest: str) -> None:
        self._body = body
        own = body.pieces.weights
        self._identity = EncoderIdentity(f"{NAME}-{digest[:12]}", own.sizes.width)
        self._special = own.special

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    @property
    def languages(self) -> frozenset[str] | None:
        return None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, float32 of shape (len(texts), 384). Raises EncoderError."""
        return self._vectors(texts, QUERY)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32 of shape (len(texts), 384). Raises EncoderError."""
        return self._vectors(texts, PASSAGE)

    def _vectors(self, texts: Sequence[str], prompt: str) -> Vectors:
        (before,) = self._ids([prompt])
        owners: list[int] = []
        windows: list[list[int]] = []
        for owner, ids in enumerate(self._ids(texts)):
            for part in np.array_split(ids, max(1, -(-len(ids) // WINDOW))):
                owners.append(owner)
                windows.append([self._special.start, *before, *part.tolist(), self._special.end])
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        for owner, states in zip(owners, self._body.states(windows), strict=True):
            mean = states.mean(axis=0)
            vectors[owner] += mean / max(float(np.linalg.norm(mean)), 1e-12)
        return unit_rows(vectors, NAME)

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [[i for i, _, _ in pieces] for pieces in self._body.pieces.of(texts)]


@once
def bundled_encoder(published: Path | None = None) -> BundledEncoder:
    """The bundled encoder, loaded once per process. Raises EncoderError.

    `published` is the file of multilingual-e5-small's weights, by default the installed package's.
    """
    try:
        digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    except OSError as error:
        raise EncoderError(f"{FILE} cannot be read ({error}); install Fonds again") from error
    return BundledEncoder(Body(word_pieces(published), FILE), digest)
