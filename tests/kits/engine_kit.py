"""Stores of tests with their catalogues in PostgreSQL instead of their folders.

While the variable `CATALOGUE` names a server, each store's catalogue is in a schema of its own
there. So the tests of stores run over both databases as they are, also in child processes.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index_store.catalogue.engines.server import CatalogueServer
from index_store.maintenance import backup, doctor
from index_store.store import IndexStore

CATALOGUE = "FONDS_TEST_CATALOGUE"


def server_of(directory: Path) -> CatalogueServer | None:
    """The server of the store in `directory`, None where its catalogue is in the folder."""
    url = os.environ.get(CATALOGUE)
    if not url:
        return None
    name = hashlib.sha256(str(Path(directory).resolve()).encode()).hexdigest()[:20]
    return CatalogueServer(url, f"t{name}")


def install() -> None:
    """Makes the stores of this process obey the variable; harmless when done again."""
    for owner, name in (
        (IndexStore, "open"),
        (IndexStore, "exists"),
        (IndexStore, "check_free"),
        (doctor, "check"),
        (doctor, "repair"),
        (backup, "backup"),
        (backup, "restore"),
    ):
        call = getattr(owner, name)
        if not hasattr(call, "__wrapped__"):
            wrapped = _obeying(call)
            setattr(owner, name, staticmethod(wrapped) if owner is IndexStore else wrapped)


def _obeying(call: Callable[..., Any]) -> Callable[..., Any]:
    """`call` with the server that belongs to the directory among its arguments."""
    signature = inspect.signature(call)

    @functools.wraps(call)
    def obeying(*arguments: Any, **named: Any) -> Any:
        given = signature.bind(*arguments, **named)
        if given.arguments.get("server") is None:
            given.arguments["server"] = server_of(given.arguments["directory"])
        return call(*given.args, **given.kwargs)

    return obeying


install()
