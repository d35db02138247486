"""The store and the models of an archive, opened and loaded when first needed.

Listing, showing, citing and checking quotations never wait for a model. Safe to share between
threads. Not here: what an archive can be asked (`rag.archive`).
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from index_store.store import EncoderIdentity, IndexStore
from rag.archive_pages import ArchivePages
from rag.settings import Settings
from rag.version import VERSION

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.models.bundle import Models
    from rag.models.encoder import Encoder


class OpenArchive(ArchivePages):
    """The part of `rag.Archive` that opens its store and loads its models, each when needed."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder | None = None,
        llm: LLM | None = None,
        models: Models | None = None,
    ) -> None:
        """`encoder` and `llm` come before those that the settings name; `models` before both."""
        self.settings = settings
        self._encoder, self._llm, self._models = encoder, llm, models
        self._has_own_encoder = encoder is not None or models is not None
        self._with_llm: Models | None = None
        self._store: IndexStore | None = None
        self._store_lock, self._models_lock = threading.Lock(), threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the store's files back."""
        with self._store_lock:
            if self._store is not None:
                self._store.close()
                self._store = None
        with self._models_lock:
            if self._with_llm is not None and self._with_llm.llm is not None:
                self._with_llm.llm.close()
            self._with_llm = None

    @property
    def store(self) -> IndexStore:
        """The store, open for reading. Raises StoreError where there is none yet."""
        with self._store_lock:
            if self._store is None:
                self._store = self._open(write=False, encoder=None)
            return self._store

    @property
    def models(self) -> Models:
        """The models of the settings except the language model, loaded at first use.

        Raises EncoderError, and SettingsError for invalid weights.
        """
        with self._models_lock:
            if self._models is None:
                from rag.models.registry import load as load_models

                self._models = load_models(self.settings, self._encoder)
            return self._models

    @property
    def encoder(self) -> Encoder:
        """The encoder of the models. Raises as `models`."""
        return self.models.encoder

    @property
    def answering_models(self) -> Models:
        """The models with the language model and its judge, where the settings name them.

        Raises as `models`, and SettingsError for a language model that cannot be used.
        """
        models = self.models
        if self._llm is None and self.settings.llm is None:
            return models
        with self._models_lock:
            if self._with_llm is None:
                from rag.llm import providers
                from rag.models.entailment import CrossEncoderJudge

                judge = CrossEncoderJudge(self.settings.nli) if self.settings.nli else None
                given = self._llm
                llm = (
                    providers.build(self.settings)
                    if given is None
                    else providers.wrap(given, self.settings)
                )
                self._with_llm = replace(models, llm=llm, judge=judge)
            return self._with_llm

    @property
    def language_model(self) -> str | None:
        """The name of the language model that takes part in answers, None without one.

        Raises as `answering_models`.
        """
        llm = self.answering_models.llm
        return llm.name if llm else None

    def _open(self, *, write: bool, encoder: EncoderIdentity | None) -> IndexStore:
        return IndexStore.open(
            self.settings.directory,
            write=write,
            encoder=encoder,
            version=VERSION,
            chroma_url=self.settings.chroma_server(),
            exact_limit=self.settings.exact_limit,
            with_chroma=self.settings.chroma,
            server=self.settings.catalogue_server(),
        )

    def _fitting(self, models: Models) -> IndexStore:
        """The store, if it was made with the encoder of these models. Raises StoreError."""
        store = self.store
        store.check_encoder(models.encoder.identity)
        return store

    def warm(self) -> None:
        """Open the store and load the models now, so that the first question waits for neither.

        Raises StoreError and EncoderError, as the first question would.
        """
        models = self.answering_models
        self._fitting(models)
        if models.reader is not None:
            models.reader.load()
        if models.reranker is not None:
            models.reranker.load()
