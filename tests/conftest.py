"""Stores that several tests ask: built once, with the real encoder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

import samples
from rag import Archive
from rag.models import onnx
from rag.settings import Settings
from tests.kits import engine_kit
from tests.kits.postgres_kit import PostgresServer, postgres_server

ONE_OF_SEVERAL = "PYTEST_XDIST_WORKER" in os.environ
if ONE_OF_SEVERAL:
    onnx.THREADS = 1  # as many workers as cores, or more


LONGEST = (
    "ui/test_browser",
    "answers/test_generation",
    "answers/test_ask",
    "questions/test_rewriting",
    "ui/test_web",
    "tests/faults",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no worker is left with one alone."""

    def rank(item: pytest.Item) -> int:
        known = (n for n, name in enumerate(LONGEST) if name in item.nodeid)
        return next(known, len(LONGEST))

    items.sort(key=rank)


SHARED = Path(__file__).resolve().parents[2] / "shared"
PAGE = SHARED / "archive" / "1931-11-21-voroshilov.txt"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def catalogue(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a test over both databases that can hold the catalogues of stores."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres")
            patch.setenv(engine_kit.CATALOGUE, server.url())
        yield request.param


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample archive in a store of its own, which the first worker builds; read only."""
    base = tmp_path_factory.getbasetemp()
    built = (base.parent if ONE_OF_SEVERAL else base) / "sample" / "built"
    store = built.with_name(base.name)
    built.parent.mkdir(exist_ok=True)
    with FileLock(built.with_suffix(".lock")):
        if not built.exists():
            with Archive(Settings(store=built)) as archive:
                archive.ingest([samples.ARCHIVE])
        shutil.copytree(built, store)
    with Archive(Settings(store=store)) as archive:
        yield archive


@pytest.fixture(scope="session")
def page_archive(
    tmp_path_factory: pytest.TempPathFactory, sample_archive: Archive
) -> Iterator[Archive]:
    """The real record page, alone in a store; read only."""
    if not PAGE.is_file():
        pytest.skip(f"{PAGE} is not here: this clone stands alone")
    store = tmp_path_factory.mktemp("page") / "store"
    with Archive(Settings(store=store), sample_archive.encoder) as archive:
        archive.ingest([PAGE])
        yield archive
