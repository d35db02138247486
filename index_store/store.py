"""IndexStore: what the rest of Fonds knows of the store. One writer, many readers.

The catalogue is written first and is the commit point; Chroma and tantivy follow, and whatever
a crash left them to learn is replayed by the next writer. What an index returns that the
catalogue does not know is dropped. It knows nothing of questions, fusion or answers.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index_store import sync
from index_store.catalogue.entry import EncoderIdentity, Entry, FileState, check_entry
from index_store.catalogue.quotation_keys import Keys
from index_store.catalogue.reading import KEPT, Catalogue, Table
from index_store.catalogue.schema import CATALOGUE, check_encoder, create
from index_store.catalogue.writing import WritingCatalogue
from index_store.errors import StoreError, explained
from index_store.lock import WriterLock
from index_store.seal import break_seal, damaged, set_seal
from index_store.search import Search
from index_store.statistics import figures
from index_store.types import (
    Document,
    DocumentWarning,
    Filter,
    Hit,
    Manifest,
    Origin,
    Passage,
    Scored,
    ScoreStats,
)
from index_store.vectors.index import VectorIndex
from index_store.vectors.server import Chroma

__all__ = ["EncoderIdentity", "Entry", "FileState", "IndexStore"]

EXACT_LIMIT = 300_000
TABLES: tuple[Table, ...] = ("passages", "documents")


class IndexStore:
    """A store opened by `IndexStore.open`; a context manager; safe to share between threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        lock: WriterLock | None,
        chroma_url: Chroma,
        exact_limit: int,
    ) -> None:
        self.directory = catalogue.directory
        self.manifest: Manifest = catalogue.manifest()
        self._catalogue = catalogue
        self._lock = lock
        self._closed = False
        self._changed = 0  # vectors, since the store was opened
        self._vectors = VectorIndex(
            self.directory, catalogue.meta()["store_id"], chroma_url, owner=lock is not None
        )
        self._keys = Keys(catalogue)
        self._search = Search(catalogue, self._vectors, self.manifest.dimension, exact_limit)

    @staticmethod
    def exists(directory: Path) -> bool:
        """Whether there is a store in the directory."""
        return _is_store(directory)

    @staticmethod
    def check_free(directory: Path) -> None:
        """Raises StoreLocked when another process is writing to the store."""
        if _is_store(directory):
            WriterLock(directory).release()

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        write: bool = False,
        encoder: EncoderIdentity | None = None,
        chroma_url: Chroma = None,
        exact_limit: int = EXACT_LIMIT,
    ) -> IndexStore:
        """Opens the store in `directory`.

        For writing it is created when missing (then `encoder` is required) and what a crash
        left undone is completed. `exact_limit`: passages up to which an unfiltered dense search
        is exhaustive. Raises StoreError, StoreLocked, StoreMismatch or StoreCorrupt.
        """
        directory = Path(directory)
        exists = _is_store(directory)
        if exists:
            _check(directory, encoder)
        elif not write:
            raise StoreError(
                f"there is no store in {directory}: `fonds ingest` makes one,"
                " or name another with `--store`"
            )
        elif encoder is None:
            raise StoreError(f"{directory}: a new store needs an encoder")
        if not write:
            return cls(Catalogue(directory), None, chroma_url, exact_limit)
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make the folder {directory}: {error}") from error
        with explained(directory), contextlib.ExitStack() as undo:
            lock = WriterLock(directory)
            undo.callback(lock.release)
            _unseal(directory)
            catalogue = WritingCatalogue(directory)
            undo.callback(catalogue.close)
            if encoder is not None and not catalogue.has_tables():
                create(catalogue.connection, encoder.name, encoder.dimension, _version())
            store = cls(catalogue, lock, chroma_url, exact_limit)
            check_encoder(store.manifest, encoder, directory)
            undo.callback(store._vectors.close)
            store._apply()
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
            exc_value.add_note(str(error))  # the first fault is the one to tell

    def close(self) -> None:
        """Tidies the indexes if this is the writer, and lets go of files and lock.

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
                for table in TABLES:
                    sync.tidy(self._catalogue, self._search.lexical(table), table)
                if self._changed:
                    sync.tidy_vectors(self._catalogue, self._vectors, self._changed)
                self._vectors.close()
                set_seal(self.directory / "lexical")
                if self._catalogue.checkpoint():
                    set_seal(self.directory / CATALOGUE)
        finally:
            self._vectors.close()
            self._catalogue.close()
            if self._lock is not None:
                self._lock.release()

    # -- writing ---------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry]) -> None:
        """Adds or replaces whole documents, all of the sequence or none.

        Raises StoreError, before anything is written, for an entry that may not be stored.
        """
        writer = self._writer()
        for entry in entries:
            check_entry(entry, self.manifest.dimension)
        if entries:
            writer.put(entries)
            self._apply()

    def delete(self, document_ids: Sequence[str]) -> list[str]:
        """Removes documents; returns the ids of those that were there, in order."""
        removed = self._writer().delete(document_ids)
        if removed:
            self._apply()
        return removed

    def set_warnings(self, warnings: Mapping[str, tuple[DocumentWarning, ...]]) -> None:
        """Replaces the warnings of stored documents. Raises NotStored."""
        self._writer().set_warnings(warnings)

    def keep(self, name: str, text: str) -> None:
        """Keeps a text with the store, in place of the one of that name."""
        self._writer().keep(name, text)

    def kept(self, name: str) -> str | None:
        """The text kept under this name, None when there is none."""
        return self._catalogue.kept(name)

    def set_file(self, state: FileState) -> None:
        """Notes what an ingested file was and what came of it."""
        self._writer().set_file(state)

    def forget_file(self, path: str) -> None:
        """Drops the note about a file."""
        self._writer().forget_file(path)

    def _writer(self) -> WritingCatalogue:
        if not isinstance(self._catalogue, WritingCatalogue):
            raise StoreError(f"{self.directory} is open for reading only")
        return self._catalogue

    def _apply(self) -> None:
        """Brings both kinds of index up to the catalogue."""
        writer = self._writer()
        for table in TABLES:
            sync.apply_words(writer, self._search.lexical(table, create=True), table)
        self._changed += sync.apply_vectors(writer, self._vectors)

    def check_encoder(self, encoder: EncoderIdentity) -> None:
        """Raises StoreMismatch unless the store was built with this encoder."""
        check_encoder(self.manifest, encoder, self.directory)

    # -- documents and passages --------------------------------------------------------------

    def document(self, document_id: str) -> Document:
        """The whole document. Raises NotStored."""
        return self._catalogue.document(document_id)

    def documents(self, filter: Filter = Filter()) -> list[Document]:
        """Documents WITHOUT their text, ordered by date (undated last) and id."""
        return self._catalogue.documents(filter)

    def holder(self, document_id: str) -> tuple[str, str] | None:
        """Path and hash of the document with this id, None when there is none."""
        return self._catalogue.holder(document_id)

    def copies(self) -> list[list[Document]]:
        """Groups of documents, without text, whose texts are equal."""
        return self._catalogue.copies()

    def search_keys(self) -> Iterator[tuple[str, str, str, str]]:
        """Id, language, hash of the text and search key of all documents."""
        return self._catalogue.search_keys()

    def texts_sha256(self) -> str:
        """Changes with any text, its id, language or warnings, and with nothing else."""
        return self._catalogue.texts_sha256()

    def versions(self) -> list[list[Document]]:
        """Documents, without text, of the records in several languages, record by record."""
        return self._catalogue.versions()

    def warned(self, code: str) -> list[Document]:
        """Documents, without text, that carry a warning of this code."""
        return self._catalogue.warned(code)

    def record(self, record_id: str) -> list[Document]:
        """All language versions of a record, whole, by id."""
        return self._catalogue.record(record_id)

    def passages(self, document_id: str) -> list[Passage]:
        """The passages of a document in order. Raises NotStored."""
        with self._catalogue.snapshot():
            return self._catalogue.passages(document_id)

    def passage(self, passage_id: str) -> Passage:
        """One passage. Raises NotStored."""
        return self._catalogue.passage(passage_id)

    def hits(self, scored: Sequence[tuple[str, float, Mapping[str, Origin]]]) -> list[Hit]:
        """Hits ranked in the given order from (passage id, score, origins); unknown ids dropped."""
        found = self._catalogue.with_documents([name for name, _, _ in scored])
        known = [item for item in scored if item[0] in found]
        return [
            Hit(*found[name], rank, score, origins)
            for rank, (name, score, origins) in enumerate(known, start=1)
        ]

    # -- searching ---------------------------------------------------------------------------

    def dense_search(
        self,
        vector: NDArray[np.float32],
        k: int,
        filter: Filter = Filter(),
    ) -> list[Scored]:
        """The `k` passages of highest cosine with `vector` (of norm 1), ties by passage id.

        Exhaustive for filtered searches and up to `exact_limit` passages; beyond that Chroma
        proposes candidates, which are scored exactly, and where Chroma cannot be used the
        search is exhaustive after all.
        """
        return self._search.dense(vector, k, filter)

    def dense_stats(self, vector: NDArray[np.float32], filter: Filter = Filter()) -> ScoreStats:
        """How the cosines of all passages under the filter lie, told from a fixed sample."""
        return self._search.dense_stats(vector, filter)

    def size(
        self, filter: Filter = Filter(), *, level: Literal["passage", "document"] = "passage"
    ) -> int:
        """The number of passages or documents under the filter."""
        return self._search.size(filter, "passages" if level == "passage" else "documents")

    def lexical_search(
        self,
        query: str | Sequence[Mapping[str, float]],
        k: int,
        filter: Filter = Filter(),
        *,
        level: Literal["passage", "document"] = "passage",
        fields: Mapping[str, float] | None = None,
    ) -> list[Scored]:
        """The `k` best by BM25 over the stems of `query`, ties by id.

        A query may be structured: for each word the stems that may stand for it, with weights up
        to 1. `fields` boosts "text" and "header". At document level `passage_id` holds the id of
        the document.
        """
        table: Table = "passages" if level == "passage" else "documents"
        return self._search.words(query, k, filter, table, fields)

    def stems_from(self, prefix: str) -> list[str]:
        """The stems of the passages' texts that begin with `prefix`, in order."""
        return self._search.stems_from(prefix)

    def stem_frequency(self, stem: str) -> int:
        """The number of passages whose text or header has the stem."""
        return self._search.stem_frequency(stem)

    def holding(self, groups: Sequence[Sequence[str]], filter: Filter = Filter()) -> list[str]:
        """Ids of all documents whose text has, of each group of stems, at least one; sorted."""
        return self._search.holding(groups, filter)

    def capitalised(self) -> frozenset[str]:
        """The words of all texts that begin with a capital."""
        return self._search.capitalised()

    def matching(self, filter: Filter) -> int:
        """The number of documents that meet the filter."""
        return self._search.matching(filter)

    def containing(self, search_key: str, document_id: str | None = None) -> list[str]:
        """Ids of documents whose search key contains `search_key`, sorted."""
        if document_id is None:
            return self._keys.containing(search_key)
        return self._catalogue.containing(search_key, document_id)

    def values(self, field: str) -> list[str]:
        """The distinct values of author, recipient, collection, lang …, sorted."""
        return self._search.values(field)

    # -- files and figures -------------------------------------------------------------------

    def file(self, path: str) -> FileState | None:
        """What is known of an ingested file."""
        return next(iter(self._catalogue.files(path)), None)

    def files(self) -> list[FileState]:
        """All ingested files, by path."""
        return self._catalogue.files()

    def info(self) -> dict[str, Any]:
        """Counts, languages, date span, encoder, schema, version and sizes in bytes."""
        return figures(self._catalogue, self.manifest)

    def sha256(self) -> str:
        """Of the content: the sorted ids of the documents with their hashes, what is kept."""
        whole = hashlib.sha256()
        for name, value in sorted(self._catalogue.meta().items()):
            if name.startswith(KEPT):
                whole.update(f"{name}\0{value}\n".encode())
        for name, sha256 in self._catalogue.rows(
            "SELECT document_id, sha256 FROM documents ORDER BY document_id"
        ):
            whole.update(f"{name}\0{sha256}\n".encode())
        return whole.hexdigest()

    def __len__(self) -> int:
        return self._catalogue.count("passages")


def _is_store(directory: Path) -> bool:
    """False, too, when a writer was killed before it had made the tables."""
    if not (directory / CATALOGUE).is_file():
        return False
    catalogue = Catalogue(directory)
    try:
        return catalogue.has_tables()
    finally:
        catalogue.close()


def _check(directory: Path, encoder: EncoderIdentity | None) -> None:
    """Refuses a store that does not fit before anything in its folder changes."""
    catalogue = Catalogue(directory)
    try:
        check_encoder(catalogue.manifest(), encoder, directory)
    finally:
        catalogue.close()


def _unseal(directory: Path) -> None:
    """Before a writer's first change; a word index that is damaged is dropped, to be rebuilt."""
    lexical = directory / "lexical"
    if damaged(lexical):
        # Renamed first: a reader that opens it just now may put tantivy's lock file back.
        old = lexical.with_name("lexical.old")
        shutil.rmtree(old, ignore_errors=True)
        lexical.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    break_seal(lexical)
    break_seal(directory / CATALOGUE)


def _version() -> str:
    try:
        return importlib.metadata.version("fonds")
    except importlib.metadata.PackageNotFoundError:
        return "uninstalled"
