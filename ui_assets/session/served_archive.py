"""The archive that the chat serves, which can change: from none or the sample to the reader's own.

Uploaded files are copied to a folder beside the store before they are loaded, because a document
names the file it came from. They never go into the sample. Not here: reading files (`rag.ingest`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from index_store.errors import StoreError
from index_store.layout import Page
from index_store.types import Document
from rag.errors import FondsError, UsageError
from rag.types import Filters, IngestReport
from ui_assets.model import ArchiveLike
from ui_assets.view.facets import Catalogue

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.settings import Settings

LoadStep = tuple[int, int] | IngestReport
"""Files done and files in all; at the end the report."""


class EmptyArchive:
    """A store that does not exist yet: it has no documents until something is loaded into it."""

    def __init__(self, archive: ArchiveLike) -> None:
        self._archive = archive

    def documents(self, filters: Filters = Filters()) -> Sequence[Document]:
        return ()

    def info(self) -> Mapping[str, Any]:
        return {"documents": 0}

    def pages(self, document_id: str) -> Sequence[Page]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


class ServedArchive:
    """An archive with its catalogue, and what can replace it.

    `own` opens the reader's own archive in place of the sample, `sample_archive` the sample in
    place of an empty one. `uploads` is the folder for uploaded files; None takes none.
    """

    def __init__(
        self,
        archive: ArchiveLike,
        *,
        sample: bool = False,
        own: Callable[[], ArchiveLike] | None = None,
        sample_archive: Callable[[], ArchiveLike] | None = None,
        uploads: Path | None = None,
    ) -> None:
        self._own = own
        self._sample_archive = sample_archive
        self._uploads = uploads
        self._loading = Lock()
        self._serve(archive, sample)

    def _serve(self, archive: ArchiveLike, sample: bool) -> None:
        self.archive = archive
        self.sample = sample
        self.catalogue = Catalogue(archive)

    @property
    def can_open_sample(self) -> bool:
        return self._sample_archive is not None and not self.sample

    @property
    def can_load(self) -> bool:
        return self._uploads is not None

    @property
    def language_model(self) -> str | None:
        """The name of the language model that may take part in answers."""
        name: str | None = getattr(self.archive, "language_model", None)
        return name

    def open_sample(self) -> None:
        """Serve the sample, from its own store, while the reader's own archive is empty."""
        if self._sample_archive and not self.sample and not self.catalogue.facets.documents:
            self._serve(self._sample_archive(), sample=True)

    def load(self, files: Sequence[Path]) -> Iterator[LoadStep]:
        """Copy the files, ingest them and report the progress; then serve the archive they are in.

        Raises UsageError while other files are loading, and the errors of ingest.
        """
        if self._uploads is None:
            raise UsageError("this chat accepts no files; load them with `fonds ingest`")
        if not self._loading.acquire(blocking=False):
            raise UsageError("files are already being loaded; wait until that is done")
        try:
            copies = [_copied(file, self._uploads) for file in files]
            replaceable = self.sample or isinstance(self.archive, EmptyArchive)
            own = self._own() if self._own and replaceable else None
            report: IngestReport | None = None
            for step in _ingest_steps(own or self.archive, copies):
                yield step
                report = step if isinstance(step, IngestReport) else None
            if own and report and report.added + report.updated + report.unchanged:
                self._serve(own, sample=False)
        finally:
            self._loading.release()


def _copied(file: Path, folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(file, folder / file.name))
    except OSError as error:
        raise FondsError(f"{file.name} cannot be saved in {folder}: {error.strerror}") from error


def _ingest_steps(archive: ArchiveLike, files: Sequence[Path]) -> Iterator[LoadStep]:
    """Ingest in another thread, because its progress comes by callback."""
    steps: SimpleQueue[LoadStep | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            report = archive.ingest(files, progress=lambda done, total, _: steps.put((done, total)))
            steps.put(report)
        except BaseException as error:  # noqa: BLE001 - raised again by the reader of the queue
            steps.put(error)

    Thread(target=work, name="fonds-load", daemon=True).start()
    while True:
        step = steps.get()
        if isinstance(step, BaseException):
            raise step
        yield step
        if isinstance(step, IngestReport):
            return


def open_archive(settings: Settings) -> ServedArchive:
    """What `fonds chat` serves under these settings.

    A store that is named but does not exist is served empty. The sample is served, from its own
    store, only if no store is named and the user's own is missing or empty.
    """
    from dataclasses import replace

    import samples
    from index_store.store import IndexStore
    from rag.archive import Archive
    from rag.settings import user_data

    folder = settings.directory.with_name(settings.directory.name + "-files")
    uploads = folder if settings.upload_mb else None

    def own() -> Archive:
        return Archive(settings)

    def sample_archive() -> Archive:
        archive = Archive(replace(settings, store=user_data() / "sample-store", chroma_url=None))
        archive.ingest([samples.ARCHIVE], prune=True)
        return archive

    exists = IndexStore.exists(settings.directory, settings.catalogue_server())
    if settings.store is not None and not exists:
        empty = EmptyArchive(own())
        return ServedArchive(empty, own=own, sample_archive=sample_archive, uploads=uploads)
    archive = own()
    sample = settings.store is None and not (exists and _has_documents(archive))
    if sample:
        archive = sample_archive()
    archive.warm()
    return ServedArchive(
        archive, sample=sample, own=own, sample_archive=sample_archive, uploads=uploads
    )


def _has_documents(archive: Archive) -> bool:
    try:
        return len(archive.store) > 0
    except StoreError:
        archive.close()
        raise
