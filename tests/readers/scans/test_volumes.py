"""Pictures that a METS file or a manifest names, read by the real Tesseract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from index_store.types import Document
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans.recognition import Recogniser
from rag.types import Failure
from tests.kits.reading_kit import document, failure
from tests.kits.scan_kit import LETTER, drawn, need_tesseract
from tests.kits.scan_kit import ПИСЬМО as RUSSIAN
from tests.readers.scans.test_collections import MODS, ingested, mets, v3, write_page
from tests.readers.scans.written import page_xml, sheet


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    need_tesseract()


def save(path: Path, *lines: str) -> None:
    drawn(lines).save(path, dpi=(200, 200))


def files(found: Document) -> list[tuple[str, str | None, int]]:
    assert found.layout
    return [(page.label, page.file, page.frame) for page in found.layout.pages]


def page_of(found: Document, word: str) -> int:
    """The number of the page on which a word of the text stands by its box."""
    at = found.text.index(word)
    assert found.layout
    (place,) = found.layout.between(at, at + len(word))
    return place.page


def test_a_manifest_with_pictures_alone(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """One document with the manifest's metadata, labels and order; names of images decide."""
    save(tmp_path / "a.png", *RUSSIAN)
    save(tmp_path / "b.jpg", *LETTER)
    save(tmp_path / "b.tif", *LETTER)
    save(tmp_path / "other.png", "Not of the letter.")
    told: list[tuple[str, int, int]] = []
    recogniser = Recogniser(progress=lambda path, done, of: told.append((path.name, done, of)))
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(v3("box%2Fb.tif", "box%2Fa.tif")))
    (found,) = read(path, sandbox, recogniser)
    assert isinstance(found, Document)
    first, second = "The harbour froze in January", "В январе гавань замёрзла"
    assert found.text.startswith(first) and second in found.text
    assert [label for _, label in found.pages] == ["f. 1r", "f. 2r"]
    assert files(found) == [("f. 1r", "b.jpg", 0), ("f. 2r", "a.png", 0)]
    assert (page_of(found, "January"), page_of(found, "январе")) == (0, 1)
    assert found.layout and found.layout.pages[0].width > 1000
    assert (found.document_id, found.title, found.author) == (
        "manifest", "Letter to the harbour", "A. Tverezov",
    )  # fmt: skip
    assert found.extra["holding_link"] == "https://example.org/object/7"
    assert found.extra["recognised_by"].startswith("Tesseract ")
    assert told == [("manifest.json", 1, 2), ("manifest.json", 2, 2)]
    assert ingested(tmp_path) == ["manifest.json", "other.png"]


def test_a_manifest_with_pictures_of_other_names(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Their order decides; where there is not one for each page they are other letters."""
    for n in (1, 2, 10):
        save(tmp_path / f"IMG_{n}.png", f"Leaf {n} of the log book.")
    path = tmp_path / "manifest.json"
    found = document(path, json.dumps(v3("x", "y", "z")), sandbox)
    assert [text.split()[1] for text in found.text.split("\n\n")] == ["1", "2", "10"]
    assert [label for _, label in found.pages] == ["f. 1r", "f. 2r", "f. 3r"]
    assert ingested(tmp_path) == ["manifest.json"]
    for names in (["x", "y"], ["x", "y", "z", "missing"]):
        error = failure(path, json.dumps(v3(*names)), sandbox).error
        assert f"(x, y{', z …' if names[2:] else ''}) to be one of its {len(names)} pages" in error
        assert "nothing is fetched" in error
        assert len(ingested(tmp_path)) == 4


def test_pictures_among_transcriptions(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Recognised pages are put in their place, though several have the same label."""
    (tmp_path / "page").mkdir()
    written = {
        1: "The first leaf speaks of",
        3: "The third leaf begins anew.",
        5: "The fifth leaf.",
    }
    for n, line in written.items():
        content = page_xml(sheet([line]), image=f"{n}.png")
        (tmp_path / "page" / f"{n}.xml").write_text(content, encoding="utf-8")
    (tmp_path / "page" / "6.xml").write_text(page_xml(()))  # an empty leaf, as transcribed
    for n, line in {2: "The second leaf is a picture.", 4: "Leaf four is one, too.",
                    6: "Not to be read."}.items():  # fmt: skip
        save(tmp_path / f"{n}.png", line)
    names = {n: [f"page/{n}.xml", f"{n}.png"] for n in range(1, 7)}
    pages = [('ORDERLABEL="[n. p.]"', names[n]) for n in range(1, 7)]
    found = document(tmp_path / "mets.xml", mets(pages, MODS), sandbox)
    assert found.text.split("\n\n") == [
        "The first leaf speaks of", "The second leaf is a picture.", "The third leaf begins anew.",
        "Leaf four is one, too.", "The fifth leaf.",
    ]  # fmt: skip
    assert [label for _, label in found.pages] == ["[n. p.]"] * 5
    assert [file for _, file, _ in files(found)] == [
        None, "2.png", None, "4.png", None, "6.png",
    ]  # fmt: skip
    assert [frame for *_, frame in files(found)] == [0] * 6
    words = ("first", "second", "third", "four", "fifth")
    assert [page_of(found, word) for word in words] == [0, 1, 2, 3, 4]
    assert (found.title, found.lang) == ("The Harbour book", "en")
    (warning,) = found.warnings
    assert "[n. p.] (page/2.xml), [n. p.] (page/4.xml)." in warning.message
    assert ingested(tmp_path) == ["mets.xml"]


def test_a_volume_that_waits_to_be_transcribed(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """As exported by Transkribus: each page has a file, and none has a word."""
    (tmp_path / "page").mkdir()
    for n in (1, 2):
        (tmp_path / "page" / f"{n}.xml").write_text(page_xml(()))
        save(tmp_path / f"{n}.jpg", f"Leaf {n} of the log book.")
    pages = [(f'ORDER="{n}"', [f"{n}.jpg", f"page/{n}.xml"]) for n in (1, 2)]
    found = document(tmp_path / "mets.xml", mets(pages), sandbox)
    assert found.text.split("\n\n") == ["Leaf 1 of the log book.", "Leaf 2 of the log book."]
    assert files(found) == [("1", "1.jpg", 0), ("2", "2.jpg", 0)]


def test_the_language_that_the_source_gives(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """It is that of the document unless the script of the words contradicts it."""
    save(tmp_path / "1.png", "Harbour 1928.")
    path = tmp_path / "mets.xml"
    german = MODS.replace(">eng<", ">ger<")
    assert document(path, mets([("", ["1.png"])], german), sandbox).lang == "de"
    russian = MODS.replace(">eng<", ">rus<")
    assert document(path, mets([("", ["1.png"])], russian), sandbox).lang != "ru"


def test_pages_of_a_tiff(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Named once for all pages, or for each of them: no page is lost or read twice."""
    leaves = [drawn([f"Leaf {n} of the log book."]) for n in (1, 2, 3)]
    leaves[0].save(tmp_path / "log.tif", save_all=True, append_images=leaves[1:], dpi=(200, 200))
    texts = [f"Leaf {n} of the log book." for n in (1, 2, 3)]
    path = tmp_path / "mets.xml"
    found = document(path, mets([(f'LABEL="{n}"', ["log.tif"]) for n in "abc"]), sandbox)
    assert found.text.split("\n\n") == texts
    assert files(found) == [(label, "log.tif", n) for n, label in enumerate("abc")]
    found = document(path, mets([('LABEL="a"', ["log.tif"])]), sandbox)
    assert found.text.split("\n\n") == texts
    assert [label for _, label in found.pages] == ["a", "a (2)", "a (3)"]
    found = document(path, mets([('LABEL="a"', ["log.tif"]), ('LABEL="b"', ["log.tif"])]), sandbox)
    assert found.text == texts[0]
    path.unlink()
    found = document(tmp_path / "manifest.json", json.dumps(v3("x", "y", "z")), sandbox)
    assert [label for _, label in found.pages] == ["f. 1r", "f. 2r", "f. 3r"]
    assert not found.warnings


def test_a_damaged_picture_is_named(tmp_path: Path, sandbox: ParserSandbox) -> None:
    save(tmp_path / "1.png", *LETTER)
    (tmp_path / "2.png").write_bytes((tmp_path / "1.png").read_bytes()[:3000])
    Image.new("1", (30_000, 30_000)).save(tmp_path / "3.png")
    path = tmp_path / "mets.xml"
    path.write_text(mets([(f'LABEL="f. {n}"', [f"{n}.png"]) for n in (1, 2, 3)]))
    found, wrong = read(path, sandbox)
    assert isinstance(found, Document) and found.text.startswith("The harbour froze")
    assert [file for _, file, _ in files(found)] == ["1.png", "2.png", "3.png"]
    assert isinstance(wrong, Failure) and wrong.path == str(path)
    assert "page f. 2 (2.png) not read: the picture is damaged" in wrong.error
    assert "page f. 3 (3.png) not read: page 1 has 30,000" in wrong.error
    path.write_text(mets([("", ["2.png"])]))
    (wrong,) = read(path, sandbox)
    assert isinstance(wrong, Failure) and "(2.png) not read" in wrong.error


def test_no_picture_is_taken_from_elsewhere(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """A link out of the folder is no page, nor is a picture that a METS file names beside it."""
    folder = tmp_path / "in"
    folder.mkdir()
    save(tmp_path / "secret.png", *LETTER)
    (folder / "secret.png").symlink_to(tmp_path / "secret.png")
    path = folder / "manifest.json"
    assert "nothing is fetched" in failure(path, json.dumps(v3("secret")), sandbox).error
    save(folder / "b.png", *LETTER)
    (folder / "mets.xml").write_text(mets([("", ["b.png"]), ("", ["secret.png"])]))
    assert "nothing is fetched" in failure(path, json.dumps(v3("b")), sandbox).error
    found = document(folder / "mets.xml", None, sandbox)
    assert files(found) == [("1", "b.png", 0), ("2", None, 0)]
    assert ingested(folder) == ["manifest.json", "mets.xml"]


def test_without_tesseract(
    tmp_path: Path, sandbox: ParserSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One failure, of the manifest: its pages are no documents without its metadata."""
    for name in ("a.png", "b.png"):
        save(tmp_path / name, *LETTER)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(v3("a", "b")))
    monkeypatch.setenv("PATH", str(tmp_path))
    (wrong,) = read(path, sandbox)
    (alone,) = read(tmp_path / "a.png", sandbox)
    assert isinstance(wrong, Failure) and isinstance(alone, Failure)
    assert wrong.error == alone.error and "`apt install tesseract-ocr " in wrong.error
    assert ingested(tmp_path) == ["manifest.json"]
    write_page(tmp_path / "a.xml", "The first page was transcribed.")
    found = document(path, None, sandbox)
    assert found.text == "The first page was transcribed."
    assert files(found) == [("f. 1r", "a.png", 0), ("f. 2r", "b.png", 0)]
    (told,) = found.warnings
    assert told.message.startswith("page f. 2r (b.png) not read: Tesseract, which reads")


def test_pictures_and_transcriptions_beside_a_manifest(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    """A transcription is that of the page whose picture it names."""
    write_page(tmp_path / "t.xml", "The first page was transcribed.", image="a.png")
    for name in ("a.png", "b.png"):
        save(tmp_path / name, "The second page is a picture.")
    found = document(tmp_path / "manifest.json", json.dumps(v3("a", "b")), sandbox)
    assert found.text.split("\n\n") == [
        "The first page was transcribed.", "The second page is a picture.",
    ]  # fmt: skip
    assert files(found) == [("f. 1r", "a.png", 0), ("f. 2r", "b.png", 0)]
    assert ingested(tmp_path) == ["manifest.json"]
