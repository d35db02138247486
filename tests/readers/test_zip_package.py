"""DOCX (written by python-docx) and EPUB (written here): text, titles, notes, pages, refusals."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from rag.readers.sandbox import ParserSandbox
from tests.kits.reading_kit import document, failure
from tests.kits.zip_kit import W, word, zipped


def test_docx(tmp_path: Path, sandbox: ParserSandbox) -> None:
    made = docx.Document()
    made.core_properties.author = "typist"
    made.add_heading("Report of the station", 1)
    paragraph = made.add_paragraph("The coal is ")
    paragraph.add_run("short").bold = True
    paragraph.add_run(" №\u00a05.\tSigned:\nA. Moor")
    made.add_paragraph("")
    made.add_paragraph("Dogs: 12", style="List Bullet")
    table = made.add_table(2, 2)
    for cell, words in zip(table._cells, ("ship", "coal", "Gagara", "30 t"), strict=True):
        cell.text = words
    made.add_paragraph("Угля нет.")
    made.save(str(tmp_path / "report.docx"))
    found = document(tmp_path / "report.docx", sandbox=sandbox)
    assert found.text == (
        "Report of the station\n\nThe coal is short №\u00a05.\tSigned:\nA. Moor\n\nDogs: 12\n\n"
        "ship\tcoal\nGagara\t30 t\n\nУгля нет."
    )
    assert (found.document_id, found.title) == ("report", "Report of the station")
    assert (found.author, found.lang, found.extra) == (None, "en", {})


def test_docx_title_from_its_properties(tmp_path: Path, sandbox: ParserSandbox) -> None:
    made = docx.Document()
    made.core_properties.title = "Отчёт станции"
    made.add_paragraph("Угля нет.")
    made.save(str(tmp_path / "a.docx"))
    assert document(tmp_path / "a.docx", sandbox=sandbox).title == "Отчёт станции"


def test_docx_with_tracked_changes_and_notes(tmp_path: Path, sandbox: ParserSandbox) -> None:
    body = (
        "<w:p><w:r><w:t>Twelve </w:t></w:r><w:del><w:r><w:delText>cats</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>dogs</w:t></w:r></w:ins><w:r><w:footnoteReference w:id='2'/></w:r>"
        "<w:r><w:br w:type='page'/><w:t xml:space='preserve'> left.</w:t></w:r>"
        "<w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a frame.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    notes = (
        f"<w:footnotes {W}><w:footnote w:type='separator'><w:p/></w:footnote>"
        "<w:footnote w:id='2'><w:p><w:r><w:t>Of the second team.</w:t></w:r></w:p></w:footnote>"
        "</w:footnotes>"
    )
    found = document(word(tmp_path / "a.docx", body, footnotes=notes), sandbox=sandbox)
    assert found.text == "Twelve dogs left.\n\nIn a frame."
    assert found.extra == {"notes": [{"n": "1", "text": "Of the second team."}]}


BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    ),
    "OPS/book.opf": """<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Letters of a Keeper</dc:title><dc:creator id="c1">A. Moor</dc:creator>
<dc:creator id="c2">Someone Else</dc:creator>
<meta refines="#c2" property="role">ill</meta>
<dc:contributor id="c3">B. Low</dc:contributor><meta refines="#c3" property="role">trl</meta>
<dc:language>en-GB</dc:language><dc:date>1999</dc:date><dc:source>Riga, 1931.</dc:source>
</metadata><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="ch%202.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="map" href="map.png" media-type="image/png"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="map"/><itemref idref="two"/>
</spine></package>""",
    "OPS/nav.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><nav>Contents</nav></html>",
    "OPS/text/one.xhtml": """<?xml version="1.0"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title/><script src="x.js"/></head><body><h1>First&nbsp;year</h1>
<p><span epub:type="pagebreak" id="p7" title="7"/>The fog came in
before noon.</p><p>It stayed for <a id="x"/>two <span role="doc-pagebreak" aria-label="8"/>days.
</p></body></html>""",
    "OPS/ch 2.xhtml": "<html><body><p>Not well formed<br>but read.</body></html>",
}


def test_epub(tmp_path: Path, sandbox: ParserSandbox) -> None:
    found = document(zipped(tmp_path / "book.epub", BOOK), sandbox=sandbox)
    assert found.text == (
        "First\u00a0year\n\nThe fog came in before noon.\n\nIt stayed for two days.\n\n"
        "Not well formed\nbut read."
    )
    assert found.pages == ((found.text.index("The fog"), "7"), (found.text.index("days"), "8"))
    assert (found.title, found.author, found.lang) == ("Letters of a Keeper", "A. Moor", "en")
    assert (found.kind, found.translator) == ("translation", "human")
    assert (found.source, found.date) == ("Riga, 1931", None)
    assert found.extra == {"translator": "B. Low", "published": "1999"}


def test_epub_of_pictures_and_epub_under_lock(tmp_path: Path, sandbox: ParserSandbox) -> None:
    pictures = {**BOOK, "OPS/text/one.xhtml": "<p/>", "OPS/ch 2.xhtml": "<p/>"}
    assert "OCR" in failure(zipped(tmp_path / "a.epub", pictures), sandbox=sandbox).error
    locked: dict[str, str | bytes] = {**BOOK, "META-INF/encryption.xml": "<encryption/>"}
    locked["OPS/text/one.xhtml"] = bytes(range(128, 256)) * 20
    assert "digital lock" in failure(zipped(tmp_path / "b.epub", locked), sandbox=sandbox).error
    missing = {k: v for k, v in BOOK.items() if k != "OPS/ch 2.xhtml"}
    assert (
        "'OPS/ch 2.xhtml' is missing"
        in failure(zipped(tmp_path / "c.epub", missing), sandbox=sandbox).error
    )


@pytest.mark.parametrize(
    ("parts", "cause"),
    [
        ({"letter.txt": "words"}, "a ZIP archive; unpack it"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "OpenDocument; save it as DOCX"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"}, "not a text document"),
        ({"META-INF/container.xml": "<container/>"}, "names no package file"),
    ],
)
def test_other_archives(
    tmp_path: Path, sandbox: ParserSandbox, parts: dict[str, str], cause: str
) -> None:
    assert cause in failure(zipped(tmp_path / "a.docx", parts), sandbox=sandbox).error


def test_damaged_docx(tmp_path: Path, sandbox: ParserSandbox) -> None:
    made = io.BytesIO()
    docx.Document().save(made)
    path = tmp_path / "a.docx"
    path.write_bytes(made.getvalue())
    assert "no text in the document" in failure(path, sandbox=sandbox).error
    path.write_bytes(made.getvalue()[:-200])
    assert "damaged ZIP archive" in failure(path, sandbox=sandbox).error
    damaged = bytearray(word(path, "<w:p>" * 3).read_bytes())
    at = bytes(damaged).index(b"word/document2.xml") + 30
    damaged[at : at + 10] = b"\xff" * 10
    path.write_bytes(damaged)
    assert "is damaged" in failure(path, sandbox=sandbox).error
