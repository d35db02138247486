"""The vector index: Chroma, embedded in the store's folder or a server. Rows are whole.

The only file that imports chromadb, and only when used, because that takes seconds. What Chroma
returns are candidates: the catalogue confirms and scores them. Its index is approximate and can
be rebuilt from the catalogue at any time. An embedded Chroma belongs to one process at a time:
every use takes a file lock and sees what other processes have written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index_store.errors import StoreCorrupt, StoreError, StoreLocked
from index_store.seal import break_seal, damaged, seal_path, set_seal
from index_store.server import Chroma, ChromaServer, as_server
from index_store.vector_row import CLOSE, VectorRow

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.config import Settings

T = TypeVar("T")

FOLDER = "vectors"
PAGE = 1_000  # rows read at a time; Chroma fails above 32,766
_WIDTH = 200  # of Chroma's searches, when it builds its graph and after; with less it loses rows
_QUERIES = 100  # in one call
_WAIT_SECONDS = 30.0
_PROBE = (
    "import sys; sys.path.insert(0, sys.argv[1]); import index_store.vectors as v;"
    " v.exercise(sys.argv[2])"
)
_PROBE_SECONDS = 300
_PROBE_PAGES = 50  # of _QUERIES rows each, spread over the collection
_SHAPE: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": _WIDTH,
    "ef_search": _WIDTH,
    "max_neighbors": 32,
}


class ChromaRows:
    """The rows of one collection, while `VectorIndex.use` holds it."""

    def __init__(self, collection: Collection, batch: int) -> None:
        self._collection = collection
        self._batch = min(PAGE, batch)

    def __len__(self) -> int:
        return self._collection.count()

    def replace(self, rows: Sequence[VectorRow]) -> None:
        """Adds or replaces rows, in batches Chroma accepts."""
        for batch in self._batches(rows):
            names = [row.passage.passage_id for row in batch]
            # Chroma's upsert merges metadata: what the new row lacks would survive.
            if old := self._collection.get(ids=names, include=[])["ids"]:
                self._collection.delete(ids=old)
            self._collection.add(
                ids=names,
                embeddings=np.stack([row.vector for row in batch]),
                documents=[row.document_text for row in batch],
                metadatas=[row.metadata() for row in batch],
            )

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Removes rows; ids that are not there are ignored."""
        for batch in self._batches(passage_ids):
            self._collection.delete(ids=list(batch))

    def candidates(self, vector: NDArray[np.float32], k: int) -> list[str]:
        """About `k` ids near `vector`, approximately and in no order to rely on."""
        found = self._collection.query(
            query_embeddings=vector[np.newaxis, :], n_results=k, include=[]
        )
        return list(found["ids"][0])

    def not_found(self, rows: Sequence[VectorRow]) -> list[str]:
        """Ids of rows that a search with their own vector misses, as can happen after deletes."""
        missed: list[str] = []
        for start in range(0, len(rows), _QUERIES):
            batch = rows[start : start + _QUERIES]
            found = self._collection.query(
                query_embeddings=np.stack([row.vector for row in batch]),
                n_results=1,
                include=["distances"],
            )
            nearest = found["distances"] or []
            missed += [
                row.passage.passage_id
                for row, distances in zip(batch, nearest, strict=True)
                if not distances or distances[0] > CLOSE
            ]
        return missed

    def all_rows(self) -> Iterator[Mapping[str, Any]]:
        """Pages of Chroma's get(): ids, embeddings, documents and metadatas."""
        for offset in range(0, self._collection.count(), PAGE):
            yield self._collection.get(
                limit=PAGE, offset=offset, include=["embeddings", "documents", "metadatas"]
            )

    def _batches(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        for start in range(0, len(items), self._batch):
            yield items[start : start + self._batch]


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
            _hang_up(client)

    @contextmanager
    def use(self, generation: int, *, wait: float = _WAIT_SECONDS) -> Iterator[ChromaRows]:
        """The collection, made when missing, as it stands after `generation`.

        Raises StoreLocked when another process uses the embedded Chroma for longer than
        `wait` seconds or a writer has not finished, StoreCorrupt when its files are damaged,
        StoreError when the server cannot be reached.
        """
        import chromadb.errors
        import httpx

        with self._exclusively(wait):
            try:
                if not self._owner and self.url is None:
                    self._look(generation)
                rows = self._open()
                self._seen = generation
                yield rows
            except (
                chromadb.errors.ChromaError,
                httpx.HTTPError,
                ValueError,
                RuntimeError,
                OSError,
            ) as error:
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
        import chromadb
        from chromadb.config import Settings

        if self._client is None:
            os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
            settings = Settings(anonymized_telemetry=False)
            if self._server is None:
                self._check_files()
                self._client = chromadb.PersistentClient(path=self.path, settings=settings)
            else:
                self._client = _connected(self._server, settings)
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
        return damaged(self.path) == [] or not any(self.path.glob("*")) or probe(self.path)

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


def _connected(server: ChromaServer, settings: Settings) -> ClientAPI:
    import chromadb
    from chromadb.api.client import Client

    if server.certificates is not None:
        settings.chroma_server_ssl_verify = str(server.certificates)
    try:
        return chromadb.HttpClient(
            host=server.host,
            port=server.port,
            ssl=server.encrypted,
            headers=dict(server.headers) or None,
            settings=settings,
            tenant=server.tenant,
            database=server.database,
        )
    except Exception as error:
        # Refused by the server, the client is never handed out; only the traceback has it.
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if isinstance(client := frame.f_locals.get("self"), Client):
                _hang_up(client)
        raise


def _hang_up(client: Any) -> None:
    """Closes a client's connections to the server, which chromadb's own close leaves open."""
    for part in (client, getattr(client, "_admin_client", None)):
        if part is not None:
            part._server._session.close()


def probe(path: Path) -> bool:
    """Can Chroma serve the files in `path`? Tried in a child process, which may crash."""
    root = str(Path(__file__).resolve().parents[1])
    try:
        child = subprocess.run(
            [sys.executable, "-c", _PROBE, root, str(path)],
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return child.returncode == 0


def exercise(path: str) -> None:
    """Opens every collection in `path` and searches it; what the child process of `probe` does."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=path, settings=Settings(anonymized_telemetry=False))
    for collection in client.list_collections():
        step = max(1, collection.count() // _PROBE_PAGES)
        for offset in range(0, collection.count(), max(step, _QUERIES)):
            some = collection.get(limit=_QUERIES, offset=offset, include=["embeddings"])
            if some["embeddings"] is not None and len(some["ids"]):
                collection.query(query_embeddings=some["embeddings"], n_results=5, include=[])
