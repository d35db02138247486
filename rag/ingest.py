"""file → documents → passages → vectors → store.

Files are opened one after another, each once. What they hold is encoded and committed in batches,
the next encoded while the last is committed, so that memory stays bounded and a run that is cut
off has lost at most these two (with several workers, one more for each). A file whose bytes and
sidecar are unchanged is not parsed again; a changed document is replaced whole. One bad file or
line is a Failure in the report and never stops the rest.

Not here: how files are read (`rag.readers`), how documents are encoded and stored
(`rag.document_writer`), what becomes of the documents of files that have gone (`rag.gone_files`).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from index_store.catalogue.entry import check_key
from index_store.catalogue.layout_check import check_layout
from index_store.statistics import READINGS
from index_store.store import FileState, IndexStore
from index_store.types import Document, DocumentWarning
from rag.document_writer import DocumentWriter
from rag.errors import ReadError, StoreError
from rag.fingerprints import file_digest, fingerprint
from rag.gone_files import forget_parts
from rag.gone_files import prune as prune_files
from rag.models.encoding import Encoding
from rag.names import authority as people
from rag.page_pictures import PagePictures
from rag.readers import authority as people_file
from rag.readers.discovery import find_files
from rag.readers.drawing import PageDrawers
from rag.readers.registry import failure, read_source
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import parts
from rag.readers.scans.readings import Readings
from rag.readers.scans.recognition import NOT_READ, PageProgress, Recogniser
from rag.readers.scans.tesseract import DEFAULT_LANGUAGES
from rag.readers.source import SourceFile, open_source
from rag.records import duplicates
from rag.records.warnings import examine
from rag.retrieval import archive_terms
from rag.types import Failure, IngestReport

Progress = Callable[[int, int, int], None]
"""Called with files done, files in all, passages stored."""

_ROOM = 20
"""Bytes that an id may get: the number of a document, if several have one id, and of a passage."""


def ingest(
    store: IndexStore,
    encoding: Encoding,
    paths: Sequence[Path],
    prune: bool = False,
    progress: Progress | None = None,
    authority: Path | None = None,
    pictures: bool = True,
    ocr_languages: str = DEFAULT_LANGUAGES,
    pages: PageProgress | None = None,
) -> IngestReport:
    """Load files and folders into a store opened for writing.

    `authority` is a file of people read besides those named people.yaml among the files. `pictures`
    keeps pictures of the pages of documents that have some. Pages that are pictures are recognised
    in `ocr_languages`; what recognition found is kept in the folder `readings` of the store, and
    `pages` is called after each of them. As many pages are drawn at a time as `encoding` has
    workers.

    Raises EncoderError and StoreError; what was committed before stays.
    """
    started = time.perf_counter()
    own = store.directory.absolute()  # which may lie among the documents
    every = [item for item in find_files(paths) if not _is_in(own, item)]
    found = parts.without_parts(every)
    known = {state.path for state in store.files()} if prune else set()
    with ParserSandbox() as sandbox, PageDrawers(sandbox, encoding.workers) as drawers:
        writer = DocumentWriter(store, encoding)
        done = 0

        def beat() -> None:
            if progress:
                progress(done, len(found), writer.passages)

        def recognised(path: Path, read: int, of: int) -> None:
            beat()
            if pages:
                pages(path, read, of)

        readings = Readings(store.directory / READINGS)
        recogniser = Recogniser(ocr_languages, readings, recognised)
        shown = PagePictures(store, sandbox, drawers, pictures, beat)
        run = _Run(store, sandbox, writer, recogniser, shown, ocr_languages)
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
    forget_parts(store, writer, set(every).difference(found), run.failures)
    if prune:
        prune_files(store, writer, paths)
    store.sweep_pictures()  # an ingest that was cut off may have left some, too
    readings.prune()
    marked = duplicates.mark(store)
    archive_terms.learn(store)
    if progress:
        progress(len(found), len(found), writer.passages)
    return run.report(marked, time.perf_counter() - started)


class _Run:
    """file → documents: one ingest with its counts."""

    def __init__(
        self,
        store: IndexStore,
        sandbox: ParserSandbox,
        writer: DocumentWriter,
        recogniser: Recogniser,
        pictures: PagePictures,
        ocr_languages: str,
    ) -> None:
        self.store, self.sandbox, self.writer = store, sandbox, writer
        self.recogniser, self.pictures = recogniser, pictures
        self.ocr_languages = ocr_languages
        self.added = self.updated = self.unchanged = 0
        self.failures: list[Failure] = []
        self._taken: set[str] = set()
        self._waits = False  # whether pages of the file wait for Tesseract

    def file(self, path: Path, is_authority: bool) -> None:
        """Read one file, unless it is unchanged."""
        if fault := _key_fault(str(path)):
            self.failures.append(Failure(str(path), fault))
            return
        with ExitStack() as opened:
            try:
                source = opened.enter_context(open_source(path))
                digest = file_digest(source, self.ocr_languages)
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
        unchanged = before and before.complete and self._is_current(before.sha256, digest)
        all_here = unchanged and all(map(partial(self._is_held, str(source.path)), stored))
        if all_here and self.pictures.are_current(stored, source):
            self.unchanged += len(stored)
            return
        failed = len(self.failures)
        has_changed = before is None or not self._is_current(before.sha256, digest)
        self._waits = False
        ids = dict.fromkeys(self._take(d, source, has_changed) for d in self._documents(source))
        gone = [document_id for document_id in stored if document_id not in ids]
        # A line that cannot be read now may be one that is stored: only a file that was read
        # without a failure shows that a document has gone.
        complete = len(self.failures) == failed
        held = tuple(ids) if complete else (*ids, *gone)
        known_by = self._while_waiting(digest) if self._waits else digest
        state = FileState(str(source.path), known_by, held, complete)
        self.writer.end_file(state, gone if complete else ())

    def _is_current(self, before: str, digest: str) -> bool:
        """Whether a file is as it was, and would not be read better now."""
        return before == digest or before == self._while_waiting(digest)

    def _while_waiting(self, digest: str) -> str:
        """The digest of a file with pages that the Tesseract of this computer cannot recognise.

        It changes when one is installed, or a language of it.
        """
        return hashlib.sha256(f"{digest} {self.recogniser.installed}".encode()).hexdigest()

    def _documents(self, source: SourceFile) -> Iterator[Document]:
        """The documents of a file with their warnings, record by record."""

        def readable() -> Iterator[Document]:
            for item in read_source(source, self.sandbox, self.recogniser):
                if isinstance(item, Failure):
                    self.failures.append(item)
                elif fault := _layout_fault(item) or _key_fault(item.document_id, item.record_id):
                    self.failures.append(Failure(str(source.path), fault))
                else:
                    yield item

        for _, versions in groupby(readable(), key=lambda d: d.record_id):
            for document in examine(list(versions)):
                self._waits |= any(warning.code == NOT_READ for warning in document.warnings)
                yield document

    def _take(self, document: Document, source: SourceFile, has_changed: bool) -> str:
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
        if same and self.pictures.are_current([document_id], source, has_changed):
            self.unchanged += 1
            return document_id
        self.added += holder is None
        self.updated += holder is not None
        self.writer.add(self.pictures.added(document, source))
        return document_id

    def _is_held(self, path: str, document_id: str) -> bool:
        """Whether this file's document is stored, and no other file has taken its id."""
        holder = self.store.holder(document_id)
        return holder is not None and holder[0] == path

    def _is_free(self, document_id: str, path: str) -> bool:
        """Whether no document of another file has this id.

        A stored document whose file has gone from the disk gives its id up: files move.
        """
        self.writer.settle(document_id)
        holder = self.store.holder(document_id)
        free = not holder or holder[0] == path or not Path(holder[0]).exists()
        return free and document_id not in self._taken

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


def _key_fault(*keys: str) -> str:
    """Why one of these ids or paths cannot be stored, "" where all can."""
    try:
        for key in keys:
            check_key(key, "it cannot be stored", room=_ROOM)
    except StoreError as error:
        return str(error)
    return ""


def _layout_fault(document: Document) -> str:
    """What is wrong with the places of a document's words, as its parser gave them."""
    try:
        if document.layout is not None:
            check_layout(document.layout, len(document.text), "its pages")
    except (StoreError, TypeError) as error:
        return f"the places of its words cannot be right ({error}); convert it to plain text"
    return ""
