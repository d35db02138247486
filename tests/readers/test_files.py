"""Which files are read, in which format, plain text, sidecars, and hostile files."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from index_store.types import Document
from rag.readers.discovery import find_files, sidecar_of
from rag.readers.registry import read
from rag.types import Failure
from tests.kits.reading_kit import document, failure


def test_files_are_found_sorted_and_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/y.jsonl", ".hidden", ".git/x.txt", "b.txt.meta.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    expected = [tmp_path / "a/y.jsonl", tmp_path / "a/z.txt", tmp_path / "b.txt"]
    assert list(find_files([tmp_path])) == expected
    assert list(find_files([tmp_path / "b.txt", tmp_path / "a", tmp_path])) == expected


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (inside / "own.txt").write_text("own")
    (inside / "link-in.txt").symlink_to(inside / "own.txt")
    (inside / "link-out.txt").symlink_to(outside / "secret.txt")
    (inside / "folder-out").symlink_to(outside)
    (inside / "folder-loop").symlink_to(inside)
    (inside / "broken").symlink_to(inside / "nowhere")
    os.mkfifo(inside / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(inside)  # socket paths are short
        server.bind("socket")
        os.chdir(here)
        found = list(find_files([inside, tmp_path / "absent.txt", Path("/dev/null")]))
    causes = {Path(f.path).name: f.error for f in found if isinstance(f, Failure)}
    assert [f for f in found if isinstance(f, Path)] == [inside / "own.txt"]
    assert set(causes) == {
        "link-out.txt", "folder-out", "broken", "pipe.txt", "socket", "absent.txt", "null",
    }  # fmt: skip
    assert "out of the folder" in causes["link-out.txt"]
    assert "leads nowhere" in causes["broken"]
    assert "a pipe" in causes["pipe.txt"]
    assert "a socket" in causes["socket"]
    assert "a device" in causes["null"]
    assert "does not exist" in causes["absent.txt"]
    assert "regular file" in failure(inside / "pipe.txt").error


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("x")
    (item,) = find_files([tmp_path])
    assert isinstance(item, Failure)
    assert item.path.endswith("\\xff.txt")


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0....", "an old Office file; convert to DOCX"),
        ("a.docx", b"PK\x03\x04....", "damaged ZIP archive"),
        ("a.txt", b"<?xml version='1.0'?><note>x</note>", "XML <note>; convert to TEI"),
        ("a.bin", b"some words", ".bin; convert to"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\n", "empty"),
        ("a.txt", b"one\x00two", "NUL"),
        ("a.txt", bytes(range(1, 32)) * 40, "binary"),
    ],
)
def test_formats_that_are_not_read(tmp_path: Path, name: str, content: bytes, cause: str) -> None:
    assert cause in failure(tmp_path / name, content).error


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    assert "cannot be read" in failure(tmp_path / "gone.txt").error


def test_fifty_megabytes_on_one_line(tmp_path: Path) -> None:
    for name, head in (("a.txt", b"one\n"), ("a.jsonl", b'{"text": "'), ("a.csv", b"id,text\n")):
        begun = time.process_time()
        found = failure(tmp_path / name, head + b"x" * 50_000_000)
        assert "longer than" in found.error
        assert found.line == (1 if name == "a.jsonl" else 2)
        assert time.process_time() - begun < 5
        (tmp_path / name).unlink()


@pytest.mark.parametrize(
    "text",
    [
        "1931 ru:" * 120_000,
        "---\n" * 250_000,
        "Letter to A. Berg\n\n1925 en:tom1\n\n" + "---\nSource: a, p. 1.\n" * 50_000,
        "A\n\n1925 en:tom1;ru:b\n\n" + "слово\nword\n" * 80_000,
        "A\n\n1925 en:a\n\nA\n" + "A. B. " * 150_000,
        "A\n\n1925 en:a\n\nA\nx\n" + "\n".join(["pp. " * 140] * 1500),
        "<html><p>" + "<b>" * 300_000,
        "<html>" + "<hr>" * 200_000,
        "A\n\nB\n\n1925 en:tom1;ru:b\n\n" + "B\n\n\n\n\n" * 160_000,
        "A\n\n1925 en:a;ru:b\n\nA\n" + "***\nARK F. 1. Op. 2. D. 3. L. 4.\n" * 30_000,
        "---\n" + "a: b\n" * 200_000,
    ],
    ids=range(11),
)
def test_a_megabyte_of_malice(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    begun = time.process_time()
    assert list(read(path))
    assert time.process_time() - begun < 2


def test_plain_text(tmp_path: Path) -> None:
    found = document(tmp_path / "shed-notes.txt", "\r\nOne line.\r\n\r\n  Two lines.\r\n")
    assert found.text == "One line.\n\n  Two lines."
    assert (found.document_id, found.record_id) == ("shed-notes", "shed-notes")
    assert (found.title, found.lang, found.date) == ("shed-notes", "en", None)


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    found = document(
        tmp_path / "a.md",
        "---\ndate: 1929-02\nauthor: [V. Moor, B. Low]\nlang: no\nbox: 0017\n"
        "archival_ref: GALK F. 12. Op. 3.\n---\n\n# On the shawl #\n\nThe grey one.\n---\nEnd.\n",
    )
    assert found.text == "# On the shawl #\n\nThe grey one.\n---\nEnd."
    assert (found.title, found.date, found.date_to) == ("On the shawl", "1929-02", "1929-02-28")
    assert (found.author, found.lang) == ("V. Moor; B. Low", "no")
    assert found.archival_ref == "GALK F. 12. Op. 3"
    assert found.extra == {"box": "0017"}


def test_a_text_that_begins_with_a_rule(tmp_path: Path) -> None:
    text = "---\nDear Sir: I write: in haste\n---\nYours"
    assert document(tmp_path / "a.txt", text).text == text


def test_front_matter_that_is_no_yaml(tmp_path: Path) -> None:
    found = failure(tmp_path / "a.md", "---\ntitle: [one\ndate: 1931\n---\nText\n")
    assert "front matter: not valid YAML" in found.error
    assert found.line is not None


def test_sidecar_corrects_and_clears(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    sidecar_of(path).write_text(
        "author: A. Moor\ndate: 1928?\nsource:\nid: x-1\n"
        "archival_ref: 'Архив: ГАЛК. Ф. 1. Оп. 2.'\n",
        encoding="utf-8",
    )
    found = document(path, "---\nsource: wrong\nauthor: wrong\ntitle: Kept\n---\nText\n")
    assert (found.author, found.date, found.source) == ("A. Moor", "1928?", None)
    assert (found.archival_ref, found.title) == ("ГАЛК. Ф. 1. Оп. 2", "Kept")
    assert (found.document_id, found.record_id) == ("x-1", "x-1")


def test_sidecar_of_two_languages(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    page = (Path(__file__).parent / "pages/harbour-full.txt").read_text(encoding="utf-8")
    path.write_text(page, encoding="utf-8")
    sidecar_of(path).write_text("id: mill\nplace: Lugansk\nru:\n  archival_ref: null\n")
    english, russian = read(path)
    assert isinstance(english, Document)
    assert isinstance(russian, Document)
    assert (english.document_id, russian.document_id) == ("mill.en", "mill.ru")
    assert (english.place, russian.place) == ("Lugansk", "Lugansk")
    assert english.archival_ref == "GAVO F. 3. Op. 1. D. 9. L. 4-5"
    assert russian.archival_ref is None


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("a: &x [1]\nb: [*x, *x]\n", "alias"),
        ("a: [", "not valid YAML"),
        ("[" * 200_000, "nested too deeply"),
        ("- one\n", "not a YAML mapping"),
        ("text: mine\n", "cannot be given here"),
        ('title: "\\ud800"\n', "half a character"),
        ("a: !!python/object/apply:os.system [ls]\nb: c: d\n", "not valid YAML"),
        ("x" * 300_000, "larger than"),
    ],
)
def test_a_bad_sidecar_is_told(tmp_path: Path, content: str, cause: str) -> None:
    path = tmp_path / "a.txt"
    sidecar_of(path).write_text(content)
    found = failure(path, "Text")
    assert "in a.txt.meta.yaml" in found.error
    assert cause in found.error


def test_a_sidecar_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.yaml").write_text("title: secret\n")
    path = tmp_path / "in" / "a.txt"
    sidecar_of(path).symlink_to(tmp_path / "out.yaml")
    assert "another folder" in failure(path, "Text").error


def test_the_language_is_that_given_else_that_of_the_text(tmp_path: Path) -> None:
    german = "Gestern kam Ihr Brief; ich antworte sofort und schicke die Rechnung mit."
    letter = tmp_path / "letter.txt"
    letter.write_text(german, encoding="utf-8")
    assert document(letter).lang == "de"
    sidecar_of(letter).write_text("lang: nl", encoding="utf-8")
    assert document(letter).lang == "nl"
    page = tmp_path / "page.html"
    page.write_text(f"<html><body><p>{german}</p></body></html>", encoding="utf-8")
    assert document(page).lang == "de"
    line = tmp_path / "lines.jsonl"
    line.write_text(f'{{"id": "1", "lang": "en", "text": "{german}"}}\n', encoding="utf-8")
    assert document(line).lang == "en"
    line.write_text(f'{{"id": "1", "lang": "de+en", "text": "{german}"}}\n', encoding="utf-8")
    assert (document(line).lang, document(line).extra["lang"]) == ("de", "de+en")
