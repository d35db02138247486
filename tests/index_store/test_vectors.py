"""What Chroma holds: whole rows that another client can read, and how readers use it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index_store.errors import StoreError
from index_store.seal import damaged, seal_path
from index_store.store import IndexStore
from index_store.vectors import index as vectors
from index_store.vectors.index import VectorIndex
from tests.kits.store_kit import EAGER, ENCODER, IDENTITY, entry, letter


def test_rows_are_whole_and_replaced_whole(tmp_path: Path) -> None:
    first = entry("a", "Frost on the canal.", author="A. Berg", date_from="1931-11-27")
    second = entry("a", "Мороз на канале.", lang="ru", recipient="C. Dahl")
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([first, entry("b", "", "Other.")])
        store.put([second])
        store_id = store._catalogue.meta()["store_id"]
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(path=tmp_path / "vectors", settings=settings)
    (collection,) = client.list_collections()
    assert collection.name == f"fonds-{store_id}" and collection.count() == 3
    assert collection.configuration_json["hnsw"]["space"] == "cosine"
    row = collection.get(ids=["a#0"], include=["embeddings", "documents", "metadatas"])
    assert row["documents"] == ["Мороз на канале."]
    assert row["metadatas"] == [
        {
            **{"document_id": "a", "record_id": "a", "lang": "ru", "kind": "original"},
            **{"title": "Letter a", "recipient": "C. Dahl", "path": "letters/a.txt"},
            **{"row": 4, "ordinal": 0, "start": 0, "end": 16},
        }
    ]
    assert np.allclose(np.array(row["embeddings"]), second.vectors, atol=1e-3)
    client.close()  # type: ignore[attr-defined]


def test_readers_use_chroma_only_when_no_writer_is_at_work(tmp_path: Path) -> None:
    letters = [letter(n) for n in range(30)]
    query = letters[3].vectors[1]
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put(letters)
        with IndexStore.open(tmp_path, exact_limit=5) as reader:
            assert not seal_path(tmp_path / "vectors").exists()
            during = reader.dense_search(query, 5)
            assert reader._vectors._client is None
    assert damaged(tmp_path / "vectors") == []
    with IndexStore.open(tmp_path, exact_limit=5) as reader:
        assert reader.dense_search(query, 5) == during
        assert reader._vectors._client is not None


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9"
    with pytest.raises(StoreError, match=url):
        store = IndexStore.open(tmp_path, write=True, encoder=IDENTITY, chroma_url=url)
        try:
            store.put([letter(0)])
        finally:
            store.close()
    with IndexStore.open(tmp_path, write=True) as store:  # embedded after all
        hit = store.dense_search(ENCODER.encode([letter(0).passages[0].text])[0], 1)
        assert hit[0].passage_id == "d0#0"


def test_damaged_files_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "HNSW_SETTINGS", EAGER)
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY) as store:
        store.put([letter(n) for n in range(3)])
        store_id = store._catalogue.meta()["store_id"]
    (ids,) = (tmp_path / "vectors").rglob("index_metadata.pickle")
    ids.write_bytes(ids.read_bytes()[:40])
    index = VectorIndex(tmp_path, store_id, owner=True)
    with pytest.raises(StoreError, match="doctor --repair"), index.use(1):
        pass
    with IndexStore.open(tmp_path, exact_limit=2) as reader:
        hits = reader.dense_search(letter(1).vectors[2], 1)
        assert hits[0].passage_id == "d1#2"
