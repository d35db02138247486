"""The vector file of a whole store: written by writers, read where nothing can be written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from index_store import store as stores
from index_store.catalogue import cache
from index_store.errors import StoreError
from index_store.store import IndexStore
from index_store.types import Filter, Scored
from index_store.vectors import exact, vector_file
from index_store.vectors.vector_file import VectorFile
from tests.kits.store_kit import ENCODER, IDENTITY, letter

FILTERS = (
    Filter(),
    Filter(lang="ru"),
    Filter(kind="original"),
    Filter(date_from="1930-01-01", lang="en"),
    Filter(collections=("Papers",), lang="en", exclude=("d3",)),
)


@pytest.fixture(autouse=True)
def _first_stage_also_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_DIRECTLY", 0)


def writer(directory: Path, with_chroma: bool = False) -> IndexStore:
    return IndexStore.open(directory, write=True, encoder=IDENTITY, with_chroma=with_chroma)


def answers(store: IndexStore) -> list[list[Scored]]:
    queries = ENCODER.encode_queries(["grain and frost", "посол и мороз", "canal lantern"])
    return [store.dense_search(query, 7, filter) for query in queries for filter in FILTERS]


def is_mapped(store: IndexStore) -> bool:
    return store._search._matrix._header is not None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with writer(tmp_path / "store") as store:
        store.put([letter(n) for n in range(40)])
    return tmp_path / "store"


def test_a_closed_writer_leaves_a_file_that_readers_map(folder: Path) -> None:
    with IndexStore.open(folder) as reader:
        found = answers(reader)
        assert is_mapped(reader)
    shutil.rmtree(folder / "matrix")
    with IndexStore.open(folder) as reader:
        assert answers(reader) == found
        assert not is_mapped(reader)
    with writer(folder) as store:
        assert answers(store) == found
        assert is_mapped(store)


def test_readers_follow_a_writer_whose_file_lags(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = VectorFile.follow
    with IndexStore.open(folder) as reader, writer(folder) as store:
        answers(reader)
        for n in range(3):
            store.put([letter(n, seed=1), letter(100 + n)])
            store.delete([f"d{20 + n}"])
            assert answers(reader) == answers(store)
        calls: list[int] = []

        def counted(self: VectorFile, catalogue: object) -> None:
            calls.append(1)
            follow(self, catalogue)  # type: ignore[arg-type]

        monkeypatch.setattr(stores, "_MAX_UNMAPPED", 5)
        monkeypatch.setattr(VectorFile, "follow", counted)
        store.put([letter(200), letter(201)])
        assert calls == [1]  # many have changed: the file is brought up at once
        assert answers(reader) == answers(store)
    with IndexStore.open(folder) as reader:
        found = answers(reader)
        assert is_mapped(reader)
        assert VectorFile(folder, reader._search.vector_file.store, IDENTITY.dimension).faults(
            reader._catalogue
        ) == []  # fmt: skip
    shutil.rmtree(folder / "matrix")
    with IndexStore.open(folder) as reader:
        assert answers(reader) == found


def test_chroma_gets_what_was_left_out(folder: Path) -> None:
    assert not (folder / "vectors").exists()
    with writer(folder) as store:
        store.put([letter(50)])
    assert not (folder / "vectors").exists()
    with (
        writer(folder, with_chroma=True) as store,
        store._vectors.use(store._catalogue.generation()) as rows,
    ):
        assert len(rows) == len(store) == 41 * 3
    with IndexStore.open(folder, exact_limit=1) as proposed, IndexStore.open(folder) as every:
        query = ENCODER.encode_queries(["grain and frost"])[0]
        assert proposed.dense_search(query, 7) == every.dense_search(query, 7)


def test_a_disk_that_is_full_fails_the_writer_and_not_the_documents(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    store = writer(folder)
    store.put([letter(60)])
    with monkeypatch.context() as patch:
        patch.setattr(vector_file, "_to_disk", full)
        with pytest.raises(StoreError, match="what was committed is safe"):
            store.close()
    with IndexStore.open(folder) as reader:
        found = answers(reader)
        assert len(reader) == 41 * 3
    with writer(folder) as again:
        assert answers(again) == found


def test_a_reader_writes_nothing(folder: Path) -> None:
    with writer(folder) as store:
        before = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in store_files(folder)}
        store.put([letter(70)])  # the file lags now
        with IndexStore.open(folder) as reader:
            assert answers(reader) == answers(store)
            assert is_mapped(reader)
        after = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in store_files(folder)}
        assert after == before


def store_files(folder: Path) -> list[Path]:
    return sorted((folder / "matrix").iterdir())


@pytest.mark.parametrize("named", ["header.json", "1.rows", "1.codes"])
def test_what_cannot_be_read_is_taken_from_the_catalogue(
    folder: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IndexStore.open(folder) as reader:
        found = answers(reader)
    opened, stat = Path.open, Path.stat

    def refused(self: Path, *given: object, **more: object) -> object:
        if self.name == named:
            raise PermissionError(13, "Permission denied")
        return opened(self, *given, **more)  # type: ignore[call-overload]

    def unseen(self: Path, **more: bool) -> os.stat_result:
        if self.name == named:
            raise PermissionError(13, "Permission denied")
        return stat(self, **more)

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "stat", unseen)
    with IndexStore.open(folder) as reader:
        assert answers(reader) == found
        assert not is_mapped(reader)


def test_large_tables_are_named_row_by_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with IndexStore.open(folder) as reader:
        found = answers(reader)
        words = reader.lexical_search("grain frost", 9)
    monkeypatch.setattr(cache, "MAX_CACHED_IDS", 10)
    with writer(folder) as store:
        assert answers(store) == found
        assert store.lexical_search("grain frost", 9) == words
        gone = found[0][0].passage_id.partition("#")[0]
        store.delete([gone])
        assert not any(
            hit.passage_id.startswith(f"{gone}#") for hits in answers(store) for hit in hits
        )


def test_the_last_used_filters_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MAX_FILTERS", 2)
    with IndexStore.open(folder) as reader:
        for filter in FILTERS * 2:
            expected = [d.document_id for d in reader.documents(filter)]
            assert reader.matching(filter) == len(expected)
            assert reader.document_ids(filter) == sorted(expected)
            assert reader.size(filter, level="document") == len(expected)
            assert reader.size(filter) == 3 * len(expected)
