"""Chroma's clients, of a folder or a server, and a trial of a folder in a child process.

chromadb is imported when it is first used, because that takes seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index_store.vectors.chroma_rows import QUERIES
from index_store.vectors.server import ChromaServer

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.config import Settings

_PROBE_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); import index_store.vectors.chroma_client as c;"
    " c.exercise(sys.argv[2])"
)
_PROBE_SECONDS = 300
_PROBE_PAGES = 50  # of `QUERIES` rows each, spread over the collection


def faults() -> tuple[type[Exception], ...]:
    """The exceptions that Chroma raises when it fails."""
    import chromadb.errors
    import httpx

    return (chromadb.errors.ChromaError, httpx.HTTPError, ValueError, RuntimeError, OSError)


def embedded(path: Path) -> ClientAPI:
    """A client of Chroma's files in `path`. Damaged files can crash the process: see `probe`."""
    import chromadb

    return chromadb.PersistentClient(path=path, settings=_settings())


def _settings() -> Settings:
    from chromadb.config import Settings

    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    return Settings(anonymized_telemetry=False)


def connected(server: ChromaServer) -> ClientAPI:
    """A client of the server. Raises one of `faults` when it cannot be reached."""
    import chromadb
    from chromadb.api.client import Client

    settings = _settings()
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
        # When the server refuses, the client is not returned; only the traceback has it.
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if isinstance(client := frame.f_locals.get("self"), Client):
                hang_up(client)
        raise


def hang_up(client: Any) -> None:
    """Closes a client's connections to the server, which chromadb's own close leaves open."""
    for part in (client, getattr(client, "_admin_client", None)):
        if part is not None:
            part._server._session.close()


def probe(path: Path) -> bool:
    """Whether Chroma can read and search the files in `path`: tried in a child process."""
    root = str(Path(__file__).resolve().parents[2])
    try:
        child = subprocess.run(
            [sys.executable, "-c", _PROBE_CODE, root, str(path)],
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return child.returncode == 0


def exercise(path: str) -> None:
    """Opens and searches every collection in `path`. Run by the child process of `probe`."""
    import chromadb

    client = chromadb.PersistentClient(path=path, settings=_settings())
    for collection in client.list_collections():
        step = max(1, collection.count() // _PROBE_PAGES)
        for offset in range(0, collection.count(), max(step, QUERIES)):
            some = collection.get(limit=QUERIES, offset=offset, include=["embeddings"])
            if some["embeddings"] is not None and len(some["ids"]):
                collection.query(query_embeddings=some["embeddings"], n_results=5, include=[])
