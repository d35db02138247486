"""PDF: words, paragraphs, pages, hyphens, running headers, and what is not a text layer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations.citation import page_of
from rag.readers import pages as paged
from rag.readers.formats.pdf_layout import Line, paragraphs
from rag.readers.formats.pdf_words import HYPHEN
from rag.readers.sandbox import ParserSandbox
from tests.kits.pdf_kit import LEFT, pdf, prose
from tests.kits.reading_kit import document, failure

FIRST = (
    "The keeper writes that the fog came in before noon and",
    "stayed for two days. No ship was seen, and the bell was",
    "rung by hand until the rope gave way.",
)
SECOND = (
    "He asks for new glass, two hundred candles and, if it may",
    "be had, an assistant younger than himself; his eyes are",
    "growing weak and the letters in the book run",
)
THIRD = (
    "together. The gravel for the bank has come and is enough",
    "for three fathoms of it.",
)


def test_paragraphs_and_pages(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(
        pdf([prose(FIRST, SECOND), [(LEFT, 740.0, THIRD[0]), (LEFT, 726.0, THIRD[1])]])
    )
    found = document(path, sandbox=sandbox)
    assert found.text == f"{' '.join(FIRST)}\n\n{' '.join(SECOND + THIRD)}"
    assert (found.document_id, found.title, found.lang) == ("report", "report", "en")
    at = found.text.index("together")
    assert found.pages == ((0, "1"), (at, "2"))
    assert page_of(found, at - 4, at + 8) == "1–2"


def test_russian_title_and_page_labels(tmp_path: Path, sandbox: ParserSandbox) -> None:
    lines = ("Смотритель маяка записал в журнал, что ночью прошла", "шхуна без огней № 5.")
    path = tmp_path / "журнал.pdf"
    labels = "0 << /S /r >> 1 << /S /D /St 17 >>"
    path.write_bytes(pdf([prose(lines)] * 3, title="Журнал маяка", labels=labels))
    found = document(path, sandbox=sandbox)
    assert found.text.split("\n\n") == [" ".join(lines)] * 3
    assert (found.title, found.lang) == ("Журнал маяка", "ru")
    assert [label for _, label in found.pages] == ["i", "17", "18"]


def test_a_sidecar_gives_what_a_pdf_does_not_say(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf([prose(FIRST)]))
    (tmp_path / "report.pdf.meta.yaml").write_text("author: A. Moor\ndate: 1928-05\n")
    found = document(path, sandbox=sandbox)
    assert (found.author, found.date, found.pages) == ("A. Moor", "1928-05", ((0, "1"),))


def test_running_headers_and_page_numbers_are_left_out(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    pages = [
        [*prose(FIRST), (200.0, 800.0, f"The Lighthouse Papers {n}"), (290.0, 40.0, f"- {n} -")]
        for n in range(11, 16)
    ]
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(pages))
    assert document(path, sandbox=sandbox).text == "\n\n".join([" ".join(FIRST)] * 5)


def test_hyphens_at_line_ends(tmp_path: Path, sandbox: ParserSandbox) -> None:
    lines = (
        "Северо-западный ветер. Жители основательно напуганы, и кое-",
        "кто уехал. Ветер северо-",
        "западный стоит третий день, и жители не зря напуга-",
        "ны: уехали в Ростов-",
        "Дон и в Юго-",
        "западный край.",
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([prose(lines)]))
    assert document(path, sandbox=sandbox).text == (
        "Северо-западный ветер. Жители основательно напуганы, и кое-\nкто уехал. Ветер"
        " северо-западный стоит третий день, и жители не зря напуганы: уехали в Ростов-Дон"
        " и в Юго-\nзападный край."
    )


def test_a_word_over_a_page_break() -> None:
    before = Line(f"the whole har{HYPHEN}", 72, 300, 80, 10)
    after = Line("bour froze.", 72, 150, 740, 10)
    assert (
        paragraphs([[before], [after]], ["3", "4"]) == "\x003\x00the whole har\x004\x00bour froze."
    )


@given(st.lists(st.tuples(st.text("ab \n", max_size=6), st.sampled_from(["", "1", "2 v"]))))
def test_marks_become_offsets(parts: list[tuple[str, str]]) -> None:
    marked = "".join(words + paged.mark(label) for words, label in parts)
    text, pages = paged.resolved(marked)
    assert text == text.strip()
    letters = "".join("".join(words.split()) for words, _ in parts)
    assert "".join(text.split()) == letters
    offsets = [offset for offset, _ in pages]
    assert offsets == sorted(set(offsets))
    assert all(not text[offset].isspace() for offset in offsets)


def test_empty_pages(tmp_path: Path, sandbox: ParserSandbox) -> None:
    found = failure(tmp_path / "empty.pdf", pdf([[], []]), sandbox)
    assert found.error.startswith("its pages are empty")
    path = tmp_path / "half.pdf"
    path.write_bytes(pdf([prose(FIRST), [], []]))
    assert document(path, sandbox=sandbox).extra == {"pages_without_text": "2, 3"}


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"%PDF-1.7\n...", "damaged"),
        (pdf([prose(FIRST)])[:600], "damaged"),
        (pdf([]), "damaged"),
    ],
)
def test_damaged(tmp_path: Path, data: bytes, cause: str, sandbox: ParserSandbox) -> None:
    assert cause in failure(tmp_path / "a.pdf", data, sandbox).error


def test_content_before_name(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(pdf([prose(FIRST)]))
    assert document(path, sandbox=sandbox).text == " ".join(FIRST)
