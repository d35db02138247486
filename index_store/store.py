"""IndexStore: the store as the rest of Fonds uses it. One process writes, any number read.

The catalogue is written first, in transactions; Chroma and tantivy follow. What a crash kept from
them is brought up to date by the next writer, and what an index returns that the catalogue does not
have is dropped. Not here: what can be asked of a store (`reader`), questions, fusion, answers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from index_store import sync, word_rules
from index_store.catalogue.connection import Place
from index_store.catalogue.engines.server import CatalogueServer
from index_store.catalogue.engines.sqlite_engine import CATALOGUE
from index_store.catalogue.entry import EncoderIdentity, Entry, FileState, check_entry
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import check_encoder, create
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreError, explained
from index_store.follower import TABLES, indexes_to_itself
from index_store.lock import WriterLock
from index_store.opening import check_fits, is_store, make_folder, unseal
from index_store.pictures import StoredPicture
from index_store.seal import set_seal
from index_store.searching import SearchingStore
from index_store.types import DocumentWarning
from index_store.vectors.server import Chroma

__all__ = ["EncoderIdentity", "Entry", "FileState", "IndexStore"]

EXACT_LIMIT = 3_000_000
"""Passages up to which an unfiltered dense search is exhaustive, by default."""

_MAX_UNMAPPED = 20_000
"""Changed vectors after which a writer brings the vector file up to date before it closes."""


class IndexStore(SearchingStore):
    """A store opened by `IndexStore.open`; a context manager; safe to share between threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        lock: WriterLock | None,
        chroma_url: Chroma,
        exact_limit: int,
        with_chroma: bool = True,
    ) -> None:
        super().__init__(catalogue, chroma_url, exact_limit, owner=lock is not None)
        self._with_chroma = with_chroma
        self._lock = lock
        self._closed = False
        self._changed_vectors = 0  # since the store was opened
        self._unmapped_vectors = 0  # changed since the vector file followed
        self._drawn: dict[str, StoredPicture] = {}  # pictures written since then

    @staticmethod
    def exists(directory: Path, server: CatalogueServer | None = None) -> bool:
        """Whether there is a store in the directory, or one whose catalogue is on the server."""
        return is_store(Place(directory, server))

    @staticmethod
    def check_free(directory: Path, server: CatalogueServer | None = None) -> None:
        """Raises StoreLocked when another process is writing to the store."""
        if is_store(Place(directory, server)):
            WriterLock(directory).release()
            if server:
                catalogue = WritingCatalogue(Place(directory, server))
                try:
                    catalogue.claim()
                finally:
                    catalogue.close()

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        write: bool = False,
        encoder: EncoderIdentity | None = None,
        version: str = "unknown",
        chroma_url: Chroma = None,
        exact_limit: int = EXACT_LIMIT,
        with_chroma: bool = True,
        server: CatalogueServer | None = None,
        claimed: WritingCatalogue | None = None,
    ) -> IndexStore:
        """Opens the store in `directory`, whose catalogue may be on a server.

        For writing it is created when missing; then `encoder` is required, and `version` is
        recorded as the version of Fonds that made it. What a crash left undone is completed.
        `exact_limit`: passages up to which an unfiltered dense search is exhaustive.
        `with_chroma`: a writer also brings Chroma up to date; what it leaves out, the next one
        with it makes up. `claimed`: its catalogue, with the writer's lock, where the caller has
        it; it is closed with the store. Raises StoreError, StoreLocked, StoreMismatch or
        StoreCorrupt.
        """
        place = Place(Path(directory), server)
        if server is not None and (place.directory / CATALOGUE).exists():
            raise StoreError(
                f"{place.directory} holds a store with a catalogue of its own, not of {server}:"
                " name another folder for the indexes with `--store`"
            )
        if is_store(place):
            check_fits(place, encoder)
        elif not write:
            raise StoreError(
                f"there is no store in {place}: `fonds ingest` makes one,"
                " or name another with `--store`"
            )
        elif encoder is None:
            raise StoreError(f"{place}: a new store needs an encoder")
        if write or server:
            make_folder(place.directory)
        if not write:
            return cls(Catalogue(place), None, chroma_url, exact_limit)
        with explained(place.directory), contextlib.ExitStack() as undo:
            lock = WriterLock(place.directory)
            undo.callback(lock.release)
            catalogue = claimed or WritingCatalogue(place)
            undo.callback(catalogue.close)
            if claimed is None:
                catalogue.claim()
            with indexes_to_itself(place.directory) if server else contextlib.nullcontext():
                unseal(place)
            if encoder is not None and not catalogue.has_tables():
                create(catalogue.engine, encoder.name, encoder.dimension, version)
            catalogue.add_tables()
            catalogue.sign()
            store = cls(catalogue, lock, chroma_url, exact_limit, with_chroma)
            check_encoder(store.manifest, encoder, str(place))
            undo.callback(store._vectors.close)
            store._complete()
            undo.pop_all()
        return store

    def __enter__(self) -> IndexStore:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except StoreError as error:
            if exc_value is None:
                raise
            exc_value.add_note(str(error))  # the first error is the one to report

    def close(self) -> None:
        """Closes files and lock; a writer first tidies and seals the indexes.

        Raises StoreError when that cannot be written; the documents are safe.
        """
        if self._closed:
            return
        self._closed = True
        with explained(self.directory):
            self._finish()

    def _finish(self) -> None:
        try:
            if isinstance(self._catalogue, WritingCatalogue):
                with self._words_to_itself():
                    for table in TABLES:
                        index = self._search.lexical(table)
                        sync.tidy_lexical(self._catalogue, index, table, self._positions)
                    set_seal(self.directory / "lexical")
                    self._search.vector_file.follow(self._catalogue)
                if self._changed_vectors:
                    sync.tidy_vectors(self._catalogue, self._vectors, self._changed_vectors)
                self._vectors.close()
                self._catalogue.trim_outbox()
                if self._catalogue.checkpoint():
                    set_seal(self.directory / CATALOGUE)
        finally:
            self._vectors.close()
            if self._follower is not None:
                self._follower.close()
            self._catalogue.close()
            if self._lock is not None:
                self._lock.release()

    def put(self, entries: Sequence[Entry]) -> None:
        """Adds or replaces whole documents, all of the sequence or none.

        Raises StoreError, before anything is written, for an entry that may not be stored.
        """
        writer = self._writer()
        for entry in entries:
            check_entry(entry, self.manifest.dimension)
        pictures = {name: self._written(name) for entry in entries for name in _pictures_of(entry)}
        if entries:
            writer.put(entries, pictures)
            self._unmapped_vectors += sum(len(entry.passages) for entry in entries)
            self._apply()

    def delete(self, document_ids: Sequence[str]) -> list[str]:
        """Removes documents; returns the ids of those that were there, in order."""
        removed = self._writer().delete(document_ids)
        if removed:
            self._apply()
        return removed

    def add_picture(self, name: str, small: bytes, large: bytes) -> None:
        """Writes a picture in both sizes, for a page of a document that is put next.

        `name` is that of `pictures.picture_name`. Raises StoreError, also for other than JPEG or
        PNG.
        """
        self._writer()
        with explained(self.directory):
            self._drawn[name] = self._pictures.write(name, small, large)

    def has_picture(self, name: str) -> bool:
        """Whether the picture is there whole: written by this writer, or named by a document.

        One that an interrupted writer left behind is not relied on.
        """
        stored = self._drawn.get(name) or self._catalogue.pictures(name).get(name)
        return stored is not None and self._pictures.is_whole(name, stored)

    def sweep_pictures(self) -> int:
        """Removes the files of pictures that no document names; returns how many.

        To be called when all documents whose pictures were added have been put.
        """
        named = set(self._writer().pictures())
        self._drawn = {name: stored for name, stored in self._drawn.items() if name in named}
        with explained(self.directory):
            return self._pictures.sweep(named)

    def set_warnings(self, warnings: Mapping[str, tuple[DocumentWarning, ...]]) -> None:
        """Replaces the warnings of stored documents. Raises NotStored."""
        self._writer().set_warnings(warnings)

    def keep(self, name: str, text: str) -> None:
        """Stores a text beside the documents, in place of the one of that name."""
        self._writer().keep(name, text)

    def set_file(self, state: FileState) -> None:
        """Records an ingested file, in place of its earlier record."""
        self._writer().set_file(state)

    def forget_file(self, path: str) -> None:
        """Drops the record of a file."""
        self._writer().forget_file(path)

    def _written(self, name: str) -> StoredPicture:
        """What was written of a picture. Raises StoreError where it was not."""
        stored = self._drawn.get(name) or self._catalogue.pictures(name).get(name)
        if stored is None:
            raise StoreError(f"a page names the picture {name}, which was not added")
        return stored

    def _writer(self) -> WritingCatalogue:
        if not isinstance(self._catalogue, WritingCatalogue):
            raise StoreError(f"{self._catalogue.place} is open for reading only")
        return self._catalogue

    def _words_to_itself(self) -> AbstractContextManager[None]:
        """Readers of a catalogue on a server write to the word indexes of their folder, too."""
        if self._catalogue.place.server is None:
            return contextlib.nullcontext()
        return indexes_to_itself(self.directory)

    def _complete(self) -> None:
        """Brings the indexes to what the catalogue has, whoever left them behind."""
        writer = self._writer()
        if writer.has_pending():  # of a version before there was an outbox
            self._positions.start_anew()
            writer.forget_pending()
        self._unmapped_vectors = _MAX_UNMAPPED  # whoever left the file behind
        self._apply()
        if not word_rules.are_current(writer):
            with self._words_to_itself():
                word_rules.renew(writer, self._search.lexical, self._positions)

    def _apply(self) -> None:
        """Brings both kinds of index up to the catalogue."""
        writer = self._writer()
        with self._words_to_itself():
            for table in TABLES:
                index = self._search.lexical(table, create=True)
                sync.apply_lexical(writer, index, table, self._positions)
            if self._unmapped_vectors >= _MAX_UNMAPPED:
                with explained(self.directory):
                    self._search.vector_file.follow(writer)
                self._unmapped_vectors = 0
        if self._with_chroma:
            self._changed_vectors += sync.apply_vectors(writer, self._vectors, self._positions)


def _pictures_of(entry: Entry) -> set[str]:
    """The names of the pictures that the pages of an entry have."""
    layout = entry.document.layout
    return {page.picture for page in layout.pages if page.picture} if layout else set()
