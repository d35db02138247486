"""The vector index: Chroma, embedded in the store's folder or on a server.

Chroma's index is approximate. It returns candidates, which the catalogue confirms and scores, and
it can be rebuilt from the catalogue at any time. An embedded Chroma serves one process at a time:
every use takes a file lock and sees what other processes have written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index_store.errors import StoreCorrupt, StoreError, StoreLocked
from index_store.seal import break_seal, damaged, seal_path, set_seal
from index_store.vectors import chroma_client
from index_store.vectors.chroma_rows import ChromaRows
from index_store.vectors.server import Chroma, as_server

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

FOLDER = "vectors"
"""Name of the folder of an embedded Chroma, inside the store."""

_CANDIDATES = 200  # of each search in the graph, to build it and after; with fewer it loses rows
_LOCK_SECONDS = 30.0
HNSW_SETTINGS: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": _CANDIDATES,
    "ef_search": _CANDIDATES,
    "max_neighbors": 32,
}


class VectorIndex:
    """The collection of one store, in `directory`/vectors or on a Chroma server.

    `owner`: the caller is the store's writer, so no one else changes the files.
    """

    def __init__(
        self, directory: Path, store_id: str, chroma: Chroma = None, *, owner: bool = False
    ) -> None:
        self.path = directory / FOLDER
        self._server = as_server(chroma)
        self.url = self._server.url if self._server else None
        self.name = f"fonds-{store_id}"
        self._client: ClientAPI | None = None
        self._owner = owner
        self._seen = -1
        self._intact = True
        self._lock = FileLock(directory / "vectors.lock", thread_local=False)

    def close(self) -> None:
        """Closes Chroma's files or connection; the writer also seals the files."""
        if self._client is None:
            return
        self._disconnect(self._client)
        self._client = None
        if self._owner and self.url is None and self._intact:
            set_seal(self.path)

    def _disconnect(self, client: ClientAPI) -> None:
        client.close()  # type: ignore[attr-defined]
        if self.url is not None:
            chroma_client.hang_up(client)

    @contextmanager
    def use(self, generation: int, *, wait: float = _LOCK_SECONDS) -> Iterator[ChromaRows]:
        """The collection, made when missing, as it is in `generation` of the catalogue.

        Raises StoreLocked when another process uses the embedded Chroma for longer than
        `wait` seconds or a writer has not finished, StoreCorrupt when its files are damaged,
        StoreError when the server cannot be reached.
        """
        with self._exclusively(wait):
            try:
                if not self._owner and self.url is None:
                    self._reopen_if_changed(generation)
                rows = self._open()
                self._seen = generation
                yield rows
            except chroma_client.faults() as error:
                self._intact = False
                self.close()
                raise self._explain(str(error)) from error

    def _reopen_if_changed(self, generation: int) -> None:
        """Raises StoreLocked for files without a seal: readers open sealed files only."""
        if not seal_path(self.path).exists():
            self.close()
            raise StoreLocked(f"{self.path} is being written to; try again later")
        if generation != self._seen:
            self.close()

    def drop(self) -> None:
        """Removes the collection; of an embedded Chroma all files, even damaged ones."""
        if self.url is None:
            with self._exclusively(_LOCK_SECONDS):
                if self._client is not None:
                    self._disconnect(self._client)
                    self._client = None
                break_seal(self.path)
                if self.path.exists():
                    shutil.rmtree(self.path)
            self._intact = True
            return
        with self.use(0):
            assert self._client is not None
            self._client.delete_collection(self.name)

    @contextmanager
    def _exclusively(self, wait: float) -> Iterator[None]:
        if self.url is not None:
            yield
            return
        try:
            self._lock.acquire(timeout=wait)
        except Timeout as error:
            raise StoreLocked(f"another process is using {self.path}; try again") from error
        try:
            yield
        finally:
            self._lock.release()

    def _open(self) -> ChromaRows:
        if self._client is None:
            if self._server is None:
                self._check_files()
                self._client = chroma_client.embedded(self.path)
            else:
                self._client = chroma_client.connected(self._server)
        collection = self._client.get_or_create_collection(
            self.name,
            embedding_function=None,
            configuration={"hnsw": HNSW_SETTINGS},
        )
        return ChromaRows(collection, self._client.get_max_batch_size())

    def _check_files(self) -> None:
        """Raises StoreCorrupt for files that are damaged: they can crash the process."""
        if not self.servable():
            raise self._explain("its files are damaged")
        if self._owner:
            break_seal(self.path)

    def servable(self) -> bool:
        """Whether the files are as sealed, or else can be used by a child process.

        Chroma changes even files that it only reads, so a seal that does not fit proves nothing.
        """
        return (
            damaged(self.path) == []
            or not any(self.path.glob("*"))
            or chroma_client.probe(self.path)
        )

    def _explain(self, error: str) -> StoreError:
        if self.url is not None:
            return StoreError(
                f"the Chroma server at {self.url} does not serve ({error}); start it, or unset"
                " FONDS_CHROMA_URL; the documents are safe in the catalogue"
            )
        return StoreCorrupt(
            f"the vector index {self.path} does not serve ({error});"
            " `fonds doctor --repair` rebuilds it"
        )
