"""Pages that are pictures, read by the real Tesseract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from index_store.types import Document
from rag import Archive
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import tesseract
from rag.readers.scans.readings import Readings
from rag.readers.scans.recognition import Recogniser
from rag.readers.scans.unread import Scan
from rag.records.warnings import ocr_noise
from rag.settings import Settings
from rag.types import Failure, ReadItem
from tests.kits.pdf_kit import pdf, prose
from tests.kits.scan_kit import LETTER, drawn, need_tesseract, picture_pdf
from tests.kits.scan_kit import ПИСЬМО as RUSSIAN


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    need_tesseract()


def items(
    path: Path, sandbox: ParserSandbox, recogniser: Recogniser | None = None
) -> list[ReadItem]:
    return list(read(path, sandbox, recogniser))


def document(path: Path, sandbox: ParserSandbox, recogniser: Recogniser | None = None) -> Document:
    (item,) = items(path, sandbox, recogniser)
    assert isinstance(item, Document), item
    return item


def wrong(found: str, lines: Sequence[str]) -> float:
    """Share of letters read wrong."""
    text = " ".join(lines)
    return Levenshtein.distance(" ".join(found.split()), text) / len(text)


def box(found: Document, word: str) -> tuple[float, float, float, float, int]:
    at = found.text.index(word)
    assert found.layout
    (place,) = found.layout.between(at, at + len(word))
    assert found.text[place.start : place.end].startswith(word)
    return place.x, place.y, place.width, place.height, place.page


def ink(page: Image.Image, place: tuple[float, float, float, float, int]) -> float:
    """Share of dark pixels in a box of the page."""
    x, y, width, height, _ = place
    w, h = page.size
    cut = page.convert("L").crop(
        (int(x * w), int(y * h), int((x + width) * w), int((y + height) * h))
    )
    return (
        cut.point(lambda value: 255 * (value < 128))
        .resize((1, 1), Image.Resampling.BOX)
        .tobytes()[0]
        / 255
    )


def test_pages_of_a_tiff_in_two_languages(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Words have boxes where they are drawn; an empty page is a page."""
    pages = [drawn(LETTER), Image.new("L", (1240, 900), 255), drawn(RUSSIAN)]
    path = tmp_path / "letter.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(200, 200))
    told: list[tuple[int, int]] = []
    found = document(
        path, sandbox, Recogniser(progress=lambda _, done, of: told.append((done, of)))
    )
    assert wrong(found.text, [*LETTER, *RUSSIAN]) < 0.02
    assert [label for _, label in found.pages] == ["1", "3"]
    assert found.extra["pages_without_text"] == "2"
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.layout and [page.frame for page in found.layout.pages] == [0, 1, 2]
    for word, page in (("Aurora", 0), ("гавань", 2)):
        place = box(found, word)
        assert place[4] == page
        assert ink(pages[page], place) > 0.1
    assert all(word.confidence is not None for word in found.layout.words)
    assert not list(ocr_noise.check(found))


def test_a_page_on_its_side(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Boxes are those of the page as it lies."""
    page = drawn([*LETTER, *LETTER], (1240, 1240)).rotate(90)
    page.save(tmp_path / "a.png", dpi=(200, 200))
    found = document(tmp_path / "a.png", sandbox)
    assert wrong(found.text, [*LETTER, *LETTER]) < 0.02
    place = box(found, "Captain")
    assert place[3] > 2 * place[2], "a long word is high"
    assert ink(page, place) > 0.1


def test_two_columns_are_read_one_after_the_other(tmp_path: Path, sandbox: ParserSandbox) -> None:
    page = drawn([], (2300, 900))
    long = [line for line in LETTER for _ in range(4)]
    page.paste(drawn(long, (1100, 900)), (0, 0))
    page.paste(drawn([line.upper() for line in long], (1100, 900)), (1150, 0))
    page.save(tmp_path / "a.jpg", dpi=(200, 200), quality=90)
    found = document(tmp_path / "a.jpg", sandbox)
    assert wrong(found.text, [*long, *(line.upper() for line in long)]) < 0.05


def test_a_pdf_whose_pages_are_pictures(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = picture_pdf(tmp_path / "a.pdf", [drawn(LETTER), drawn(RUSSIAN)])
    found = document(path, sandbox)
    assert wrong(found.text, [*LETTER, *RUSSIAN]) < 0.02
    assert [label for _, label in found.pages] == ["1", "2"]


def test_the_pages_without_text_alone_are_recognised(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    printed = ("Printed before the picture.",), ("Printed behind it.",)
    behind = pdf([prose(printed[1])])
    pages = (pdf([prose(printed[0])]), drawn(LETTER), pdf([[]]), behind)
    path = picture_pdf(tmp_path / "a.pdf", pages)
    found = document(path, sandbox)
    first, *middle, last = found.text.split("\n\n")
    assert (first, last) == (printed[0][0], printed[1][0])
    assert wrong(" ".join(middle), LETTER) < 0.02
    assert [label for _, label in found.pages] == ["1", "2", "4"]
    assert found.text[found.pages[2][0] :] == last
    assert found.extra["recognised_by"].endswith("pages 2")
    assert box(found, "Aurora")[4] == 1
    assert box(found, "behind")[4] == 3


def test_pages_of_the_same_label(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Numbers may begin anew in the middle of a PDF: each recognised page keeps its place."""
    printed = [pdf([prose((line,))]) for line in ("The printed leaf.", "The last leaf.")]
    path = picture_pdf(tmp_path / "a.pdf", (drawn(LETTER), *printed))
    same = b" ".join(b"%d << /S /D /St 1 >>" % n for n in range(3))
    data = path.read_bytes()
    labelled = data.replace(b"/Type/Catalog", b"/Type/Catalog/PageLabels << /Nums [%s] >>" % same)
    assert labelled != data
    path.write_bytes(labelled)  # its table of objects is wrong now, and is made anew by PDFium
    found = document(path, sandbox)
    assert [label for _, label in found.pages] == ["1", "1", "1"]
    assert found.text.startswith("The harbour") and found.text.endswith("The last leaf.")
    assert [box(found, word)[4] for word in ("Aurora", "printed", "last")] == [0, 1, 2]


def test_fonts_that_do_not_say_which_letters_they_show(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    """Letters are private signs in the text layer, and drawn as letters."""
    data = pdf([prose(LETTER)])
    private = re.sub(rb"<(..)> <[0-9a-f]{4}>", rb"<\1> <e0\1>", data)
    assert private != data
    (tmp_path / "a.pdf").write_bytes(private)
    found = document(tmp_path / "a.pdf", sandbox)
    assert wrong(found.text, LETTER) < 0.05


def test_a_damaged_page_is_named_and_the_others_are_read(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    path = tmp_path / "a.tif"
    pages = [drawn(LETTER), Image.new("1", (30_000, 30_000)), drawn(RUSSIAN)]
    first, *others = (page.convert("1") for page in pages)
    first.save(path, save_all=True, append_images=others, compression="group4")
    found, failure = items(path, sandbox)
    assert isinstance(found, Document) and wrong(found.text, [*LETTER, *RUSSIAN]) < 0.05
    assert isinstance(failure, Failure) and failure.path == str(path)
    assert failure.error.startswith("page 2 not read: page 2 has 30,000 × 30,000 pixels")
    assert found.layout and [page.label for page in found.layout.pages] == ["1", "2", "3"]
    assert [label for _, label in found.pages] == ["1", "3"]
    assert box(found, "гавань")[4] == 2


def test_a_reading_is_kept(
    tmp_path: Path, sandbox: ParserSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same picture is not recognised again, in another language it is."""
    drawn(LETTER).save(tmp_path / "a.png")
    kept = Readings(tmp_path / "readings")
    first = document(tmp_path / "a.png", sandbox, Recogniser(kept=kept))
    runs: list[tuple[str, ...]] = []
    table = tesseract.Tesseract.table

    def counted(self: tesseract.Tesseract, scan: Scan, names: tuple[str, ...]) -> str:
        runs.append(names)
        return table(self, scan, names)

    monkeypatch.setattr(tesseract.Tesseract, "table", counted)
    assert document(tmp_path / "a.png", sandbox, Recogniser(kept=kept)) == first
    assert not runs
    document(tmp_path / "a.png", sandbox, Recogniser("eng", kept))
    assert runs == [("eng",)]


def test_a_reading_that_cannot_be_kept_or_is_damaged(
    tmp_path: Path, sandbox: ParserSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not matter: the page is read again."""
    path = tmp_path / "a.png"
    drawn(LETTER).save(path)
    (tmp_path / "readings").write_text("a file in place of the folder")
    found = document(path, sandbox, Recogniser(kept=Readings(tmp_path / "readings")))
    assert wrong(found.text, LETTER) < 0.02
    monkeypatch.setattr(Readings, "get", lambda *_: "\n5\t1\tx" + "\t1" * 8 + "\tword")
    found = document(path, sandbox, Recogniser(kept=Readings(tmp_path / "kept")))
    assert wrong(found.text, LETTER) < 0.02


def test_a_fault_of_one_page_is_no_fault_of_the_others(
    tmp_path: Path, sandbox: ParserSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [drawn([f"Leaf {n} of the log."]) for n in range(1, 4)]
    path = tmp_path / "a.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(200, 200))
    table, causes = tesseract.Tesseract.table, iter([OSError(12, "No memory"), "5\t1\tx", None])

    def broken(self: tesseract.Tesseract, scan: Scan, names: tuple[str, ...]) -> str:
        cause = next(causes)
        if isinstance(cause, OSError):
            raise cause
        return "\n" + cause + "\t1" * 8 + "\tword" if cause else table(self, scan, names)

    monkeypatch.setattr(tesseract.Tesseract, "table", broken)
    found, failure = items(path, sandbox, Recogniser(workers=1))
    assert isinstance(found, Document) and found.text == "Leaf 3 of the log."
    assert isinstance(failure, Failure)
    assert "page 1 not read: its recognition broke off (No memory)" in failure.error
    assert "page 2 not read: its reading is damaged" in failure.error


def test_languages_of_a_sidecar_and_one_that_is_missing(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    path = tmp_path / "a.png"
    drawn(LETTER).save(path)
    sidecar = tmp_path / "a.png.meta.yaml"
    sidecar.write_text("ocr_languages: eng\nauthor: A. Moor\n")
    found = document(path, sandbox)
    assert found.extra["recognised_by"].endswith("(eng)")
    assert (found.author, "ocr_languages" in found.extra) == ("A. Moor", False)
    for given, cause in (
        ("eng+chi_sim_old", "`apt install tesseract-ocr-chi-sim-old`"),
        ("--psm", "give Tesseract's names of languages"),
    ):
        sidecar.write_text(f"ocr_languages: '{given}'\n")
        (failure,) = items(path, sandbox)
        assert isinstance(failure, Failure) and cause in failure.error


def test_without_tesseract(
    tmp_path: Path, sandbox: ParserSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cause and the mend are told; the text that there is is read."""
    drawn(LETTER).save(tmp_path / "a.png")
    picture_pdf(tmp_path / "a.pdf", [pdf([prose(LETTER)]), drawn(LETTER)])
    monkeypatch.setenv("PATH", str(tmp_path))
    (failure,) = items(tmp_path / "a.png", sandbox)
    assert isinstance(failure, Failure) and "`apt install tesseract-ocr " in failure.error
    found = document(tmp_path / "a.pdf", sandbox)
    assert found.text == " ".join(LETTER)
    assert found.extra == {"pages_without_text": "2"}
    (told,) = found.warnings
    assert told.code == "page_not_read"
    assert told.message.startswith("page 2 not read (no text layer): Tesseract, which reads")


def test_a_picture_without_words_is_told(tmp_path: Path, sandbox: ParserSandbox) -> None:
    Image.new("L", (1240, 900), 255).save(tmp_path / "a.png")
    (failure,) = items(tmp_path / "a.png", sandbox)
    assert isinstance(failure, Failure) and failure.error.startswith("no words were recognised")


def test_a_bad_scan_has_a_warning_with_its_confidence(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    page = drawn([*LETTER, *RUSSIAN])
    page.resize((230, 167)).resize((1240, 900)).save(tmp_path / "a.png", dpi=(200, 200))
    found = document(tmp_path / "a.png", sandbox)
    (warning,) = ocr_noise.check(found)
    assert warning.message.startswith("Many words were read with doubt (mean confidence): page 1 (")


def test_tesseract_is_limited(
    tmp_path: Path, sandbox: ParserSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(LETTER).save(tmp_path / "a.png")
    monkeypatch.setattr(tesseract, "MEMORY_BYTES", 60 * 2**20)
    (failure,) = items(tmp_path / "a.png", sandbox)
    assert isinstance(failure, Failure) and "Tesseract broke off" in failure.error
    monkeypatch.undo()
    monkeypatch.setattr(tesseract, "SECONDS", 0.05)
    (failure,) = items(tmp_path / "a.png", sandbox)
    assert isinstance(failure, Failure) and "takes longer than" in failure.error


def test_an_interrupted_ingest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was recognised before is not recognised again, in the same store."""
    pages = [drawn([*LETTER, f"Page {n} of the log."]) for n in range(1, 6)]
    path = tmp_path / "log.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(200, 200))
    table, runs = tesseract.Tesseract.table, 0
    interrupts = True

    def counted(self: tesseract.Tesseract, scan: Scan, names: tuple[str, ...]) -> str:
        nonlocal runs
        runs += 1
        if interrupts and runs == 4:
            raise KeyboardInterrupt
        return table(self, scan, names)

    monkeypatch.setattr(tesseract.Tesseract, "table", counted)
    with Archive(Settings(store=tmp_path / "store")) as archive:
        with pytest.raises(KeyboardInterrupt):
            archive.ingest(path)
        before, interrupts = runs, False
        report = archive.ingest(path)
        assert (report.added, report.failed) == (1, 0)
        assert 1 <= runs - before <= 2, "three pages at least were kept"
        (hit, *_) = archive.search("Page 5 of the log").hits
        assert hit.document.document_id == "log"
