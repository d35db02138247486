"""Text to vectors: the Encoder protocol, and encoders named by the settings.

`load` gives the bundled encoder (`bilingual.encoder`) or any model that sentence-transformers
loads from this machine, with the model hub switched off. A text longer than a model's window is
encoded in even windows and the vectors are averaged, so that no character is left out.

Not here: caching, the choice of what is encoded together, anything about questions.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index_store.store import EncoderIdentity
from rag.bilingual.encoder import BilingualEncoder
from rag.errors import EncoderError
from rag.minilm import BATCH_PIECES, batches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
BUNDLED = "bundled"


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


def load(name: str = BUNDLED) -> Encoder:
    """The encoder of that name or path. Raises EncoderError when it cannot be loaded."""
    return BilingualEncoder() if name == BUNDLED else SentenceTransformerEncoder(name)


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers loads, by name or path; only safetensors."""

    def __init__(self, name: str) -> None:
        self._model = _load(name)
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
        with self._lock:
            windows, owners, lengths = self._windows(texts)
            for batch in batches(lengths, BATCH_PIECES):
                encoded = self._forward([windows[i] for i in batch])
                np.add.at(vectors, [owners[i] for i in batch], encoded)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all() or (norms == 0).any():
            raise EncoderError(f"encoder {self._identity.name} returned a vector without direction")
        return np.asarray(vectors / norms, dtype=np.float32)

    def _forward(self, windows: list[str]) -> Vectors:
        """Vectors of norm 1 for one batch. `encode` of the model would pad by characters."""
        import torch

        with torch.inference_mode():
            output = self._model(self._model.preprocess(windows))["sentence_embedding"]
            return np.asarray(torch.nn.functional.normalize(output, dim=1).numpy())

    def _windows(self, texts: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
        """Each text, or its stretches of at most a window; whose they are; their word pieces."""
        size = (self._model.max_seq_length or 512) - 2  # two pieces mark start and end
        encodings = self._model.tokenizer(
            list(texts),
            add_special_tokens=False,
            return_offsets_mapping=True,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["offset_mapping"]
        windows: list[str] = []
        owners: list[int] = []
        lengths: list[int] = []
        for owner, (text, offsets) in enumerate(zip(texts, encodings, strict=True)):
            for part in np.array_split(offsets, max(1, -(-len(offsets) // size))):
                whole = len(part) == len(offsets)
                windows.append(text if whole else text[part[0][0] : part[-1][1]])
                owners.append(owner)
                lengths.append(len(part))
        return windows, owners, lengths


def _load(name: str) -> SentenceTransformer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read at import; Fonds never fetches a model
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(
            name,
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"encoder {name}: cannot be loaded ({str(error).splitlines()[0]}); name a model "
            "folder on this machine or set FONDS_ENCODER=bundled"
        ) from error
