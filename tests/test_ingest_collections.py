"""Files that belong together, and the languages of recognition, from one ingest to the next."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from rag import Archive
from rag.readers.scans import tesseract
from rag.readers.scans.unread import Scan
from rag.settings import Settings
from rag.types import IngestReport
from tests.kits.hashing import HashingEncoder
from tests.kits.pdf_kit import pdf, prose
from tests.kits.scan_kit import LETTER, drawn, need_tesseract, picture_pdf
from tests.readers.scans.test_collections import mets, v3, write_page


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(Settings(store=tmp_path / "store"), HashingEncoder())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "letters"
    path.mkdir()
    return path


def counts(report: IngestReport) -> tuple[int, ...]:
    return (report.added, report.updated, report.unchanged, report.removed, report.failed)


def ids(archive: Archive) -> list[str]:
    return sorted(document.document_id for document in archive.documents())


def with_pages(folder: Path) -> Path:
    """A METS file of two pages, the pages beside it; itself it is not written yet."""
    write_page(folder / "1.xml", "The harbour froze in January.")
    write_page(folder / "2.xml", "Captain Moor writes that bread is short.")
    return folder / "book.xml"


def test_a_mets_file_added_later_replaces_the_documents_of_its_pages(
    folder: Path, archive: Archive
) -> None:
    book = with_pages(folder)
    archive.ingest(folder)
    assert ids(archive) == ["1", "2"]
    book.write_text(mets([("", ["1.xml"]), ("", ["2.xml"])]))
    assert counts(archive.ingest(folder)) == (1, 0, 0, 2, 0)
    assert ids(archive) == ["book"]
    assert {h.document.document_id for h in archive.search("bread is short").hits} == {"book"}
    assert counts(archive.ingest(folder)) == (0, 0, 1, 0, 0)


def test_a_changed_page_updates_the_document(folder: Path, archive: Archive) -> None:
    book = with_pages(folder)
    book.write_text(mets([("", ["1.xml"]), ("", ["2.xml"])]))
    archive.ingest(folder)
    write_page(folder / "2.xml", "Captain Moor writes that coal has come.")
    assert counts(archive.ingest(folder)) == (0, 1, 0, 0, 0)
    assert archive.show("book").document.text.endswith("coal has come.")


def test_a_mets_file_removed_gives_its_pages_back(folder: Path, archive: Archive) -> None:
    book = with_pages(folder)
    book.write_text(mets([("", ["1.xml"]), ("", ["2.xml"])]))
    archive.ingest(folder)
    book.unlink()
    assert counts(archive.ingest(folder, prune=True)) == (2, 0, 0, 1, 0)
    assert ids(archive) == ["1", "2"]


def test_a_mets_file_that_cannot_be_read_takes_no_document_away(
    folder: Path, archive: Archive
) -> None:
    book = with_pages(folder)
    archive.ingest(folder)
    whole = mets([("", ["1.xml"]), ("", ["2.xml"])])
    book.write_text(whole.removesuffix("</mets>"))
    assert counts(archive.ingest(folder)) == (0, 0, 0, 0, 1)
    assert ids(archive) == ["1", "2"]
    book.write_text(whole)
    assert counts(archive.ingest(folder)) == (1, 0, 0, 2, 0)


def test_a_page_that_cannot_be_read_takes_no_document_away(folder: Path, archive: Archive) -> None:
    """Neither that of a transcription nor that of a picture."""
    need_tesseract()
    book = with_pages(folder)
    drawn(LETTER).save(folder / "3.png", dpi=(200, 200))
    archive.ingest(folder)
    assert ids(archive) == ["1", "2", "3"]
    whole = {name: (folder / name).read_bytes() for name in ("1.xml", "3.png")}
    for name, data in whole.items():
        (folder / name).write_bytes(data[: len(data) // 2])
    book.write_text(mets([("", [name]) for name in ("1.xml", "2.xml", "3.png")]))
    assert counts(archive.ingest(folder)) == (1, 0, 0, 1, 2)
    assert ids(archive) == ["1", "3", "book"]
    assert archive.search("harbour froze in January").hits[0].document.document_id == "1"
    for name, data in whole.items():
        (folder / name).write_bytes(data)
    assert counts(archive.ingest(folder)) == (0, 1, 0, 2, 0)
    assert ids(archive) == ["book"]


def test_a_manifest_leaves_other_letters_alone(folder: Path, archive: Archive) -> None:
    for n in range(4):
        write_page(folder / f"letter{n}.xml", f"Letter {n} about the harbour.")
    archive.ingest(folder)
    (folder / "manifest.json").write_text(json.dumps(v3(*"abcdefg")))
    assert counts(archive.ingest(folder)) == (0, 0, 4, 0, 1)
    assert len(ids(archive)) == 4


def test_a_manifest_added_to_pictures_and_a_picture_changed(folder: Path, archive: Archive) -> None:
    """Also where no pictures are kept, which are compared with their files."""
    need_tesseract()
    for name in ("a.png", "b.png"):
        drawn([f"This is leaf {name[0]} of the log book."]).save(folder / name, dpi=(200, 200))
    archive = Archive(replace(archive.settings, pictures=False), HashingEncoder())
    archive.ingest(folder)
    assert ids(archive) == ["a", "b"]
    (folder / "book.json").write_text(json.dumps(v3("a", "b")))
    assert counts(archive.ingest(folder)) == (1, 0, 0, 2, 0)
    assert counts(archive.ingest(folder)) == (0, 0, 1, 0, 0)
    drawn(LETTER).save(folder / "b.png", dpi=(200, 200))
    assert counts(archive.ingest(folder)) == (0, 1, 0, 0, 0)
    shown = archive.show("book").document
    assert shown.text.endswith("bread is short.")
    assert shown.title == "Letter to the harbour"


def test_pages_of_a_manifest_are_shown(folder: Path, archive: Archive) -> None:
    need_tesseract()
    for n, name in enumerate(("a.png", "b.png")):
        Image.new("L", (600, 400), 255 if n else 0).save(folder / name)
    drawn(LETTER).save(folder / "a.png", dpi=(200, 200))
    (folder / "book.json").write_text(json.dumps(v3("a", "b")))
    told: list[tuple[str, int, int]] = []
    archive.ingest(folder, pages=lambda path, done, of: told.append((path.name, done, of)))
    assert told == [("book.json", 1, 2), ("book.json", 2, 2)]
    pages = archive.store.pages("book")
    assert [page.label for page in pages] == ["f. 1r", "f. 2r"]
    assert all(page.picture and archive.store.has_picture(page.picture) for page in pages)


def test_pages_that_wait_for_tesseract(
    folder: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of their document is stored, once; they are read when it is installed."""
    need_tesseract()
    printed = pdf([prose(["The printed page."])])
    path = picture_pdf(folder / "a.pdf", [drawn(LETTER), printed])
    installed = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(folder))
    assert counts(archive.ingest(folder)) == (1, 0, 0, 0, 0)
    assert "page_not_read" in {w.code for w in archive.show("a").document.warnings}
    assert counts(archive.ingest(folder)) == (0, 0, 1, 0, 0)
    monkeypatch.setenv("PATH", installed)
    assert counts(archive.ingest(folder)) == (0, 1, 0, 0, 0)
    assert "harbour froze" in archive.show("a").document.text
    monkeypatch.setenv("PATH", str(path.parent))
    assert counts(archive.ingest(folder)) == (0, 0, 1, 0, 0), "what was read stays"


def test_other_languages_read_again_what_is_recognised(
    folder: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else: a PDF with text stays as it is stored, a text is not even read."""
    need_tesseract()
    drawn(LETTER).save(folder / "scan.png", dpi=(200, 200))
    drawn(LETTER).save(folder / "leaf.png", dpi=(200, 200))
    (folder / "book.xml").write_text(mets([("", ["leaf.png"])]))
    (folder / "printed.pdf").write_bytes(pdf([prose(LETTER)]))
    (folder / "note.txt").write_text("A note about coal.")
    assert counts(archive.ingest(folder)) == (4, 0, 0, 0, 0)
    asked: list[tuple[str, ...]] = []
    table = tesseract.Tesseract.table

    def counted(self: tesseract.Tesseract, scan: Scan, names: tuple[str, ...]) -> str:
        asked.append(names)
        return table(self, scan, names)

    monkeypatch.setattr(tesseract.Tesseract, "table", counted)
    archive = Archive(replace(archive.settings, ocr_languages="eng"), HashingEncoder())
    assert counts(archive.ingest(folder)) == (0, 2, 2, 0, 0)
    assert set(asked) == {("eng",)}
    for name in ("scan", "book"):
        assert archive.show(name).document.extra["recognised_by"].endswith("(eng)")
    assert counts(archive.ingest(folder)) == (0, 0, 4, 0, 0)
    (folder / "scan.png.meta.yaml").write_text("ocr_languages: rus\n")
    assert counts(archive.ingest(folder)) == (0, 1, 3, 0, 0)
    assert asked[-1] == ("rus",)
