"""Archive: one store and one encoder, and everything a caller can ask of them.

`rag.open` makes one. The encoder is loaded when first needed, so that listing, showing,
citing and checking quotations never wait for a model. Thread-safe for reading.

Not here: the work itself, which is in `ingest`, `retrieve`, `ask`, `verify`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index_store.store import EncoderIdentity, IndexStore
from index_store.types import Document
from rag.errors import UsageError
from rag.models.encoder import Encoder
from rag.questions.filters import check_text, store_filter
from rag.questions.query import understand
from rag.settings import Settings, load
from rag.types import (
    Filters,
    IngestReport,
    PathLike,
    Piece,
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

    from rag.answers.generation import Writer
    from rag.answers.replay import ReplayReport
    from rag.ingest import Progress
    from rag.records.counts import Count


class Archive:
    """A store of documents that can be loaded, searched, asked and checked."""

    def __init__(
        self, settings: Settings, encoder: Encoder | None = None, llm: LLM | None = None
    ) -> None:
        self.settings = settings
        self._llm = llm
        self._writer: Writer | None = None
        self._encoder = encoder
        self._store: IndexStore | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the store's files back."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
            if self._writer is not None:
                self._writer.model.close()
                self._writer = None

    @property
    def store(self) -> IndexStore:
        """The store, open for reading. Raises StoreError where there is none yet."""
        with self._lock:
            if self._store is None:
                self._store = self._open(write=False, encoder=None)
            return self._store

    @property
    def encoder(self) -> Encoder:
        """The encoder of the settings, loaded at first use. Raises EncoderError."""
        with self._lock:
            if self._encoder is None:
                from rag.models.registry import load as load_encoder

                self._encoder = load_encoder(
                    self.settings.encoder,
                    self.settings.said_languages,
                    self.settings.said_weights,
                    self.settings.reranker,
                )
            return self._encoder

    @property
    def writer(self) -> Writer | None:
        """The language model of the settings, or the one given; None where there is neither.

        Raises SettingsError for one that cannot be used and EncoderError for its judge.
        """
        if self._llm is None and self.settings.llm is None:
            return None
        with self._lock:
            if self._writer is None:
                from rag.answers.generation import Writer
                from rag.llm import providers
                from rag.models.entailment import CrossEncoderJudge

                model = providers.wrap(self._llm, self.settings) if self._llm else None
                model = model or providers.build(self.settings)
                judge = CrossEncoderJudge(self.settings.nli) if self.settings.nli else None
                self._writer = Writer(model, self.settings.strict, judge) if model else None
            return self._writer

    def _open(self, *, write: bool, encoder: EncoderIdentity | None) -> IndexStore:
        return IndexStore.open(
            self.settings.directory,
            write=write,
            encoder=encoder,
            version=VERSION,
            chroma_url=self.settings.chroma_server(),
            exact_limit=self.settings.exact_limit,
        )

    def _asking(self) -> tuple[IndexStore, Encoder]:
        """Store and encoder that fit each other."""
        store = self.store
        encoder = self.encoder
        store.check_encoder(encoder.identity)
        return store, encoder

    def warm(self) -> None:
        """Open the store and load the encoder now, so that the first question waits for neither.

        Raises StoreError and EncoderError, as the first question would.
        """
        from rag.models import reader
        from rag.retrieval.search import reranker_of

        _, encoder = self._asking()
        reader.bundled()
        reranker = reranker_of(encoder)
        if reranker is not None:
            reranker.load()
        _ = self.writer

    def ingest(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        prune: bool = False,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Load files and folders; see `rag.ingest.ingest`."""
        from rag.ingest import ingest

        directory = self.settings.directory
        IndexStore.check_free(directory)  # before the seconds that loading an encoder takes
        encoder = self.encoder
        with self._open(write=True, encoder=encoder.identity) as store:
            # Not resolve(): a link that was named stays the name of its document.
            given = [paths] if isinstance(paths, str | Path) else paths
            absolute = [Path(os.path.abspath(path)) for path in given]  # noqa: PTH100
            return ingest(store, encoder, absolute, prune, progress, self.settings.people)

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
            duplicates.mark(writer)
            archive_terms.learn(writer)
            return removed

    def search(self, question: str, k: int = 10, filters: Filters = Filters()) -> SearchResult:
        """The k best passages; what the question itself restricts is preferred, not demanded.

        Raises UsageError for a question or filter without sense.
        """
        from rag.answers.messages import no_hits
        from rag.retrieval.search import retrieve

        started = time.perf_counter()
        if k < 1:
            raise UsageError(f"k is {k}; ask for at least one passage")
        store, encoder = self._asking()
        query = understand(question, filters, store)
        likely = query.filter if query.filter != query.given else None
        found = retrieve(query.relaxed(), store, encoder, k, likely)
        seconds = {"total": time.perf_counter() - started, **found.seconds}
        message = None if found.hits else no_hits(query.lang, filters)
        return SearchResult(question, found.hits, filters, seconds, message)

    def ask(
        self,
        question: str,
        filters: Filters = Filters(),
        history: Sequence[Turn] = (),
        without: Sequence[str] = (),
    ) -> VerifiedAnswer:
        """A cited answer or an abstention; see `rag.ask.ask`."""
        from rag.ask import ask

        store, encoder = self._asking()
        return ask(question, store, encoder, filters, history, without, self.writer)

    def replay(self, kept: Mapping[str, Any]) -> ReplayReport:
        """Ask again what an answer's JSON says was asked; see `rag.replay`. Raises UsageError."""
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
    ) -> Iterator[Piece]:
        """The answer piece by piece, the hits first; joined, the pieces are `ask(...).answer`.

        Where a language model writes, each statement comes as soon as it has been checked.
        """
        from rag.ask import stream

        store, encoder = self._asking()
        return stream(question, store, encoder, filters, history, without, self.writer)

    def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport:
        """Where a quotation stands; see `rag.verify.verify`."""
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
        """Documents and records that meet the filters, by one of `rag.counts.FIELDS`."""
        from rag.names import authority
        from rag.records import counts

        return counts.count(self.documents(filters), by, authority.load(self.store))

    def cite(self, passage_id: str, style: str = "chicago") -> str:
        """The citation of a passage in one of `rag.citations.STYLES`."""
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
