"""Pictures of pages in an ingest: made once, told of when they cannot be, kept only if wanted."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from index_store.layout import Layout, Page, WordBox
from index_store.types import Document
from rag import Archive
from rag.errors import NotStored, ReadError
from rag.page_pictures import CODE, WIDTHS, _file_of
from rag.readers.sandbox import ParserSandbox
from rag.settings import Settings
from tests.kits.hashing import HashingEncoder
from tests.kits.pdf_kit import pdf, prose

LETTER = ("The keeper writes that the fog came in before noon and", "stayed for two days.")
Calls = list[tuple[str, int]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "fog.pdf").write_bytes(pdf([prose(LETTER), prose(LETTER[1:])]))
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    """The pictures that were asked of the child process."""
    calls: Calls = []
    real = ParserSandbox.pictures

    def pictures(
        self: ParserSandbox, path: Path, frame: int, widths: tuple[int, int], upright: bool
    ) -> tuple[bytes, bytes]:
        calls.append((path.name, frame))
        return real(self, path, frame, widths, upright)

    monkeypatch.setattr(ParserSandbox, "pictures", pictures)
    yield calls


def archive(folder: Path, pictures: bool = True) -> Archive:
    settings = Settings(store=folder / "store", pictures=pictures)
    return Archive(settings, HashingEncoder(dimension=16))


def ingested(folder: Path, pictures: bool = True) -> tuple[int, int, int]:
    """Documents added, updated, unchanged."""
    with archive(folder, pictures) as opened:
        report = opened.ingest([folder / "letters"])
    assert not report.failures
    return report.added, report.updated, report.unchanged


def names(folder: Path) -> list[str | None]:
    with archive(folder) as opened:
        return [page.picture for page in opened.pages("fog")]


def test_each_page_has_a_picture_that_is_made_once(folder: Path, asked: Calls) -> None:
    assert ingested(folder) == (1, 0, 0)
    assert asked == [("fog.pdf", 0), ("fog.pdf", 1)]
    with archive(folder) as opened:
        for number, page in enumerate(opened.pages("fog"), 1):
            assert page.picture and opened.page("fog", number).page == page
            for large, width in enumerate(WIDTHS):
                file = folder / "page"
                file.write_bytes(opened.picture(page.picture, bool(large)))
                with Image.open(file) as picture:
                    assert picture.width == width
                    assert picture.height / picture.width == pytest.approx(842 / 595, abs=0.01)
    before = names(folder)
    assert ingested(folder) == (0, 0, 1)
    (folder / "letters" / "fog.pdf.meta.yaml").write_text("author: A. Moor\n")
    assert ingested(folder) == (0, 1, 0), "other metadata, the same pictures"
    assert len(asked) == 2 and names(folder) == before


def test_lost_pictures_are_made_again(folder: Path, asked: Calls) -> None:
    ingested(folder)
    shutil.rmtree(folder / "store" / "pictures")
    assert ingested(folder) == (0, 1, 0)
    assert len(asked) == 4
    with archive(folder) as opened:
        assert all(page.picture and opened.picture(page.picture) for page in opened.pages("fog"))


def test_a_damaged_layout_is_written_anew(folder: Path) -> None:
    ingested(folder)
    with closing(sqlite3.connect(folder / "store" / "catalogue.sqlite3")) as connection:
        connection.execute("UPDATE layouts SET pages = zeroblob(9)")
        connection.commit()
    assert ingested(folder, pictures=False) == (0, 1, 0)
    with archive(folder) as opened:
        assert opened.search("fog").hits[0].regions


def test_pictures_go_with_their_documents(folder: Path) -> None:
    ingested(folder)
    (folder / "letters" / "fog.pdf").write_bytes(pdf([prose(LETTER[1:])]))
    assert ingested(folder) == (0, 1, 0)
    (name,) = names(folder)
    kept = {path.name.partition(".")[0] for path in (folder / "store" / "pictures").glob("*/*")}
    assert kept == {name}
    with archive(folder) as opened:
        with pytest.raises(NotStored, match=r"it has 1 page$"):
            opened.page("fog", 2)
        opened.remove("fog")
    assert not list((folder / "store" / "pictures").glob("*/*"))


def test_what_an_ingest_that_was_cut_off_left_is_swept(folder: Path) -> None:
    ingested(folder)
    left = folder / "store" / "pictures" / "ab" / f"{'ab' * 32}.jpg"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"left")
    assert ingested(folder) == (0, 0, 1)
    assert not left.exists() and all(names(folder))


def test_none_are_kept_where_they_are_not_wanted(folder: Path, asked: Calls) -> None:
    assert ingested(folder, pictures=False) == (1, 0, 0)
    assert ingested(folder, pictures=False) == (0, 0, 1)
    assert names(folder) == [None, None] and not asked
    assert ingested(folder) == (0, 1, 0), "wanted now"
    assert all(names(folder))


def test_a_page_without_a_picture_is_told_of_and_not_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Calls = []

    def pictures(*asked: object) -> tuple[bytes, bytes]:
        calls.append(("", int(str(asked[2]))))
        raise ReadError("too large; save it smaller")

    monkeypatch.setattr(ParserSandbox, "pictures", pictures)
    (folder / "letters" / "fog.pdf").write_bytes(pdf([prose(LETTER)] * 6))
    for expected in ((1, 0, 0), (0, 0, 1)):
        assert ingested(folder) == expected
    assert [frame for _, frame in calls] == [0, 1, 2], "the rest of a broken file is not tried"
    with archive(folder) as opened:
        (told,) = (w for w in opened.show("fog").document.warnings if w.code == CODE)
        assert told.message == "no picture of pages 1, 2, 3, 4, 5 …: too large; save it smaller"
        assert opened.search("fog").hits[0].regions
        assert names(folder) == [None] * 6


def test_places_that_cannot_be_are_a_failure_of_their_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ParserSandbox.read

    def read(self: ParserSandbox, format_name: str, path: Path) -> list[Any]:
        (document,) = real(self, format_name, path)
        assert isinstance(document, Document)
        words = (WordBox(0, 10**6, 0, 0.1, 0.1, 0.1, 0.1),)
        layout = Layout((Page("1", 5, 8),), words if path.name == "fog.pdf" else ())
        return [replace(document, layout=layout)]

    monkeypatch.setattr(ParserSandbox, "read", read)
    (folder / "letters" / "sound.pdf").write_bytes(pdf([prose(LETTER)]))
    with archive(folder) as opened:
        report = opened.ingest([folder / "letters"])
        (failure,) = report.failures
        assert failure.path.endswith("fog.pdf") and "places of its words" in failure.error
        assert [d.document_id for d in opened.documents()] == ["sound"]


def test_a_picture_lies_beside_its_file_or_one_folder_up(tmp_path: Path) -> None:
    own = tmp_path / "archive" / "page" / "1.xml"
    own.parent.mkdir(parents=True)
    for file in ("scan.tif", "../scan.tif", "../images/1.tif"):
        path = own.parent / file
        path.resolve().parent.mkdir(exist_ok=True)
        path.resolve().write_bytes(b"x")
        assert _file_of(Page("1", 1, 1, file), own).read_bytes() == b"x"
    (tmp_path / "secret.png").write_bytes(b"x")
    (own.parent / "link.png").symlink_to(tmp_path / "secret.png")
    for file in ("../../secret.png", str(tmp_path / "secret.png"), "link.png"):
        with pytest.raises(ReadError, match="another folder"):
            _file_of(Page("1", 1, 1, file), own)
    with pytest.raises(ReadError, match="missing"):
        _file_of(Page("1", 1, 1, "none.tif"), own)
