"""Archive: one store and its models, and everything a caller can ask of them.

`rag.open` makes one. Thread-safe for reading.

Not here: the store and the models (`rag.open_archive`), the work itself (`rag.ingest`,
`rag.retrieval`, `rag.ask`, `rag.quotations`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index_store.store import IndexStore
from index_store.types import Document
from rag.citations.regions import located_answer, located_event, located_hits
from rag.errors import UsageError
from rag.open_archive import OpenArchive
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
    from rag.models.encoder import Encoder
    from rag.readers.scans.recognition import PageProgress
    from rag.records.counts import Count


class Archive(OpenArchive):
    """A store of documents that can be loaded, searched, asked and checked."""

    def ingest(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        pages: PageProgress | None = None,
        workers: int = 1,
    ) -> IngestReport:
        """Load files and folders; see `rag.ingest.ingest`.

        `workers`, from 1 to 64, are processes that encode passages and draw pages; with more than
        one, a script must call this below `if __name__ == "__main__":`, and an encoder that was
        handed in is refused. The store is the same for any number.
        """
        from rag.ingest import ingest
        from rag.models import encoding, registry

        encoding.check_workers(workers)
        if workers > 1 and self._has_own_encoder:
            raise UsageError(
                f"workers is {workers}, but this archive was given its encoder as an object, which"
                " processes cannot share; name it in the settings, or leave workers at 1"
            )
        server = self.settings.catalogue_server()
        IndexStore.check_free(
            self.settings.directory, server
        )  # before the seconds that loading an encoder takes
        encoder = self.encoder
        make = registry.encoder_maker(self.settings)
        with (
            self._open(write=True, encoder=encoder.identity) as store,
            encoding.encoding(encoder, make, workers) as encoded,
        ):
            # Not resolve(): a link that was named stays the name of its document.
            given = [paths] if isinstance(paths, str | Path) else paths
            absolute = [Path(os.path.abspath(path)) for path in given]  # noqa: PTH100
            settings = self.settings
            return ingest(
                store,
                encoded,
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

    def documents(
        self, filters: Filters = Filters(), limit: int | None = None, offset: int = 0
    ) -> list[Document]:
        """The documents that meet the filters, by date; their text is left out.

        At most `limit` of them, after the first `offset`.
        """
        store = self.store
        return store.documents(store_filter(filters, store), limit, offset)

    def matching(self, filters: Filters = Filters()) -> int:
        """The number of documents that meet the filters."""
        store = self.store
        return store.matching(store_filter(filters, store))

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
