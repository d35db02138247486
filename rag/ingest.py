"""file → documents → passages → vectors → store.

Files are opened one after another, each once. What they hold is encoded and committed in batches,
the next encoded while the last is committed, so that memory stays bounded and a run that is cut
off has lost at most these two. A file whose bytes and sidecar are unchanged is not parsed again; a
changed document is replaced whole. One bad file or line is a Failure in the report and never stops
the rest.

Not here: how files are read (`rag.readers`), how text is cut (`rag.text.chunking`).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from index_store.catalogue.layout_check import check_layout
from index_store.catalogue.layouts import layout_sha256
from index_store.statistics import READINGS
from index_store.store import Entry, FileState, IndexStore
from index_store.types import Document, DocumentWarning, Passage, Vectors
from rag.errors import ReadError, StoreError
from rag.models.encoder import Encoder
from rag.names import authority as people
from rag.page_pictures import PagePictures
from rag.readers import authority as people_file
from rag.readers.discovery import find_files
from rag.readers.registry import failure, read_source
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import parts
from rag.readers.scans.readings import Readings
from rag.readers.scans.recognition import Recogniser
from rag.readers.scans.tesseract import DEFAULT_LANGUAGES
from rag.readers.source import SourceFile, open_source
from rag.records import duplicates
from rag.records.description import header_of
from rag.records.warnings import examine
from rag.retrieval import archive_terms
from rag.text.chunking import split
from rag.text.normalization import key
from rag.types import Failure, IngestReport

FORMAT = "1"
"""Raised when reading or splitting changes, so that unchanged files are read again."""

PDF_FORMAT = ".2"
"""The same for PDF alone: before 2 its words had no places."""

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
    pictures: bool = True,
    ocr_languages: str = DEFAULT_LANGUAGES,
) -> IngestReport:
    """Load files and folders into a store opened for writing.

    `authority` is a file of people read besides those named people.yaml among the files. `pictures`
    keeps pictures of the pages of documents that have some. Pages that are pictures are recognised
    in `ocr_languages`; what recognition found is kept in the folder `readings` of the store.

    Raises EncoderError and StoreError; what was committed before stays.
    """
    started = time.perf_counter()
    own = store.directory.absolute()  # which may lie among the documents
    every = [item for item in find_files(paths) if not _is_in(own, item)]
    found = parts.without_parts(every)
    known = {state.path for state in store.files()} if prune else set()
    with ParserSandbox() as sandbox, ThreadPoolExecutor(1) as thread:
        writer = _Writer(store, encoder, thread)
        done = 0

        def beat() -> None:
            if progress:
                progress(done, len(found), writer.passages)

        readings = Readings(store.directory / READINGS)
        recogniser = Recogniser(ocr_languages, readings, lambda *_: beat())
        shown = PagePictures(store, sandbox, pictures, beat)
        run = _Run(store, sandbox, writer, recogniser, shown)
        if authority:
            path = Path(os.path.abspath(authority))  # noqa: PTH100 - a link keeps its name
            run.file(path, is_authority=True)
        for n, item in enumerate(found, 1):
            if not isinstance(item, Failure):
                run.file(item, people_file.is_authority(item))
            elif item.path not in known:
                run.failures.append(item)
            done = n
            beat()
        writer.finish()
    run.forget(set(every).difference(found))
    if prune:
        run.prune(paths)
    if run.updated or writer.removed:
        store.sweep_pictures()
    readings.prune()
    marked = duplicates.mark(store)
    archive_terms.learn(store)
    if progress:
        progress(len(found), len(found), writer.passages)
    return run.report(marked, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is committed together; `vectors` are None where there are no documents."""

    documents: list[tuple[Document, list[Passage]]]
    files: list[tuple[FileState, Sequence[str]]]
    vectors: Future[Vectors] | None


class _Writer:
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


class _Run:
    """file → documents: one ingest with its counts."""

    def __init__(
        self,
        store: IndexStore,
        sandbox: ParserSandbox,
        writer: _Writer,
        recogniser: Recogniser,
        pictures: PagePictures,
    ) -> None:
        self.store, self.sandbox, self.writer = store, sandbox, writer
        self.recogniser, self.pictures = recogniser, pictures
        self.added = self.updated = self.unchanged = 0
        self.failures: list[Failure] = []
        self._taken: set[str] = set()

    def file(self, path: Path, is_authority: bool) -> None:
        """Read one file, unless it is unchanged."""
        with ExitStack() as opened:
            try:
                source = opened.enter_context(open_source(path))
                digest = _digest(source)
            except (ReadError, OSError) as error:
                self.failures.append(failure(path, error))
                return
            if is_authority:
                self._read_people(source, digest)
            else:
                self._read_documents(source, digest)

    def _read_people(self, source: SourceFile, digest: str) -> None:
        """Read an authority file; a bad one leaves the old in force."""
        before = self.store.file(str(source.path))
        if before and before.sha256 == digest:
            return
        try:
            persons = people_file.read(source)
        except (ReadError, OSError) as error:
            self.failures.append(failure(source.path, error))
            return
        people.keep(self.store, source.path, persons)
        self.store.set_file(FileState(str(source.path), digest, (), True))

    def _read_documents(self, source: SourceFile, digest: str) -> None:
        """Queue the documents of a file, unless it is unchanged and all its documents are here."""
        before = self.store.file(str(source.path))
        stored = before.document_ids if before else ()
        unchanged = before and before.complete and before.sha256 == digest
        all_here = unchanged and all(map(self.store.holder, stored))
        if all_here and self.pictures.are_current(stored, source):
            self.unchanged += len(stored)
            return
        failed = len(self.failures)
        ids = dict.fromkeys(self._take(d, source) for d in self._documents(source))
        gone = [document_id for document_id in stored if document_id not in ids]
        # A line that cannot be read now may be one that is stored: only a file that was read
        # without a failure shows that a document has gone.
        complete = len(self.failures) == failed
        held = tuple(ids) if complete else (*ids, *gone)
        state = FileState(str(source.path), digest, held, complete)
        self.writer.end_file(state, gone if complete else ())

    def _documents(self, source: SourceFile) -> Iterator[Document]:
        """The documents of a file with their warnings, record by record."""

        def readable() -> Iterator[Document]:
            for item in read_source(source, self.sandbox, self.recogniser):
                if isinstance(item, Failure):
                    self.failures.append(item)
                elif fault := _layout_fault(item):
                    self.failures.append(Failure(str(source.path), fault))
                else:
                    yield item

        for _, versions in groupby(readable(), key=lambda d: d.record_id):
            yield from examine(list(versions))

    def _take(self, document: Document, source: SourceFile) -> str:
        """Queue a document unless the store has it as it is; the id it is stored under."""
        document_id, n = document.document_id, 1
        path = str(source.path)
        while not self._is_free(document_id, path):
            n += 1
            document_id = f"{document.document_id}~{n}"
        self._taken.add(document_id)
        document = replace(document, document_id=document_id, path=path)
        document = replace(document, sha256=fingerprint(document))
        holder = self.store.holder(document_id)
        same = holder == (path, document.sha256)
        if same and self.pictures.are_current([document_id], source):
            self.unchanged += 1
            return document_id
        self.added += holder is None
        self.updated += holder is not None
        self.writer.add(self.pictures.added(document, source))
        return document_id

    def _is_free(self, document_id: str, path: str) -> bool:
        """Whether no document of another file has this id.

        A stored document whose file has gone from the disk gives its id up: files move.
        """
        holder = self.store.holder(document_id)
        free = not holder or holder[0] == path or not Path(holder[0]).exists()
        return free and document_id not in self._taken

    def forget(self, parts: Iterable[Path | Failure]) -> None:
        """Remove the documents of files that are parts of others now, as pages of a METS file."""
        for state in filter(None, (self.store.file(str(part)) for part in parts)):
            self.writer.remove(state.document_ids, state.path)
            self.store.forget_file(state.path)

    def prune(self, paths: Sequence[Path]) -> None:
        """Remove the documents of files that were under these paths and have gone."""
        roots = [path.absolute() for path in paths]
        for state in self.store.files():
            path = Path(state.path)
            if not path.exists() and any(root in (path, *path.parents) for root in roots):
                self.writer.remove(state.document_ids, state.path)
                self.store.forget_file(state.path)
                people.forget(self.store, path)

    def report(
        self, marked: Mapping[str, tuple[DocumentWarning, ...]], seconds: float
    ) -> IngestReport:
        """The report, with the warnings of the documents that this run added or changed.

        `marked` has those of documents that got other warnings after they were written.
        """
        written = self.writer.warnings.items()
        warnings = tuple((i, w) for i, own in written for w in marked.get(i, own))
        counts = (self.added, self.updated, self.unchanged, self.writer.removed)
        failures, passages = tuple(self.failures), self.writer.passages
        spent = round(seconds, 3)
        return IngestReport(*counts, len(failures), passages, warnings, failures, spent)


def _is_in(folder: Path, item: Path | Failure) -> bool:
    return folder in Path(item.path if isinstance(item, Failure) else item).parents


def _layout_fault(document: Document) -> str:
    """What is wrong with the places of a document's words, as its parser gave them."""
    try:
        if document.layout is not None:
            check_layout(document.layout, len(document.text), "its pages")
    except (StoreError, TypeError) as error:
        return f"the places of its words cannot be right ({error}); convert it to plain text"
    return ""


def fingerprint(document: Document) -> str:
    """SHA-256 of the text, all metadata and the layout; without path, pictures, the hash itself."""
    bare = replace(document, path="", sha256="", extra=dict(document.extra), layout=None)
    content = asdict(bare)
    del content["layout"]
    if document.layout is not None:
        content["layout"] = layout_sha256(document.layout)
    whole = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{FORMAT}\n{whole}".encode()).hexdigest()


def _digest(source: SourceFile) -> str:
    """SHA-256 of the readers' version and the hashes of a file, its sidecar and its parts."""
    version = FORMAT + (PDF_FORMAT if b"%PDF-" in source.start[:1024] else "")
    hashes = [part.sha256 for part in (source, source.sidecar) if part]
    hashes.append(parts.state(source.path))
    return hashlib.sha256(b"".join([version.encode(), *hashes])).hexdigest()
