"""Models of sentence-transformers: read from this machine, and only from safetensors."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.encoder import EncodedText, unit_rows
from rag.models.onnx import batches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def load_model(
    kind: Literal["SentenceTransformer", "CrossEncoder"], name: str, setting: str
) -> Any:
    """The model of that name or path, of a class of sentence-transformers.

    Raises EncoderError naming the setting that named it.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read at import; Fonds never fetches a model
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    import sentence_transformers
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return getattr(sentence_transformers, kind)(
            name,
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        variable = f"FONDS_{setting.upper()}"
        mend = f"set {variable}=bundled" if setting == "encoder" else f"leave {variable} out"
        raise EncoderError(
            f"{setting} {name}: cannot be loaded ({str(error).splitlines()[0]}); name a model "
            f"folder on this machine or {mend}"
        ) from error


BATCH_PIECES = 1024
"""Word pieces that a model of sentence-transformers is given at once, padding included."""


class _Window(NamedTuple):
    """A stretch of the text number `owner`; `starts`, where in the text its pieces begin."""

    owner: int
    text: str
    starts: tuple[int, ...]


class SentenceTransformerEncoder:
    """An encoder that sentence-transformers loads, by name or path; only safetensors."""

    def __init__(self, name: str) -> None:
        self._model: SentenceTransformer = load_model("SentenceTransformer", name, "encoder")
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

    def read(self, texts: Sequence[str]) -> list[EncodedText]:
        """Each text with its pieces; raises EncoderError as `encode` does."""
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        pieces: list[dict[int, Vectors]] = [{} for _ in texts]
        for window, vector, states in self._encoded(texts):
            vectors[window.owner] += vector
            pieces[window.owner] |= zip(window.starts, states, strict=True)
        name, nothing = self._identity.name, vectors[:0]
        return [
            EncodedText(
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
