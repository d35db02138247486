"""documents → passages → vectors → store, in batches.

Not here: which documents are written (`rag.ingest`), how text is cut (`rag.text.chunking`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index_store.store import Entry, FileState, IndexStore
from index_store.types import Document, DocumentWarning, Passage, Vectors
from rag.models.encoding import Encoding
from rag.records.description import header_of
from rag.text.chunking import split
from rag.text.normalization import key

BATCH = 512
"""Passages encoded and committed together."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is committed together; `vectors` waits for them, None where there are no documents."""

    documents: list[tuple[Document, list[Passage]]]
    files: list[tuple[FileState, Sequence[str]]]
    vectors: Callable[[], Vectors] | None


class DocumentWriter:
    """passages → vectors → store: batches are encoded while one that came before is committed.

    As many are encoded at a time as there are workers, and committed in the order they came in.
    """

    def __init__(self, store: IndexStore, encoding: Encoding) -> None:
        self._store, self._encoding = store, encoding
        self.passages = self.removed = 0
        self.warnings: dict[str, tuple[DocumentWarning, ...]] = {}  # of each document written
        self._documents: list[tuple[Document, list[Passage]]] = []
        self._files: list[tuple[FileState, Sequence[str]]] = []
        self._started: deque[_Batch] = deque()
        self._leaving: set[str] = set()  # documents to be removed with a batch

    def add(self, document: Document) -> None:
        """Queue a document."""
        self._documents.append((document, split(document)))
        if sum(len(passages) for _, passages in self._documents) >= BATCH:
            self._next_batch()

    def end_file(self, state: FileState, gone: Sequence[str]) -> None:
        """Queue what a file holds and holds no longer, to be stored after its documents."""
        self._files.append((state, gone))
        self._leaving.update(gone)

    def settle(self, document_id: str) -> None:
        """Commit all that is queued if this document is to be removed: its id is then free.

        So ids do not depend on how much is queued.
        """
        if document_id in self._leaving:
            self.finish()

    def remove(self, document_ids: Sequence[str], path: str) -> None:
        """Remove those of the documents that are still this file's."""
        holders = ((i, self._store.holder(i)) for i in document_ids)
        own = [i for i, holder in holders if holder and holder[0] == path]
        self.removed += len(self._store.delete(own)) if own else 0

    def finish(self) -> None:
        """Encode and commit all that is queued."""
        self._next_batch()
        while self._started:
            self._commit(self._started.popleft())

    def _next_batch(self) -> None:
        """Start to encode what is queued, and meanwhile commit the first of too many batches."""
        vectors = None
        if self._documents:
            texts = [p.text for _, passages in self._documents for p in passages]
            vectors = self._encoding.start(texts)
        self._started.append(_Batch(self._documents, self._files, vectors))
        self._documents, self._files = [], []
        if len(self._started) > self._encoding.workers:
            self._commit(self._started.popleft())

    def _commit(self, batch: _Batch) -> None:
        """Store the documents of a batch, then the states of its files."""
        if batch.vectors:
            vectors, entries, at = batch.vectors(), [], 0
            for document, passages in batch.documents:
                own, search_key = vectors[at : at + len(passages)], key(document.text)
                header = header_of(document)
                entries.append(Entry(document, tuple(passages), own, search_key, header))
                at += len(passages)
            self._store.put(entries)
            self.passages += at
            self.warnings |= {d.document_id: d.warnings for d, _ in batch.documents}
        for state, gone in batch.files:
            self.remove(gone, state.path)
            self._leaving.difference_update(gone)
            self._store.set_file(state)
