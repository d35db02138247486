"""What a reader keeps between questions follows the catalogue, also where an index lags."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import Timeout

from index_store import follower, sync
from index_store.catalogue.connection import Place
from index_store.catalogue.reading import Catalogue
from index_store.errors import StoreError
from index_store.follower import Follower
from index_store.lexical_index import LexicalIndex
from index_store.lexical_schema import IndexEntry
from index_store.maintenance import doctor
from index_store.opening import unseal
from index_store.store import IndexStore
from index_store.types import DocumentWarning
from index_store.vectors.vector_file import VectorFile
from tests.index_store.test_postgres import opened, within
from tests.kits.postgres_kit import PostgresServer
from tests.kits.store_kit import ENCODER, IDENTITY, entry, letter


def writer(folder: Path, with_chroma: bool = False) -> IndexStore:
    return IndexStore.open(folder, write=True, encoder=IDENTITY, with_chroma=with_chroma)


def test_chroma_proposes_nothing_while_it_is_behind(tmp_path: Path) -> None:
    with writer(tmp_path, with_chroma=True) as store:
        store.put([letter(n) for n in range(80)])
    new = ENCODER.encode(["grain and frost"])[0]
    with writer(tmp_path) as store:  # which leaves Chroma out
        store.put([entry("new", "grain and frost")])
    with IndexStore.open(tmp_path, exact_limit=1) as reader:
        assert reader.dense_search(new, 1)[0].passage_id == "new#0"
    with writer(tmp_path, with_chroma=True):
        pass
    with IndexStore.open(tmp_path, exact_limit=1) as reader:
        assert reader.dense_search(new, 1)[0].passage_id == "new#0"


def test_stems_are_looked_up_again_when_the_word_index_has_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer(tmp_path) as store:
        store.put([entry("a", "harbour")])
        with IndexStore.open(tmp_path) as reader:
            asked = []
            apply = sync.apply_lexical

            def lagging(*given: object) -> None:
                asked.append((reader.stems_from("zebra"), reader.near_stems()))  # after the commit
                apply(*given)  # type: ignore[arg-type]

            monkeypatch.setattr(sync, "apply_lexical", lagging)
            noise = DocumentWarning("ocr_noise", "hardly legible")
            store.put([entry("b", "zebra", warnings=(noise,))])
            assert asked[0] == ([], None)
            assert reader.stems_from("zebra") == ["zebra"]
            near = reader.near_stems()
            assert near is not None and near.near("zebr", 1) == {"zebra": 1}


def test_a_fault_does_not_hide_a_new_quotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer(tmp_path) as store, IndexStore.open(tmp_path) as reader:
        store.put([entry("a", "frost on the canal")])
        assert reader.containing("frostonthecanal") == ["a"]
        store.put([entry("b", "the envoy left")])

        def lost(*_: object) -> None:
            raise StoreError("the connection was lost")

        with monkeypatch.context() as patch:
            patch.setattr(Catalogue, "keys_after", lost)
            with pytest.raises(StoreError, match="lost"):
                reader.containing("theenvoyleft")
        assert reader.containing("theenvoyleft") == ["b"]


def test_words_with_a_capital_are_read_from_new_texts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    texts_after = Catalogue.texts_after

    def counted(self: Catalogue, row: int) -> Iterator[tuple[int, str]]:
        for found in texts_after(self, row):
            read.append(found[0])
            yield found

    monkeypatch.setattr(Catalogue, "texts_after", counted)
    with writer(tmp_path) as store, IndexStore.open(tmp_path) as reader:
        store.put([entry("a", "Berg met the envoy"), entry("b", "a letter to Dahl")])
        assert reader.capitalised() == {"Berg", "Dahl"} and len(read) == 2
        store.put([entry("c", "Berg and Somov")])
        store.delete(["b"])
        assert reader.capitalised() == {"Berg", "Dahl", "Somov"} and len(read) == 3
        assert reader.capitalised() is reader.capitalised() and len(read) == 3


def test_a_position_that_cannot_be_noted_is_told(tmp_path: Path) -> None:
    with writer(tmp_path) as store:
        (tmp_path / "positions.new").mkdir()
        with pytest.raises(StoreError, match="what was committed is safe"):
            store.put([entry("a", "frost on the canal")])
        (tmp_path / "positions.new").rmdir()
        store.put([entry("b", "the envoy left")])
        assert [hit.passage_id for hit in store.lexical_search("canal", 3)] == ["a#0"]


# -- a front end ------------------------------------------------------------------------------


def test_a_folder_that_another_process_follows_is_no_fault(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "SECONDS", 0.05)
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as store:
        store.put([letter(1)])
        with opened(tmp_path / "front", server) as front:
            tried: list[bool] = []
            catch_up = Follower.catch_up

            def noted(self: Follower, wait: float | None = 0.0) -> bool:
                tried.append(catch_up(self, wait))
                return tried[-1]

            monkeypatch.setattr(Follower, "catch_up", noted)
            with follower.indexes_to_itself(tmp_path / "front"):
                store.put([letter(2)])
                within(5, lambda: False in tried)
                time.sleep(0.2)
                assert "fault" not in front.info()
            within(5, lambda: bool(front.lexical_search("mark0x2x0", 1)))


def test_what_is_behind_is_told_while_the_indexes_are_built(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    with opened(tmp_path / "one", server, write=True) as store:
        store.put([letter(1)])
        with opened(tmp_path / "front", server) as front:
            begun, go_on = threading.Event(), threading.Event()
            entries = sync.entries

            def slow(*given: object) -> Iterator[object]:
                begun.set()
                assert go_on.wait(20)
                yield from entries(*given)  # type: ignore[arg-type]

            with monkeypatch.context() as patch:
                patch.setattr(sync, "entries", slow)
                patch.setattr(store, "_apply", lambda: None)
                store.put([letter(2), letter(3)])
                try:
                    assert begun.wait(10)
                    started = time.monotonic()
                    assert front.info()["behind"] == 2
                    assert time.monotonic() - started < 5
                finally:
                    go_on.set()
            within(5, lambda: front.info()["behind"] == 0)


def test_a_fault_while_entries_are_read_leaves_the_index_to_be_written(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words", create=True)

    def lost() -> Iterator[IndexEntry]:
        yield IndexEntry(2, "canal", "", letter(2).document)
        raise StoreError("the connection was lost")

    faults = []
    try:
        index.update([], lost())
    except StoreError as error:
        faults.append(error)  # with its traceback, as a follower keeps it
    document = letter(1).document
    index.update([], [IndexEntry(1, "frost", "", document)])
    assert faults and index.rows() == [1]


# -- a folder that readers may not write in ---------------------------------------------------


def test_only_a_disk_that_is_mounted_read_only_never_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader without the right to write in the folder sees what others write there."""
    with writer(tmp_path) as store:
        store.put([letter(1)])
    monkeypatch.setattr(os, "access", lambda *_: False)
    with IndexStore.open(tmp_path) as reader:
        assert len(reader.documents()) == 1
        with writer(tmp_path) as store:
            store.put([letter(2)])
        assert len(reader.documents()) == 2


def test_a_store_on_a_disk_that_is_mounted_read_only(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20M", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here: it takes root")
    try:
        with writer(disk / "store") as store:
            store.put([letter(1)])
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        catalogue = Catalogue(Place(disk / "store"))
        assert catalogue.document("d1") == letter(1).document
        catalogue.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # the mapped files may be open


def test_what_a_follower_may_change_is_changed_with_the_folder_to_oneself(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.catalogue()
    folder = tmp_path / "one"
    with opened(folder, server, write=True) as store:
        store.put([letter(1)])
    alone: dict[str, bool] = {}

    def noting(name: str, call: Callable[..., None]) -> Callable[..., None]:
        def noted(*given: object) -> None:
            try:
                with follower.indexes_to_itself(folder, 0):
                    alone[name] = False
            except Timeout:
                alone[name] = True
            call(*given)

        return noted

    monkeypatch.setattr("index_store.store.unseal", noting("unseal", unseal))
    monkeypatch.setattr(VectorFile, "rebuild", noting("rebuild", VectorFile.rebuild))
    opened(folder, server, write=True).close()
    (folder / "matrix" / "header.json").write_text("{}")
    assert doctor.repair(folder, None, server).sound
    assert alone == {"unseal": True, "rebuild": True}
