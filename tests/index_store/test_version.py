"""A store keeps the version of Fonds that made it."""

from __future__ import annotations

from pathlib import Path

from index_store.store import IndexStore
from rag.archive import Archive
from rag.settings import Settings
from rag.version import VERSION
from tests.faults.host import FailingEncoder
from tests.kits.store_kit import IDENTITY


def test_it_is_recorded_once(tmp_path: Path) -> None:
    IndexStore.open(tmp_path, write=True, encoder=IDENTITY, version="1.2").close()
    with IndexStore.open(tmp_path, write=True, encoder=IDENTITY, version="1.3") as store:
        assert store.manifest.version == "1.2"


def test_an_archive_records_its_own(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("The frost came early.", encoding="utf-8")
    with Archive(Settings(store=tmp_path / "store"), FailingEncoder()) as archive:
        archive.ingest([tmp_path / "letter.txt"])
        assert archive.store.manifest.version == VERSION
