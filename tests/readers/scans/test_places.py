"""Each word box of every format: the text there is the word that the file has at that place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from index_store.types import Document
from rag.errors import ReadError
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import transcription
from rag.readers.source import open_source
from rag.text.chunking import split
from tests.kits.reading_kit import document
from tests.readers.scans.written import (
    HEIGHT,
    SHEETS,
    WIDTH,
    Box,
    Sheet,
    alto,
    hocr,
    page_xml,
    sheet,
    words_of,
)

FORMATS: dict[str, Callable[[Sequence[Sheet]], str]] = {
    "pixel.xml": alto,
    "mm10.xml": lambda sheets: alto(sheets, version=2, scale=254 / 300),
    "inch1200.xml": lambda sheets: alto(sheets, version=3, scale=4),
    "page.xml": lambda sheets: page_xml(sheets[0]),
    "scan.hocr": hocr,
}


def placed(found: Document) -> dict[tuple[int, Box], str]:
    """Page and box in pixels → the text there."""
    assert found.layout is not None
    return {
        (w.page, (round(w.x * WIDTH), round(w.y * HEIGHT), round(w.width * WIDTH),
                  round(w.height * HEIGHT))): found.text[w.start : w.end]
        for w in found.layout.words
    }  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@given(sheets=SHEETS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_page(tmp_path: Path, name: str, sheets: list[Sheet]) -> None:
    if name == "page.xml":
        sheets = sheets[:1]
    expected = words_of(sheets)
    assume(expected)
    path = tmp_path / name
    path.write_text(FORMATS[name](sheets), encoding="utf-8")
    with open_source(path) as source:
        (found,) = transcription.read(source)
    assert isinstance(found, Document)
    there = placed(found)
    assert there
    for place, text in there.items():
        written = expected[place]
        assert text in (written, written[:-1] if written[-1] in "-¬\xad" else written)
    left_out = {" ".join(expected[place].split()) for place in expected.keys() - there.keys()}
    # Lines that three pages repeat at their edge are running headers.
    assert not left_out or len(sheets) >= 3
    assert found.layout is not None
    words = found.layout.words
    assert all(a.end <= b.start for a, b in pairwise(words))
    assert len(found.layout.pages) == len(sheets)
    for passage in split(found):
        assert passage.text == found.text[passage.start : passage.end]
    starts = [offset for offset, _ in found.pages]
    assert starts == sorted(starts)
    for n, (offset, label) in enumerate(found.pages):
        following = starts[n + 1] if n + 1 < len(starts) else len(found.text)
        own = [w for w in words if offset <= w.start < following]
        assert {found.layout.pages[w.page].label for w in own} == {label}


WORDS = re.findall(
    r"\w+",
    "keeper writes that fog came in before noon and stayed two days no ship was seen bell rung by"
    " hand until rope gave way he asks for new glass hundred candles an oar",
)


def prose(n: int) -> Sheet:
    """A page like no other, with a word that is broken at a line end."""
    text = [WORDS[(n * 7 + i * (n + 3)) % len(WORDS)] for i in range(40)]
    lines = [*(" ".join(text[i : i + 10]) for i in (0, 10)), "and then the assis-", "tant came."]
    return sheet(lines, [" ".join(text[i : i + 10]) for i in (20, 30)])


@pytest.mark.parametrize("name", FORMATS)
def test_share_of_right_boxes_on_clean_pages(
    tmp_path: Path, sandbox: ParserSandbox, name: str
) -> None:
    """Through the child process, which sends boxes as numbers."""
    pages = [prose(n) for n in range(1 if "page" in name else 10)]
    found = document(tmp_path / name, FORMATS[name](pages), sandbox)
    expected, there = words_of(pages), placed(found)
    right = [p for p, text in expected.items() if there.get(p) in (text, text.rstrip("-"))]
    assert len(right) >= 0.99 * len(expected)
    assert "the assistant came." in found.text
    confidence = {w.confidence for w in found.layout.words} if found.layout else set()
    assert confidence == {0.8 if "page" in name else 0.93 if "hocr" in name else 0.9}


def test_no_words(tmp_path: Path) -> None:
    path = tmp_path / "empty.xml"
    path.write_text(alto([()]))
    with open_source(path) as source, pytest.raises(ReadError, match="no words in it"):
        list(transcription.read(source))
