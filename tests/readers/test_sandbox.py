"""Hostile files: bounded time and memory, the file named, and the next file read."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import sandbox, sandbox_worker
from rag.readers.registry import FORMATS, read
from rag.readers.sandbox import ParserSandbox
from rag.types import Failure
from tests.kits.pdf_kit import LEFT, pdf, prose
from tests.kits.zip_kit import word, zipped

ROOT = Path(__file__).resolve().parents[2]
MiB = 2**20


def entity_bomb(path: Path) -> Path:
    path = path.with_suffix(".xml")
    entities = ["<!ENTITY a0 'ha'>"]
    entities += [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)]
    content = f"<!DOCTYPE TEI [{''.join(entities)}]><TEI><text n='&a11;'><p>&a11;</p></text></TEI>"
    path.write_text(content)
    return path


def outside_entity(path: Path) -> Path:
    path = path.with_suffix(".xml")
    path.write_text(
        "<!DOCTYPE TEI [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
        "<TEI><text><p>words &x;</p></text></TEI>"
    )
    return path


def deep_xml(path: Path) -> Path:
    path = path.with_suffix(".xml")
    path.write_text("<TEI><text>" + "<p>" * 200_000)
    return path


def long_line(path: Path) -> Path:
    path = path.with_suffix(".xml")
    path.write_text("<TEI><text><p>" + "x" * 50_000_000 + "</p></text></TEI>")
    return path


def docx_bomb(path: Path) -> Path:
    path = path.with_suffix(".docx")
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "_rels/.rels",
            "<Relationships><Relationship Type='http://x/officeDocument' Target='word/a.xml'/>"
            "</Relationships>",
        )
        with package.open("word/a.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * MiB)
    return path


def many_parts(path: Path) -> Path:
    return zipped(path.with_suffix(".docx"), {f"{n}": "" for n in range(20_001)})


def wide_xml(path: Path) -> Path:
    """An XML part under the limit of size that makes a tree of gigabytes."""
    return word(path.with_suffix(".docx"), "<a/>" * (8 * MiB - 100))


def pdf_bomb(path: Path) -> Path:
    """A page whose content unpacks to gigabytes."""
    path = path.with_suffix(".pdf")
    squeeze = zlib.compressobj(9)
    chunk = b"BT /F1 10 Tf 72 700 Td (words) Tj ET\n" * 30_000
    data = b"".join(squeeze.compress(chunk) for _ in range(2000)) + squeeze.flush()
    path.write_bytes(_with_content(data))
    return path


def _with_content(data: bytes) -> bytes:
    """A page with the compressed stream as its content; readers rebuild the table of objects."""
    whole = pdf([[(LEFT, 700.0, "x")]])
    at = whole.rindex(b"<< /Length")
    end = whole.index(b"endstream", at)
    head = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(data)
    return whole[:at] + head + data + b"\n" + whole[end:]


def looping_pdf(path: Path) -> Path:
    """A tree of pages that contains itself."""
    path = path.with_suffix(".pdf")
    whole = pdf([[(LEFT, 700.0, "x")]])
    path.write_bytes(whole.replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"))
    return path


def pictures_that_hold_themselves(path: Path) -> Path:
    """A form that draws itself twice."""
    path = path.with_suffix(".pdf")
    form = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >>"
        b" >> /Length 12 >>\nstream\n/X Do /X Do \nendstream"
    )
    whole = pdf([[(LEFT, 700.0, "x")]], more=[form])
    whole = whole.replace(b"/Resources << /Font", b"/Resources << /XObject << /X 4 0 R >> /Font")
    path.write_bytes(whole.replace(b" Tj ET", b" Tj ET /X Do", 1))
    return path


def nul_bytes(path: Path) -> Path:
    path = path.with_suffix(".html")
    path.write_bytes(b"<html><body><p>one\x00two</p></body></html>")
    return path


def half_characters(path: Path) -> Path:
    path = path.with_suffix(".xml")
    path.write_text("<TEI><text><p>one &#xD800; two</p></text></TEI>")
    return path


HOSTILE: list[tuple[Callable[[Path], Path], str]] = [
    (entity_bomb, ""),
    (outside_entity, "&x;"),
    (deep_xml, "not well-formed"),
    (long_line, "longer than"),
    (docx_bomb, "unpacks to more than"),
    (many_parts, "more than 20,000 parts"),
    (wide_xml, "more than 3,000,000 tags"),
    (looping_pdf, ""),
    (nul_bytes, "NUL"),
    (half_characters, "not well-formed"),
]


def test_hostile_files_in_one_batch(tmp_path: Path) -> None:
    """Each is reported with its cause within the limits, and the letter behind it is read."""
    good = tmp_path / "good.xml"
    good.write_text("<TEI><text><p>The coal has come.</p></text></TEI>")
    with ParserSandbox() as child:
        for number, (make, cause) in enumerate(HOSTILE):
            path = make(tmp_path / f"{number}-{make.__name__}")
            begun = time.monotonic()
            (item,) = read(path, child)
            assert isinstance(item, Failure), path.name
            assert item.path == str(path)
            assert cause in item.error, f"{path.name}: {item.error}"
            assert time.monotonic() - begun < 30, path.name
            path.unlink()
            (letter,) = read(good, child)
            assert isinstance(letter, Document), letter
            assert letter.text == "The coal has come."


@pytest.mark.slow
@pytest.mark.parametrize("make", [pdf_bomb, pictures_that_hold_themselves])
def test_hostile_pdf(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / "a")
    with ParserSandbox() as child:
        begun = time.monotonic()
        (item,) = read(path, child)
        assert time.monotonic() - begun < sandbox.SECONDS + 10
        if isinstance(item, Document):
            assert len(item.text) < sandbox_worker.MAX_TEXT
        else:
            assert item.path == str(path)


def test_a_faulty_file_costs_no_new_child(tmp_path: Path) -> None:
    """What the child itself finds wrong leaves it ready for the next file."""
    paths = [tmp_path / f"{n}.xml" for n in range(3)]
    for path in paths:
        path.write_text("<TEI><text><p>one", encoding="utf-8")
    with ParserSandbox() as child:
        children = set()
        for path in paths:
            (item,) = read(path, child)
            assert isinstance(item, Failure) and item.path == str(path)
            assert child._child is not None
            children.add(child._child.pid)
    assert len(children) == 1


def test_half_a_character_in_html(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<html><body><p>one &#xD800; two</p></body></html>")
    (item,) = read(path)
    if isinstance(item, Document):
        assert item.text.encode("utf-8")
    else:
        assert "half a character" in item.error


def test_script_in_a_page_is_text_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><title>&lt;img src=x onerror=alert(1)&gt;</title><body onload=alert(1)>"
        "<script>alert(1)</script><p>words<svg onload=alert(1)><text>no</text></svg></p></body>"
    )
    (item,) = read(path)
    assert isinstance(item, Document)
    assert (item.text, item.title) == ("words", "<img src=x onerror=alert(1)>")


def test_a_child_that_stalls_and_one_that_dies(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<TEI><text><p>The coal has come.</p></text></TEI>")
    child = ParserSandbox(seconds=0.001)
    with child, pytest.raises(ReadError, match=r"takes longer than 0\.001 seconds"):
        for _ in range(100):
            child.read("TEI XML", path)
    with ParserSandbox() as child:
        assert child.read("TEI XML", path)
        assert child._child
        first = child._child.pid
        assert child.read("TEI XML", path)
        assert child._child.pid == first, "one child serves many files"
        child._child.kill()
        child._child.wait()
        with pytest.raises(ReadError, match=r"broke off \(-9\)"):
            child.read("TEI XML", path)
        assert child.read("TEI XML", path), "a new child takes the place of one that died"
        gone = child._child
    assert gone.poll() is not None, "no child outlives its batch"


def test_the_child_is_small_and_knows_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    (tmp_path / "json.py").write_text("raise SystemExit('the folder of the archive is imported')")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.xml").write_text("<TEI><text><p>Words.</p></text></TEI>")
    with ParserSandbox() as child:
        assert child.read("TEI XML", tmp_path / "a.xml")
        assert child._child
        process = Path(f"/proc/{child._child.pid}")
        if not process.exists():
            pytest.skip("there is no /proc on this system")
        assert b"secret" not in (process / "environ").read_bytes()
        loaded = (process / "maps").read_text()
        assert "torch" not in loaded
        limits = (process / "limits").read_text()
        assert str(sandbox_worker.MEMORY_BYTES) in limits


def test_formats_have_readers() -> None:
    assert {f.name for f in FORMATS if f.read is None} == set(sandbox_worker.READERS)


def test_reading_text_starts_no_child_and_loads_no_parser(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words.")
    code = (
        "import sys; from pathlib import Path; from rag.readers import ParserSandbox, read\n"
        f"with ParserSandbox() as child: list(read(Path({str(tmp_path / 'a.txt')!r}), child))\n"
        "assert child._child is None; print([m for m in ('lxml', 'pypdfium2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_what_is_read_does_not_depend_on_what_was_drawn_before(tmp_path: Path) -> None:
    """PDFium keeps the fonts by which it draws letters of missing ones."""
    file = tmp_path / "fog.pdf"
    file.write_bytes(pdf([prose(["The fog came in before noon and stayed for two days."])]))
    with ParserSandbox() as sandbox:
        before = sandbox.read("PDF", file)
        sandbox.pictures(file, 0, (100, 200))
        assert sandbox.read("PDF", file) == before
