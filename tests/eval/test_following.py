"""How far front ends are behind a writer, measured over a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.bench.following import follow
from index_store.errors import StoreError
from index_store.store import IndexStore
from tests.kits.postgres_kit import PostgresServer


def test_front_ends_find_all_that_is_written(postgres: PostgresServer, tmp_path: Path) -> None:
    server = postgres.catalogue()
    figures = follow(server, 1.0, 100)
    assert figures["documents"] > 0 and figures["lost"] == 0
    assert 0 < figures["behind_p50_ms"] < 10_000
    assert IndexStore.exists(tmp_path, server)
    with pytest.raises(StoreError, match="schema"):
        follow(server, 1.0, 100)
