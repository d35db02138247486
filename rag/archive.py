"""Archive: one store and its models, and everything a caller can ask of them.

`rag.open` makes one. Models are loaded when first needed, so that listing, showing,
citing and checking quotations never wait for one. Thread-safe for reading.

Not here: the work itself (`rag.ingest`, `rag.retrieval`, `rag.ask`, `rag.quotations`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index_store.store import EncoderIdentity, IndexStore
from index_store.types import Document
from rag.archive_pages import ArchivePages
from rag.citations.regions import located_answer, located_event, located_hits
from rag.errors import UsageError
from rag.questions.filters import store_filter
from rag.questions.validation import check_text
from rag.settings import Settings, load
from rag.types import (
    AnswerEvent,
    AskRequest,
    Filters,
    IngestReport,
    PathLike,
    QuotationReport,
    SearchResult,
    ShownDocument,
    Turn,
    VerifiedAnswer,
)
from rag.version import VERSION

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import BaseQueryEngine
    from llama_index.core.retrievers import BaseRetriever

    from rag.answers.replay import ReplayReport
    from rag.ingest import Progress
    from rag.models.bundle import Models
    from rag.models.encoder import Encoder
    from rag.readers.scans.recognition import PageProgress
    from rag.records.counts import Count


class Archive(ArchivePages):
    """A store of documents that can be loaded, searched, asked and checked."""

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
        self._with_llm: Models | None = None
        self._store: IndexStore | None = None
        self._store_lock, self._models_lock = threading.Lock(), threading.Lock()

    def __enter__(self) -> Archive:
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

    def ingest(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        pages: PageProgress | None = None,
    ) -> IngestReport:
        """Load files and folders; see `rag.ingest.ingest`."""
        from rag.ingest import ingest

        server = self.settings.catalogue_server()
        IndexStore.check_free(
            self.settings.directory, server
        )  # before the seconds that loading an encoder takes
        encoder = self.encoder
        with self._open(write=True, encoder=encoder.identity) as store:
            # Not resolve(): a link that was named stays the name of its document.
            given = [paths] if isinstance(paths, str | Path) else paths
            absolute = [Path(os.path.abspath(path)) for path in given]  # noqa: PTH100
            settings = self.settings
            return ingest(
                store,
                encoder,
                absolute,
                prune,
                progress,
                settings.people,
                settings.pictures,
                settings.ocr_languages,
                pages,
            )

    def remove(self, document_ids: str | Sequence[str]) -> list[str]:
        """Remove documents. Raises NotStored, and removes nothing, when one is not there."""
        if isinstance(document_ids, str):
            document_ids = [document_ids]
        from rag.records import duplicates
        from rag.retrieval import archive_terms

        store = self.store
        for document_id in document_ids:
            if store.holder(document_id) is None:  # a damaged document can be removed, not read
                store.document(document_id)
        with self._open(write=True, encoder=None) as writer:
            removed = writer.delete(document_ids)
            writer.sweep_pictures()
            duplicates.mark(writer)
            archive_terms.learn(writer)
            return removed

    def search(self, question: str, k: int = 10, filters: Filters = Filters()) -> SearchResult:
        """The k best passages; what the question itself restricts is preferred, not demanded.

        Raises UsageError for an invalid question or filter.
        """
        from rag.answers.messages import no_hits
        from rag.questions.query import understand
        from rag.retrieval.search import Searches

        started = time.perf_counter()
        if k < 1:
            raise UsageError(f"k is {k}; ask for at least one passage")
        models = self.models
        store = self._fitting(models)
        query = understand(question, filters, store)
        likely = query.filter if query.filter != query.user_filter else None
        searches = Searches(store, models)
        found = searches.find(query.relaxed(), k, likely)
        seconds = {"total": time.perf_counter() - started, **searches.seconds}
        message = None if found.hits else no_hits(query.lang, filters)
        hits = located_hits(found.hits, store)
        return SearchResult(question, hits, filters, seconds, message)

    def ask(
        self,
        question: str,
        filters: Filters = Filters(),
        history: Sequence[Turn] = (),
        without: Sequence[str] = (),
    ) -> VerifiedAnswer:
        """A cited answer or an abstention; see `rag.ask.ask`."""
        from rag.ask import ask

        models = self.answering_models
        request = self._request(question, filters, history, without)
        store = self._fitting(models)
        return located_answer(ask(request, store, models), store)

    def replay(self, kept: Mapping[str, Any]) -> ReplayReport:
        """Ask again what an answer's JSON says was asked; see `rag.answers.replay`.

        Raises UsageError for JSON that is not a saved answer.
        """
        from rag.answers import replay

        asked = replay.kept(kept)
        answer = self.ask(asked.question, asked.filters, asked.history, asked.without)
        return replay.compare(asked.answer, answer)

    def stream(
        self,
        question: str,
        filters: Filters = Filters(),
        history: Sequence[Turn] = (),
        without: Sequence[str] = (),
    ) -> Iterator[AnswerEvent]:
        """The answer piece by piece, the hits first; joined, the pieces are `ask(...).answer`.

        Where a language model writes, each statement comes as soon as it has been checked.
        """
        from rag.ask import stream

        models = self.answering_models
        request = self._request(question, filters, history, without)
        store = self._fitting(models)
        return (located_event(event, store) for event in stream(request, store, models))

    def _request(
        self, question: str, filters: Filters, history: Sequence[Turn], without: Sequence[str]
    ) -> AskRequest:
        strict = self.settings.strict
        return AskRequest(question, filters, tuple(history), tuple(without), strict)

    def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport:
        """Where a quotation stands; see `rag.quotations.verify`."""
        from rag.quotations.verify import verify

        check_text(quotation, "the quotation")
        return verify(quotation, self.store, document_id)

    def show(self, document_id: str, passage_id: str | None = None) -> ShownDocument:
        """A whole document. Raises NotStored for an unknown document or passage."""
        store = self.store
        document = store.document(document_id)
        if passage_id is not None and store.passage(passage_id).document_id != document_id:
            raise UsageError(f"passage {passage_id} is not of document {document_id}")
        return ShownDocument(document, tuple(store.passages(document_id)), passage_id)

    def documents(self, filters: Filters = Filters()) -> list[Document]:
        """The documents that meet the filters, by date; their text is left out."""
        store = self.store
        return store.documents(store_filter(filters, store))

    def counts(self, by: str, filters: Filters = Filters()) -> list[Count]:
        """Documents and records that meet the filters, by one of `rag.records.counts.FIELDS`."""
        from rag.names import authority
        from rag.records import counts

        return counts.count(self.documents(filters), by, authority.load(self.store))

    def cite(self, passage_id: str, style: str = "chicago") -> str:
        """The citation of a passage in one of `rag.citations.citation.STYLES`."""
        from rag.citations.citation import format_citation, page_of

        passage = self.store.passage(passage_id)
        document = self.store.document(passage.document_id)
        return format_citation(document, style, page_of(document, passage.start, passage.end))

    def info(self) -> dict[str, Any]:
        """Counts, languages, date span, encoder, sizes, schema and version.

        `people` is the number of people that authority files name.
        """
        from rag.names import authority

        known = len(authority.load(self.store).persons)
        return {**self.store.info(), "people": known, "version": VERSION}

    def as_retriever(self, k: int = 10, filters: Filters = Filters()) -> BaseRetriever:
        """This archive as a llama-index retriever."""
        from rag.llamaindex import FondsRetriever

        return FondsRetriever(self, k=k, filters=filters)

    def as_query_engine(self, filters: Filters = Filters()) -> BaseQueryEngine:
        """This archive as a llama-index query engine; answers are verified like any other."""
        from rag.llamaindex import FondsQueryEngine

        return FondsQueryEngine(self, filters=filters)


def open(
    store: PathLike | None = None,
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    llm: LLM | None = None,
) -> Archive:
    """An archive over a store directory, by default the one that the settings name.

    `llm` is any llama-index LLM; it comes before the one that the settings name.
    """
    if settings is None:
        settings = load({"store": store})
    return Archive(settings, encoder, llm)
