"""The boxes of words of PDF: turned and cropped pages, hyphens, page breaks; and the pixels."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from index_store.layout import Layout
from index_store.types import Document
from rag.readers.formats import pdf as reader
from rag.readers.formats.pdf_words import HYPHEN, PrintedWord, placed
from rag.readers.sandbox import ParserSandbox
from rag.readers.source import open_source
from tests.kits.pdf_kit import LEFT, SIZE, WIDTH, Placed, pdf, prose
from tests.kits.reading_kit import document

LETTER = (
    "The keeper writes that the fog came in before noon and",
    "stayed for two days. No ship was seen, and the whole har-",
    "bour was silent but for the bell; the keeper's assis-",
    "tant rang it by hand until the rope gave way.",
)
CROP = (30.0, 100.0, 560.0, 800.0)
UPRIGHT = "1 0 0 1 0 0"


@dataclass(frozen=True)
class Case:
    """How pages are made: `turn` and `crop` are of lines that stand upright before the turn."""

    box: str
    matrix: str = UPRIGHT
    turn: int = 0
    crop: tuple[float, ...] = (0.0, 0.0, 595.0, 842.0)


CASES = {
    "upright": Case("/MediaBox [0 0 595 842]"),
    "origin elsewhere": Case("/MediaBox [-50 -20 700 900]", crop=(-50.0, -20.0, 700.0, 900.0)),
    # As a landscape sheet is printed: what is written is turned, and the page turns it back.
    "turned by 90": Case(
        "/MediaBox [0 0 595 842] /Rotate 90", "0 1 -1 0 595 0", crop=(0.0, 0.0, 842.0, 595.0)
    ),
    "turned by 180": Case("/MediaBox [0 0 595 842] /Rotate 180", "-1 0 0 -1 595 842"),
    "turned by 270": Case(
        "/MediaBox [0 0 595 842] /Rotate 270", "0 -1 1 0 0 842", crop=(0.0, 0.0, 842.0, 595.0)
    ),
    **{
        f"cropped, seen turned by {turn}": Case(
            f"/MediaBox [0 0 595 842] /CropBox [{' '.join(map(str, CROP))}] /Rotate {turn}",
            turn=turn,
            crop=CROP,
        )
        for turn in (0, 90, 180, 270)
    },
}


def made(pages: Sequence[Sequence[Placed]], case: str, path: Path) -> Path:
    path.write_bytes(pdf(pages, box=CASES[case].box, matrix=CASES[case].matrix))
    return path


def read(path: Path) -> Document:
    """As the child process reads it, in this process."""
    with open_source(path) as source:
        (found,) = reader.read(source)
    assert isinstance(found, Document)
    return found


def layout_of(found: Document) -> Layout:
    assert found.layout is not None
    return found.layout


def expected(placed: Placed, case: Case) -> Iterator[tuple[str, tuple[float, ...]]]:
    """The words of a printed line with the box of their type on the page as it is seen."""
    x, y, line = placed
    left, bottom, right, top = case.crop
    width, height = right - left, top - bottom
    for match in re.finditer(r"\S+", line):
        begin, end = (x + WIDTH * SIZE * at for at in match.span())
        corners = []
        for px, py in ((begin - 0.3 * SIZE, y + SIZE), (end + 0.3 * SIZE, y - 0.4 * SIZE)):
            u, v = (px - left) / width, (top - py) / height
            turned = {0: (u, v), 90: (1 - v, u), 180: (1 - u, 1 - v), 270: (v, 1 - u)}
            corners.append(turned[case.turn])
        (u0, v0), (u1, v1) = corners
        yield match[0].removesuffix("-"), (min(u0, u1), min(v0, v1), max(u0, u1), max(v0, v1))


def share_right(found: Document, pages: Sequence[Sequence[Placed]], case: str) -> float:
    """The share of the printed words that have a box of their own, around their type."""
    wanted = Counter[tuple[int, str, tuple[float, ...]]]()
    for number, lines in enumerate(pages):
        for line in lines:
            wanted.update((number, *word) for word in expected(line, CASES[case]))
    words = layout_of(found).words
    total, right = max(wanted.total(), len(words)), 0
    for box in words:
        text = found.text[box.start : box.end].removesuffix("-")
        far = box.x + box.width, box.y + box.height
        for place in wanted:
            number, word, (x0, y0, x1, y1) = place
            inside = x0 <= box.x and y0 <= box.y and far[0] <= x1 and far[1] <= y1
            if inside and (number, word) == (box.page, text) and wanted[place]:
                wanted[place] -= 1
                right += 1
                break
    return right / total if total else 1.0


@pytest.mark.parametrize("case", CASES)
def test_boxes_are_fractions_of_the_page_as_it_is_seen(case: str, tmp_path: Path) -> None:
    pages = [prose(LETTER, top=550.0), prose(LETTER[3:], LETTER[:1], top=550.0)]
    found = read(made(pages, case, tmp_path / "a.pdf"))
    assert share_right(found, pages, case) == 1.0
    if case.startswith(("turned", "upright")):
        assert "days. No ship was seen, and the whole harbour was silent but" in found.text
    page, (left, bottom, right, top) = layout_of(found).pages[1], CASES[case].crop
    size = (right - left, top - bottom)
    assert (page.width, page.height) == (size[::-1] if CASES[case].turn in (90, 270) else size)
    assert (page.label, page.file, page.frame) == ("2", "", 1)


@pytest.mark.parametrize("case", CASES)
def test_all_ink_lies_in_the_boxes(case: str, tmp_path: Path) -> None:
    """The page is drawn by the library that draws it for readers; white boxes hide all letters."""
    path = made([prose(LETTER, top=550.0)], case, tmp_path / "a.pdf")
    words = layout_of(read(path)).words
    with pypdfium2.PdfDocument(path) as opened:
        picture = opened[0].render(scale=2).to_pil().convert("L")
    assert picture.getextrema()[0] < 100
    for word in words:
        left, top = int(word.x * picture.width), int(word.y * picture.height)
        right = round((word.x + word.width) * picture.width)
        bottom = round((word.y + word.height) * picture.height)
        assert picture.crop((left, top, right, bottom)).getextrema()[0] < 150, "no ink in a box"
        picture.paste(255, (left - 2, top - 2, right + 2, bottom + 2))
    assert picture.getextrema()[0] > 150, "ink outside of the boxes"


def test_a_broken_word_has_a_box_for_each_part(tmp_path: Path, sandbox: ParserSandbox) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([[*prose(LETTER[:1]), (LEFT, 726.0, "the whole har-")],
                          [(LEFT, 740.0, "bour was silent.")]]))  # fmt: skip
    found = document(path, sandbox=sandbox)
    layout = layout_of(found)
    at = found.text.index("harbour")
    first, second = layout.between(at, at + len("harbour"))
    assert (found.text[first.start : first.end], first.page) == ("har", 0)
    assert (found.text[second.start : second.end], second.page) == ("bour", 1)
    assert first.end == second.start and first.y > second.y


def test_words_outside_of_the_page_have_no_box(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    box = "/MediaBox [0 0 595 842] /CropBox [0 0 595 734]"
    path.write_bytes(pdf([prose(LETTER)], box=box))
    found = read(path)
    assert found.text.startswith("The keeper")
    words = layout_of(found).words
    assert found.text[words[0].start :].startswith("stayed")
    assert all(w.y >= 0 and w.y + w.height <= 1 for w in words)


WORDS = st.text("abcdeзинй", min_size=2, max_size=9)  # PDFium takes single letters for a column
LINES = st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=7), st.booleans()), max_size=9)


@settings(max_examples=25, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3), st.sampled_from(sorted(CASES)))
def test_each_box_has_its_word(
    tmp_path_factory: pytest.TempPathFactory,
    given_pages: list[list[tuple[list[str], bool]]],
    case: str,
) -> None:
    """Random lines, some ending in a hyphen: each box stands where the source has that word."""
    pages = [
        [
            (LEFT, 550.0 - 14 * n, " ".join(words) + ("-" if hyphen else ""))
            for n, (words, hyphen) in enumerate(lines)
        ]
        for lines in given_pages
    ]
    assume(any(pages))
    found = read(made(pages, case, tmp_path_factory.mktemp("pdf") / "a.pdf"))
    assert share_right(found, pages, case) >= 0.99
    assert all(a.end <= b.start for a, b in pairwise(layout_of(found).words))


PARTS = st.tuples(
    st.from_regex("[ab][ab\xad]{0,4}", fullmatch=True), st.sampled_from(["", "-", HYPHEN])
)


@given(st.lists(st.lists(PARTS, max_size=5), max_size=4), st.randoms())
def test_words_are_found_again_whatever_became_of_their_hyphens(
    pages: list[list[tuple[str, str]]], chance: random.Random
) -> None:
    text, wanted = "", []
    for number, words in enumerate(pages):
        for word, hyphen in words:
            kept = "".join(c for c in word if c != "\xad" or chance.random() < 0.5)
            text += chance.choice([" ", "\n", "\n\n"])
            end = chance.choice(["", "-"]) if hyphen == HYPHEN else hyphen
            if kept + end:
                wanted.append((len(text), len(text) + len(kept + end), number))
            text += kept + end
    box = (0.1, 0.1, 0.2, 0.2)
    printed = [[PrintedWord(word + end, box) for word, end in words] for words in pages]
    assert [(word.start, word.end, word.page) for word in placed(text, printed)] == wanted
