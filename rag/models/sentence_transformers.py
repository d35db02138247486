"""Models loaded by sentence-transformers: local files only, safetensors only.

Not here: the bundled encoder (`bundled`), what the models are used for.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from index_store.store import EncoderIdentity
from index_store.types import Vectors
from rag.errors import EncoderError
from rag.models.encoder import unit_rows
from rag.models.onnx import batches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Task = Literal["query", "document"]


def load_model(
    kind: Literal["SentenceTransformer", "CrossEncoder"], name: str, setting: str
) -> Any:
    """The model with this name or path, as an instance of the class `kind`.

    Raises EncoderError, with the name of the `setting` to change, when it cannot be loaded.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read at import; Fonds never downloads a model
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
        remedy = f"set {variable}=bundled" if setting == "encoder" else f"unset {variable}"
        raise EncoderError(
            f"{setting} {name}: cannot be loaded ({str(error).splitlines()[0]}); name a model "
            f"folder on this machine or {remedy}"
        ) from error


BATCH_PIECES = 1024
"""Word pieces per batch, padding included."""


class Prompts(NamedTuple):
    """Texts put before each query and each passage; None is the model's own prompt, "" is none.

    They are the prompts of sentence-transformers: e5 models need "query: " and "passage: ".
    """

    query: str | None = None
    passage: str | None = None

    def with_defaults(self, model: SentenceTransformer) -> Prompts:
        """These prompts, with the model's own in place of None."""
        own: Mapping[str, str | None] = model.prompts
        passage = next((own[n] for n in ("document", "passage", "corpus") if own.get(n)), "")
        return Prompts(
            (own.get("query") or "") if self.query is None else self.query,
            (passage or "") if self.passage is None else self.passage,
        )


class _Window(NamedTuple):
    """A window of text number `owner`: its text, and its number of word pieces."""

    owner: int
    text: str
    pieces: int


class SentenceTransformerEncoder:
    """An `Encoder` loaded by sentence-transformers, by name or path. Thread-safe.

    A text longer than the model's window is split into windows of equal length whose vectors are
    averaged, so that no text is left out. Prompts are part of the identity, so that a store encoded
    with other prompts is refused. Raises EncoderError when the model cannot be loaded.
    """

    def __init__(self, name: str, prompts: Prompts = Prompts()) -> None:
        self._model: SentenceTransformer = load_model("SentenceTransformer", name, "encoder")
        dimension = self._model.get_embedding_dimension()
        if not dimension:
            raise EncoderError(f"encoder {name}: the model does not report its dimension")
        self.prompts = prompts.with_defaults(self._model)
        if any(self.prompts):
            digest = hashlib.sha256("\0".join(map(str, self.prompts)).encode()).hexdigest()
            name = f"{name}+prompts-{digest[:8]}"
        self._identity = EncoderIdentity(name, dimension)
        self._lock = threading.Lock()  # the tokenizer's padding state is not thread-safe

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    @property
    def languages(self) -> frozenset[str] | None:
        return None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions; see `Encoder`. Raises EncoderError for values not finite."""
        return self._vectors(texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages; see `Encoder`. Raises EncoderError for values not finite."""
        return self._vectors(texts, "document")

    def _vectors(self, texts: Sequence[str], task: Task) -> Vectors:
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        if not texts:
            return vectors
        prompt = (self.prompts.query if task == "query" else self.prompts.passage) or ""
        with self._lock:
            windows = self._windows(texts, prompt)
            for batch in batches([window.pieces for window in windows], BATCH_PIECES):
                found = self._forward([windows[i].text for i in batch], prompt, task)
                for i, vector in zip(batch, found, strict=True):
                    vectors[windows[i].owner] += vector
        return unit_rows(vectors, self._identity.name)

    def _forward(self, windows: list[str], prompt: str, task: Task) -> Vectors:
        """The vectors of one batch.

        The model's own `encode` is not used, because it batches by characters, not by word pieces.
        """
        import torch

        with torch.inference_mode():
            output = self._model(
                self._model.preprocess(windows, prompt=prompt or None, task=task), task=task
            )
            found = torch.nn.functional.normalize(output["sentence_embedding"], dim=1)
            return np.asarray(found.numpy())

    def _windows(self, texts: Sequence[str], prompt: str) -> list[_Window]:
        """Each text as windows that fit the model together with the prompt."""
        size = (self._model.max_seq_length or 512) - 2  # two pieces mark start and end
        size = max(1, size - len(self._offsets([prompt])[0])) if prompt else size
        windows = []
        for owner, (text, offsets) in enumerate(zip(texts, self._offsets(texts), strict=True)):
            for part in np.array_split(offsets, max(1, -(-len(offsets) // size))):
                whole = len(part) == len(offsets)
                shown = text if whole else text[part[0][0] : part[-1][1]]
                windows.append(_Window(owner, shown, len(part)))
        return windows

    def _offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The (start, end) offsets of each text's word pieces."""
        found: list[list[tuple[int, int]]] = self._model.tokenizer(
            list(texts),
            add_special_tokens=False,
            return_offsets_mapping=True,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["offset_mapping"]
        return found
