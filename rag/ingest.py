"""file → documents → passages → vectors → store.

Files are read one after another; what they hold is encoded and committed in batches, the next
encoded while the last is committed, so memory stays bounded and a run that is cut off has lost at
most these two. A file whose bytes and sidecar are unchanged is not read again; a changed
document is replaced whole. One bad file or line is a Failure in the report and never stops the
rest.

Not here: how files are read (`readers`), how text is cut (`split`).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from index_store.store import Entry, FileState, IndexStore
from index_store.types import Document, DocumentWarning, Passage, Vectors
from rag.errors import ReadError
from rag.models.encoder import Encoder
from rag.names.authority import forget
from rag.readers.authority import is_authority, put
from rag.readers.discovery import find_files
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.readers.sidecar import sidecar_of
from rag.records import duplicates
from rag.records.description import header_of
from rag.records.warnings import examine
from rag.retrieval import archive_terms
from rag.text.chunking import split
from rag.text.normalization import key
from rag.types import Failure, IngestReport

FORMAT = "1"
"""Raised when reading or splitting changes, so that unchanged files are read again."""

BATCH = 512
"""Passages encoded and committed together."""

Progress = Callable[[int, int, int], None]
"""Called with files done, files in all, passages stored."""


def ingest(
    store: IndexStore,
    encoder: Encoder,
    paths: Sequence[Path],
    prune: bool = False,
    progress: Progress | None = None,
    authority: Path | None = None,
) -> IngestReport:
    """Load files and folders into a store opened for writing.

    `authority` is a file of people read besides those named people.yaml among the files.

    Raises EncoderError and StoreError; what was committed before stays.
    """
    started = time.perf_counter()
    found = [item for item in find_files(paths) if not _is_of(store, item)]
    known = {state.path for state in store.files()}
    with ParserSandbox() as apart, ThreadPoolExecutor(1) as aside:
        run = _Run(store, encoder, apart, aside)
        if authority is not None:
            run.people(Path(os.path.abspath(authority)))  # noqa: PTH100 - a link keeps its name
        for n, path in enumerate(found):
            if isinstance(path, Failure):
                if not (prune and path.path in known):
                    run.failures.append(path)
            else:
                run.file(path)
            if progress:
                progress(n + 1, len(found), run.passages)
        run.finish()
    if prune:
        run.prune(paths)
    duplicates.mark(store)
    archive_terms.learn(store)
    if progress:
        progress(len(found), len(found), run.passages)
    return run.report(time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Documents with their passages, whose vectors are being made, and the files read to the end
    with them; vectors are None where there are no documents."""

    documents: list[tuple[Document, list[Passage]]]
    files: list[tuple[FileState, tuple[str, ...]]]
    vectors: Future[Vectors] | None


class _Run:
    """One ingest: counts, what waits to be encoded, and what is being encoded (`aside`)."""

    def __init__(
        self, store: IndexStore, encoder: Encoder, apart: ParserSandbox, aside: ThreadPoolExecutor
    ) -> None:
        self.store = store
        self.encoder = encoder
        self.apart = apart
        self.aside = aside
        self.added = self.updated = self.unchanged = self.removed = self.passages = 0
        self.failures: list[Failure] = []
        self.touched: list[str] = []
        self._waiting: list[tuple[Document, list[Passage]]] = []
        self._finished: list[tuple[FileState, tuple[str, ...]]] = []
        self._encoding: _Batch | None = None
        self._taken: dict[str, str] = {}

    def people(self, path: Path) -> None:
        """Read an authority file, unless it is unchanged; a bad one leaves the old in force."""
        digest = _file_digest(path)
        if isinstance(digest, Failure):
            self.failures.append(digest)
            return
        before = self.store.file(str(path))
        if before and before.sha256 == digest:
            return
        try:
            put(self.store, path)
        except ReadError as error:
            self.failures.append(Failure(str(path), error.error, error.line))
            return
        self.store.set_file(FileState(str(path), digest, (), True))

    def file(self, path: Path) -> None:
        """Read one file, unless it is unchanged."""
        if is_authority(path):
            self.people(path)
            return
        before = self.store.file(str(path))
        digest = _file_digest(path)
        if isinstance(digest, Failure):
            self.failures.append(digest)
            return
        if before and before.complete and before.sha256 == digest and self._holds(before):
            self.unchanged += len(before.document_ids)
            return
        failed = len(self.failures)
        ids = [self._take(document, path) for document in self._documents(path)]
        complete = len(self.failures) == failed
        # A line that cannot be read now may be one that is stored: only a whole reading
        # shows that a document has gone.
        gone = tuple(i for i in before.document_ids if i not in set(ids)) if before else ()
        kept = () if complete else gone
        state = FileState(str(path), digest, (*ids, *kept), complete)
        self._finished.append((state, gone if complete else ()))

    def _holds(self, state: FileState) -> bool:
        """Whether no document of the file was removed since."""
        return all(self.store.holder(document_id) for document_id in state.document_ids)

    def _documents(self, path: Path) -> Iterator[Document]:
        """The documents of a file with their warnings, record by record."""

        def readable(items: Iterable[Document | Failure]) -> Iterator[Document]:
            for item in items:
                if isinstance(item, Failure):
                    self.failures.append(item)
                else:
                    yield item

        for _, versions in groupby(readable(read(path, self.apart)), key=lambda d: d.record_id):
            yield from examine(list(versions))

    def _take(self, document: Document, path: Path) -> str:
        """Queue a document unless the store has it as it is; the id it is stored under."""
        document = replace(document, path=str(path))
        document = replace(document, document_id=self._free_id(document))
        document = replace(document, sha256=fingerprint(document))
        self._taken[document.document_id] = document.path
        holder = self.store.holder(document.document_id)
        if holder == (document.path, document.sha256):
            self.unchanged += 1
            return document.document_id
        if holder is None:
            self.added += 1
        else:
            self.updated += 1
        self._waiting.append((document, split(document)))
        if sum(len(passages) for _, passages in self._waiting) >= BATCH:
            self._pass_on()
        return document.document_id

    def _free_id(self, document: Document) -> str:
        """The proposed id, or the first numbered one that no other document holds.

        A stored document whose file has gone from the disk gives its id up: files move.
        """
        wanted, n = document.document_id, 1
        while True:
            candidate = wanted if n == 1 else f"{wanted}~{n}"
            holder = self.store.holder(candidate)
            free = not holder or holder[0] == document.path or not Path(holder[0]).exists()
            if free and candidate not in self._taken:
                return candidate
            n += 1

    def finish(self) -> None:
        """Encode and commit all that waits."""
        self._pass_on()
        if self._encoding:
            self._commit(self._encoding)

    def _pass_on(self) -> None:
        """Have what waits encoded, and meanwhile commit what was encoded before."""
        before, vectors = self._encoding, None
        if self._waiting:
            texts = [p.text for _, passages in self._waiting for p in passages]
            vectors = self.aside.submit(self.encoder.encode_passages, texts)
        self._encoding = _Batch(self._waiting, self._finished, vectors)
        self._waiting, self._finished = [], []
        if before:
            self._commit(before)

    def _commit(self, batch: _Batch) -> None:
        """Store the documents of a batch, then mark the files read."""
        if batch.vectors:
            vectors, entries, at = batch.vectors.result(), [], 0
            for document, passages in batch.documents:
                own = vectors[at : at + len(passages)]
                entry = Entry(
                    document, tuple(passages), own, key(document.text), header_of(document)
                )
                entries.append(entry)
                at += len(passages)
            self.store.put(entries)
            self.passages += at
            self.touched += [document.document_id for document, _ in batch.documents]
        for state, gone in batch.files:
            self.removed += len(self.store.delete(gone)) if gone else 0
            self.store.set_file(state)

    def prune(self, paths: Sequence[Path]) -> None:
        """Remove the documents of files that were under these paths and are no more."""
        roots = [path.absolute() for path in paths]
        for state in self.store.files():
            path = Path(state.path)
            below = any(path == root or root in path.parents for root in roots)
            if below and not path.exists():
                holders = ((i, self.store.holder(i)) for i in state.document_ids)
                mine = [i for i, holder in holders if holder and holder[0] == state.path]
                self.removed += len(self.store.delete(mine))
                self.store.forget_file(state.path)
                forget(self.store, path)

    def report(self, seconds: float) -> IngestReport:
        """The report; warnings are those of documents that this run added or changed."""
        warnings: list[tuple[str, DocumentWarning]] = []
        for document_id in self.touched:
            document = self.store.document(document_id)
            warnings += [(document_id, warning) for warning in document.warnings]
        return IngestReport(
            self.added,
            self.updated,
            self.unchanged,
            self.removed,
            len(self.failures),
            self.passages,
            tuple(warnings),
            tuple(self.failures),
            round(seconds, 3),
        )


def _is_of(store: IndexStore, item: Path | Failure) -> bool:
    """Whether a file is one of the store's own, which may lie among the documents."""
    path = Path(item.path) if isinstance(item, Failure) else item
    return store.directory.absolute() in path.parents


def fingerprint(document: Document) -> str:
    """SHA-256 of the text and all metadata, the path and the hash itself left out."""
    content = asdict(replace(document, path="", sha256="", extra=dict(document.extra)))
    whole = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{FORMAT}\n{whole}".encode()).hexdigest()


def _file_digest(path: Path) -> str | Failure:
    """SHA-256 of a file, its sidecar and the reading's version."""
    digest = hashlib.sha256(FORMAT.encode())
    try:
        for part in (path, sidecar_of(path)):
            if part == path or part.is_file():
                with part.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        return Failure(str(path), f"cannot be read: {error.strerror}; check its permissions")
    return digest.hexdigest()
