"""Backup during writes, restore elsewhere, and what is refused."""

from __future__ import annotations

import json
import threading
import zipfile
from pathlib import Path

import pytest

from index_store.errors import StoreCorrupt, StoreError
from index_store.maintenance import doctor
from index_store.maintenance.backup import backup, restore
from index_store.store import IndexStore
from tests.kits.store_kit import ENCODER, IDENTITY, letter


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made")
    with IndexStore.open(directory, write=True, encoder=IDENTITY) as store:
        store.put([letter(n) for n in range(10)])
    return directory


def test_restored_elsewhere_it_gives_the_same_answers(made: Path, tmp_path: Path) -> None:
    backup(made, tmp_path / "copy.zip")
    restore(tmp_path / "copy.zip", tmp_path / "new" / "store")
    assert doctor.check(tmp_path / "new" / "store").sound
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["store"]
    query = "frost гавань ledger"
    with IndexStore.open(made) as one, IndexStore.open(tmp_path / "new" / "store") as two:
        assert one.sha256() == two.sha256() and one.manifest == two.manifest
        vector = ENCODER.encode([query])[0]
        assert one.dense_search(vector, 9) == two.dense_search(vector, 9)
        assert one.lexical_search(query, 9) == two.lexical_search(query, 9)
        # two copies must not share one collection of a Chroma server
        assert one._vectors.name != two._vectors.name


def test_a_backup_during_writes_is_one_state(tmp_path: Path) -> None:
    seen = []
    with IndexStore.open(tmp_path / "store", write=True, encoder=IDENTITY) as store:
        store.put([letter(0, seed=1), letter(1, seed=1)])

        def take() -> None:
            for n in range(4):
                backup(tmp_path / "store", tmp_path / f"{n}.zip")
                seen.append(n)

        thread = threading.Thread(target=take)
        thread.start()
        seed = 1
        while thread.is_alive():
            seed += 1
            store.put([letter(0, seed=seed), letter(1, seed=seed)])
        thread.join()
    assert seen == [0, 1, 2, 3]
    restore(tmp_path / "3.zip", tmp_path / "new")
    with IndexStore.open(tmp_path / "new") as store:
        marks = {passage.text.split("mark")[1].split("x")[0] for d in ("d0", "d1")
                 for passage in store.passages(d)}  # fmt: skip
        assert len(marks) == 1
        assert len(store.lexical_search(f"mark{marks.pop()}x0x0", 3)) == 1


def test_what_is_refused_leaves_everything_as_it_was(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    with pytest.raises(StoreError, match="no store"):
        backup(tmp_path / "none", copy)
    backup(made, copy)
    with pytest.raises(StoreError, match="exists"):
        backup(made, copy)
    with pytest.raises(StoreError, match="not empty"):
        restore(copy, made)
    (tmp_path / "text.zip").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("../outside", "x")
    with zipfile.ZipFile(copy) as whole, zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("manifest.json", whole.read("manifest.json"))
        content = bytearray(whole.read("catalogue.sqlite3"))
        content[len(content) // 2] ^= 1
        archive.writestr("catalogue.sqlite3", bytes(content))
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as archive:
        newer = {"format": 2, "files": {"catalogue.sqlite3": ""}}
        archive.writestr("manifest.json", json.dumps(newer))
    before = sorted(tmp_path.iterdir())
    for name, error, message in (
        ("text.zip", StoreError, "backup"),
        ("other.zip", StoreError, "not a backup"),
        ("newer.zip", StoreError, "newer"),
        ("bad.zip", StoreCorrupt, "damaged"),
        ("none.zip", StoreError, "none.zip"),
    ):
        with pytest.raises(error, match=message):
            restore(tmp_path / name, tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == before
