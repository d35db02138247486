"""The vector index: Chroma, embedded in the store's folder or a server. Rows are whole.

What Chroma returns are candidates: the catalogue confirms and scores them. Its index is
approximate and can be rebuilt from the catalogue at any time. An embedded Chroma belongs to one
process at a time: every use takes a file lock and sees what other processes have written.
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
_WIDTH = 200  # of Chroma's searches, when it builds its graph and after; with less it loses rows
_WAIT_SECONDS = 30.0
_SHAPE: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": _WIDTH,
    "ef_search": _WIDTH,
    "max_neighbors": 32,
}


class VectorIndex:
    """The collection of one store, in `directory`/vectors or on the server at `url`."""

    def __init__(
        self, directory: Path, store_id: str, chroma: Chroma = None, *, owner: bool = False
    ) -> None:
        self.path = directory / FOLDER
        self._server = as_server(chroma)
        self.url = self._server.url if self._server else None
        self.name = f"fonds-{store_id}"
        self._client: ClientAPI | None = None
        self._owner = owner  # the writer: no one else changes the files meanwhile
        self._seen = -1
        self._intact = True
        self._lock = FileLock(directory / "vectors.lock", thread_local=False)

    def close(self) -> None:
        """Lets go of Chroma's files or connection; the writer seals the files."""
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
    def use(self, generation: int, *, wait: float = _WAIT_SECONDS) -> Iterator[ChromaRows]:
        """The collection, made when missing, as it stands after `generation`.

        Raises StoreLocked when another process uses the embedded Chroma for longer than
        `wait` seconds or a writer has not finished, StoreCorrupt when its files are damaged,
        StoreError when the server cannot be reached.
        """
        with self._exclusively(wait):
            try:
                if not self._owner and self.url is None:
                    self._look(generation)
                rows = self._open()
                self._seen = generation
                yield rows
            except chroma_client.faults() as error:
                self._intact = False
                self.close()
                raise self._explain(str(error)) from error

    def _look(self, generation: int) -> None:
        """A reader opens sealed files only, and again when the writer has changed them."""
        if not seal_path(self.path).exists():
            self.close()
            raise StoreLocked(f"{self.path} is being written to; try again later")
        if generation != self._seen:
            self.close()

    def drop(self) -> None:
        """Removes the collection, and an embedded Chroma's files whatever their state."""
        if self.url is None:
            with self._exclusively(_WAIT_SECONDS):
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
            configuration={"hnsw": _SHAPE},
        )
        return ChromaRows(collection, self._client.get_max_batch_size())

    def _check_files(self) -> None:
        """Damaged files can crash the process that opens them, so look before."""
        if not self.servable():
            raise self._explain("its files are damaged")
        if self._owner:
            break_seal(self.path)

    def servable(self) -> bool:
        """Are the files as sealed, or else served to a child process, which may crash?

        Chroma changes even files that it only reads, so a broken seal proves no damage.
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
