"""The archive that the chat serves, which can change: from none or the sample to one's own.

Loaded files are copied beside the store first, since a document names the file it came from.
The invented sample never takes them in. Not here: reading files (`rag.ingest`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from index_store.errors import StoreError
from index_store.types import Document
from rag.errors import FondsError, UsageError
from rag.types import Filters, IngestReport
from ui_assets.model import ArchiveLike
from ui_assets.view.facets import Catalogue

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.settings import Settings

Loading = tuple[int, int] | IngestReport
"""Files done and files in all, and at the end the report."""


class Unmade:
    """A store that does not exist yet: empty, until something has been loaded into it."""

    def __init__(self, archive: ArchiveLike) -> None:
        self._archive = archive

    def documents(self, filters: Filters = Filters()) -> Sequence[Document]:
        return ()

    def info(self) -> Mapping[str, Any]:
        return {"documents": 0}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


class Served:
    """An archive with its catalogue, and the ways to another: `own` opens the reader's own in
    place of the sample, `sample_archive` the sample in place of an empty one."""

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

    def open_sample(self) -> None:
        """Serve the sample, from a store of its own, while the reader's own is empty."""
        if self._sample_archive and not self.sample and not self.catalogue.facets.documents:
            self._serve(self._sample_archive(), sample=True)

    def load(self, files: Sequence[Path]) -> Iterator[Loading]:
        """Copy the files and ingest them, telling how far it is; serve what they went into.

        Raises UsageError while another load runs, and the faults of ingest.
        """
        if self._uploads is None:
            raise UsageError("this chat takes no files; load them with `fonds ingest`")
        if not self._loading.acquire(blocking=False):
            raise UsageError("files are already being loaded; wait until that is done")
        try:
            copies = [_copied(file, self._uploads) for file in files]
            archive = self._own() if self._own and (self.sample or self._is_unmade) else None
            target = archive or self.archive
            report: IngestReport | None = None
            for told in _ingesting(target, copies):
                yield told
                report = told if isinstance(told, IngestReport) else None
            if archive and report and report.added + report.updated + report.unchanged:
                self._serve(archive, sample=False)
        finally:
            self._loading.release()

    @property
    def _is_unmade(self) -> bool:
        return isinstance(self.archive, Unmade)


def _copied(file: Path, folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(file, folder / file.name))
    except OSError as error:
        raise FondsError(f"{file.name} cannot be kept in {folder}: {error.strerror}") from error


def _ingesting(archive: ArchiveLike, files: Sequence[Path]) -> Iterator[Loading]:
    """The ingest in a thread of its own, since it tells its progress by being called back."""
    told: SimpleQueue[Loading | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            report = archive.ingest(files, progress=lambda done, total, _: told.put((done, total)))
            told.put(report)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            told.put(error)

    Thread(target=work, name="fonds-load", daemon=True).start()
    while True:
        one = told.get()
        if isinstance(one, BaseException):
            raise one
        yield one
        if isinstance(one, IngestReport):
            return


def opened(settings: Settings) -> Served:
    """What `fonds chat` serves under these settings.

    A store that is named but not there is served empty, for the first run. The sample is served,
    from a store of its own, only where no store is named and the user's own is missing or empty.
    """
    from dataclasses import replace

    import samples
    from index_store.store import IndexStore
    from rag.archive import Archive
    from rag.settings import user_data

    beside = settings.directory.with_name(settings.directory.name + "-files")
    uploads = beside if settings.upload_mb else None

    def own() -> Archive:
        return Archive(settings)

    def sample_archive() -> Archive:
        archive = Archive(replace(settings, store=user_data() / "sample-store", chroma_url=None))
        archive.ingest([samples.ARCHIVE], prune=True)
        return archive

    exists = IndexStore.exists(settings.directory)
    if settings.store is not None and not exists:
        empty = Unmade(own())
        return Served(empty, own=own, sample_archive=sample_archive, uploads=uploads)
    archive = own()
    sample = settings.store is None and not (exists and _has_documents(archive))
    if sample:
        archive = sample_archive()
    archive.warm()
    return Served(archive, sample=sample, own=own, sample_archive=sample_archive, uploads=uploads)


def _has_documents(archive: Archive) -> bool:
    try:
        return len(archive.store) > 0
    except StoreError:
        archive.close()
        raise
