"""The archive that is served: loading files, the sample, counting again after a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.errors import FondsError, StoreError, UsageError
from rag.types import IngestReport
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import LINDQVIST, TAME
from ui_assets.session.served_archive import EmptyArchive, ServedArchive


def test_files_go_into_the_users_archive_and_never_into_the_sample(tmp_path: Path) -> None:
    sample, own = FakeArchive(TAME), FakeArchive({})
    served = ServedArchive(sample, sample=True, own=lambda: own, uploads=tmp_path / "kept")
    (tmp_path / "a.txt").write_text("A letter.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\0", encoding="utf-8")
    *steps, report = served.load([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert steps == [(1, 2), (2, 2)]
    assert isinstance(report, IngestReport) and len(report.failures) == 1
    assert served.archive is own and not served.sample and set(own.stored) == {"a"}
    assert set(sample.stored) == set(TAME) and (tmp_path / "kept" / "a.txt").is_file()


def test_the_sample_stays_if_nothing_was_loaded(tmp_path: Path) -> None:
    served = ServedArchive(
        FakeArchive(TAME), sample=True, own=lambda: FakeArchive({}), uploads=tmp_path / "kept"
    )
    (tmp_path / "b.txt").write_text("\0", encoding="utf-8")
    list(served.load([tmp_path / "b.txt"]))
    assert served.sample
    with pytest.raises(FondsError, match=r"gone\.txt cannot be saved"):
        list(served.load([tmp_path / "gone.txt"]))
    running = served.load([tmp_path / "b.txt"])
    next(running)
    with pytest.raises(UsageError, match="already"):
        list(served.load([tmp_path / "b.txt"]))
    list(running)
    with pytest.raises(UsageError, match="accepts no files"):
        list(ServedArchive(FakeArchive(TAME)).load([]))


def test_an_error_of_ingest_is_raised(tmp_path: Path) -> None:
    class Full(FakeArchive):
        def ingest(self, paths: Any, *, progress: Any = None) -> IngestReport:
            raise StoreError("the disk is full")

    (tmp_path / "a.txt").write_text("A letter.", encoding="utf-8")
    with pytest.raises(StoreError, match="disk is full"):
        list(ServedArchive(Full(TAME), uploads=tmp_path / "kept").load([tmp_path / "a.txt"]))


def held(served: ServedArchive) -> int:
    """How many documents the catalogue has."""
    return len(served.catalogue.facets.documents)


def test_the_sample_can_replace_an_empty_store() -> None:
    served = ServedArchive(EmptyArchive(FakeArchive({})), sample_archive=lambda: FakeArchive(TAME))
    assert served.can_open_sample and held(served) == 0
    served.open_sample()
    assert served.sample and held(served) == 3
    full = ServedArchive(FakeArchive(TAME), sample_archive=lambda: FakeArchive({}))
    full.open_sample()
    assert not full.sample and held(full) == 3


def test_facets_are_counted_again_when_the_store_has_changed(archive: FakeArchive) -> None:
    served = ServedArchive(archive)
    assert held(served) == 3
    assert [d.document_id for d in served.catalogue.versions(LINDQVIST)] == ["lindqvist-ru"]
    del archive.stored["lindqvist-ru"]
    assert held(served) == 2
    assert served.catalogue.versions(LINDQVIST) == []
