"""Text to vectors: the Encoder protocol, and encoders named by the settings.

`load` gives the bundled encoder (`bilingual.encoder`) or any model that sentence-transformers
loads from this machine, with the model hub switched off. A text longer than a model's window is
encoded in even windows and the vectors are averaged, so that no character is left out.

Not here: caching, the choice of what is encoded together, anything about questions.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from index_store.store import EncoderIdentity
from rag import local_model
from rag.bilingual.encoder import bundled_encoder
from rag.errors import EncoderError
from rag.minilm import batches
from rag.reading import Reading, unit_rows
from rag.rerank import Reranker

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
BUNDLED = "bundled"
BATCH_PIECES = 1024
"""Word pieces that a model of sentence-transformers is given at once, padding included."""


class Encoder(Protocol):
    """What an encoder must offer; vectors have norm 1.

    `languages` are the ISO 639-1 codes that it was measured to read; None means any.
    """

    @property
    def identity(self) -> EncoderIdentity: ...
    @property
    def languages(self) -> frozenset[str] | None: ...
    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension)."""
        ...

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Each text with its vector and its pieces in their context.

        The vector may be more exact than that of `encode`: compare it with its like.
        """
        ...

    def __hash__(self) -> int: ...


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


class _Window(NamedTuple):
    """A stretch of the text number `owner`; `starts`, where in the text its pieces begin."""

    owner: int
    text: str
    starts: tuple[int, ...]


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers loads, by name or path; only safetensors."""

    def __init__(self, name: str) -> None:
        self._model: SentenceTransformer = local_model.load("SentenceTransformer", name, "encoder")
        dimension = self._model.get_embedding_dimension()
        if not dimension:
            raise EncoderError(f"encoder {name}: the model does not tell its dimension")
        self._identity = EncoderIdentity(name, dimension)
        self._lock = threading.Lock()  # the tokenizer's padding state is not thread-safe

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    @property
    def languages(self) -> frozenset[str] | None:
        return None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of norm 1, float32 of shape (len(texts), dimension).

        Raises EncoderError when the model returns anything that is not finite.
        """
        if not texts:
            return np.zeros((0, self._identity.dimension), dtype=np.float32)
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        for window, vector, _ in self._encoded(texts):
            vectors[window.owner] += vector
        return unit_rows(vectors, self._identity.name)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Each text with its pieces; raises EncoderError as `encode` does."""
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        pieces: list[dict[int, Vectors]] = [{} for _ in texts]
        for window, vector, states in self._encoded(texts):
            vectors[window.owner] += vector
            pieces[window.owner] |= zip(window.starts, states, strict=True)
        name, nothing = self._identity.name, vectors[:0]
        return [
            Reading(
                vector,
                unit_rows(np.stack([own[at] for at in sorted(own)]) if own else nothing, name),
                tuple(sorted(own)),
            )
            for vector, own in zip(unit_rows(vectors, name), pieces, strict=True)
        ]

    def _encoded(self, texts: Sequence[str]) -> Iterator[tuple[_Window, Vectors, Vectors]]:
        """Each window of each text, its vector, of norm 1, and the states of its pieces."""
        with self._lock:
            windows = self._windows(texts)
            for batch in batches([len(window.starts) for window in windows], BATCH_PIECES):
                vectors, states = self._forward([windows[i].text for i in batch])
                yield from zip((windows[i] for i in batch), vectors, states, strict=True)

    def _forward(self, windows: list[str]) -> tuple[Vectors, list[Vectors]]:
        """One batch. `encode` of the model would pad by characters."""
        import torch

        tokenizer = self._model.tokenizer
        marks = torch.tensor(
            [
                i
                for i in (
                    tokenizer.cls_token_id,
                    tokenizer.sep_token_id,
                    tokenizer.bos_token_id,
                    tokenizer.eos_token_id,
                )
                if i is not None
            ]
        )
        with torch.inference_mode():
            output = self._model(self._model.preprocess(windows))
            vectors = torch.nn.functional.normalize(output["sentence_embedding"], dim=1).numpy()
            real = output["attention_mask"].bool() & ~torch.isin(output["input_ids"], marks)
            states = [
                s[own].numpy() for s, own in zip(output["token_embeddings"], real, strict=True)
            ]
        return np.asarray(vectors), states

    def _windows(self, texts: Sequence[str]) -> list[_Window]:
        """Each text, or its stretches of at most a window."""
        size = (self._model.max_seq_length or 512) - 2  # two pieces mark start and end
        encodings = self._model.tokenizer(
            list(texts),
            add_special_tokens=False,
            return_offsets_mapping=True,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["offset_mapping"]
        windows = []
        for owner, (text, offsets) in enumerate(zip(texts, encodings, strict=True)):
            for part in np.array_split(offsets, max(1, -(-len(offsets) // size))):
                whole = len(part) == len(offsets)
                shown = text if whole else text[part[0][0] : part[-1][1]]
                windows.append(_Window(owner, shown, tuple(int(start) for start, _ in part)))
        return windows
