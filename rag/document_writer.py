"""documents → passages → vectors → store, in batches.

Not here: which documents are written (`rag.ingest`), how text is cut (`rag.text.chunking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from index_store.store import Entry, FileState, IndexStore
from index_store.types import Document, DocumentWarning, Passage, Vectors
from rag.models.encoder import Encoder
from rag.records.description import header_of
from rag.text.chunking import split
from rag.text.normalization import key

BATCH = 512
"""Passages encoded and committed together."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is committed together; `vectors` are None where there are no documents."""

    documents: list[tuple[Document, list[Passage]]]
    files: list[tuple[FileState, Sequence[str]]]
    vectors: Future[Vectors] | None


class DocumentWriter:
    """passages → vectors → store: encodes one batch in a thread while it commits the one before."""

    def __init__(self, store: IndexStore, encoder: Encoder, thread: ThreadPoolExecutor) -> None:
        self._store, self._encoder, self._thread = store, encoder, thread
        self.passages = self.removed = 0
        self.warnings: dict[str, tuple[DocumentWarning, ...]] = {}  # of each document written
        self._documents: list[tuple[Document, list[Passage]]] = []
        self._files: list[tuple[FileState, Sequence[str]]] = []
        self._encoding: _Batch | None = None

    def add(self, document: Document) -> None:
        """Queue a document."""
        self._documents.append((document, split(document)))
        if sum(len(passages) for _, passages in self._documents) >= BATCH:
            self._next_batch()

    def end_file(self, state: FileState, gone: Sequence[str]) -> None:
        """Queue what a file holds and holds no longer, to be stored after its documents."""
        self._files.append((state, gone))

    def remove(self, document_ids: Sequence[str], path: str) -> None:
        """Remove those of the documents that are still this file's."""
        holders = ((i, self._store.holder(i)) for i in document_ids)
        own = [i for i, holder in holders if holder and holder[0] == path]
        self.removed += len(self._store.delete(own)) if own else 0

    def finish(self) -> None:
        """Encode and commit all that is queued."""
        self._next_batch()
        if self._encoding:
            self._commit(self._encoding)

    def _next_batch(self) -> None:
        """Start to encode what is queued, and meanwhile commit the batch before."""
        before, vectors = self._encoding, None
        if self._documents:
            texts = [p.text for _, passages in self._documents for p in passages]
            vectors = self._thread.submit(self._encoder.encode_passages, texts)
        self._encoding = _Batch(self._documents, self._files, vectors)
        self._documents, self._files = [], []
        if before:
            self._commit(before)

    def _commit(self, batch: _Batch) -> None:
        """Store the documents of a batch, then the states of its files."""
        if batch.vectors:
            vectors, entries, at = batch.vectors.result(), [], 0
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
            self._store.set_file(state)
