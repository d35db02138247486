"""The lines of a PDF page from its text layer, with the places of their words. A home of pypdfium2.

PDFium gives characters in the order in which they are drawn. Not here: opening files and drawing
pages (`pdf`), what lines belong together (`pdf_layout`).
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby

import pypdfium2
import pypdfium2.raw as raw

from rag.readers.formats.pdf_layout import Line
from rag.readers.formats.pdf_words import HYPHEN, Box, PrintedWord

_HYPHENS = (2, 0xFFFE)  # how PDFium marks a hyphen at a line end
_LAST_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐¬]\Z")
_SAMPLE = 200  # characters of a page that show in which direction it is written


def lines(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> list[Line]:
    """The lines of a page in the order of its text layer."""
    ruler = _Ruler(page, text)
    return [line for run in _runs(text, ruler) if (line := _line(text, run, ruler))]


def _runs(text: pypdfium2.PdfTextPage, ruler: _Ruler) -> Iterator[list[tuple[int, int]]]:
    """(Place, UTF-16 unit) of the characters of each line.

    PDFium's own line ends, and two that it leaves out: behind a hyphen, and where the type changes.
    """
    run: list[tuple[int, int]] = []
    base = size = 0.0
    for i in range(text.count_chars()):
        unit = raw.FPDFText_GetUnicode(text, i)
        if unit not in (10, 13):
            if not run or run[-1][1] == 32:  # a word begins
                here = ruler.base(i)
                if run and abs(here - base) > 0.6 * size:
                    yield run
                    run = []
                if not run:
                    base, size = here, raw.FPDFText_GetFontSize(text, i)
            run.append((i, unit))
        if run and unit in (10, 13, *_HYPHENS):
            yield run
            run = []
    if run:
        yield run


def _line(text: pypdfium2.PdfTextPage, run: list[tuple[int, int]], ruler: _Ruler) -> Line | None:
    words: list[PrintedWord] = []
    for space, characters in groupby(run, key=lambda character: _is_space(character[1])):
        if not space:
            places, units = zip(*characters, strict=True)  # places follow each other
            words.append(PrintedWord(_spelt(units), ruler.around(places[0], len(places))))
    inked = [i for i, unit in run if unit > 32]
    if not words or not inked:
        return None
    words[-1] = replace(words[-1], text=_LAST_HYPHEN.sub(HYPHEN, words[-1].text))
    line = " ".join(word.text for word in words)
    left, right = ruler.edges(inked[0])[0], ruler.edges(inked[-1])[1]
    size = raw.FPDFText_GetFontSize(text, inked[0])
    return Line(line, left, right, ruler.base(inked[0]), size, tuple(words))


@cache
def _is_space(unit: int) -> bool:
    character = chr(min(unit, 0xFFFF))
    return character.isspace() and unicodedata.category(character) != "Cc"


def _spelt(units: Sequence[int]) -> str:
    """The word of these UTF-16 units; characters outside the basic plane are surrogate pairs."""
    if max(units) < 0xD800:
        word = "".join(map(chr, units))
        if word.isprintable():
            return word  # nothing to clean, as is usual
    else:
        data = b"".join(min(unit, 0xFFFF).to_bytes(2, "little") for unit in units)
        word = data.decode("utf-16-le", "replace")
    return "".join(map(_clean, word))


def _clean(character: str) -> str:
    if ord(character) in _HYPHENS:
        return HYPHEN
    if "\ufb00" <= character <= "\ufb06":  # a ligature is type, not spelling
        return unicodedata.normalize("NFKC", character)
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs") else character


class _Ruler:
    """Measures the characters of a page; not for several threads.

    Lines are measured in points along the direction in which most of the page is written, so that
    a page that was turned to be scanned or printed is read like any other.
    """

    _STEPS = 1 << 18  # of the drawn page's width and height

    def __init__(self, page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> None:
        self._text = text
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        # How the page is turned and cut to its crop box is one linear map: three points tell it.
        reach = max(1.0, *page.get_size())
        zero, right, up = (self._drawn(page, x, y) for x, y in ((0, 0), (reach, 0), (0, reach)))
        self._zero = zero
        self._right = (right[0] - zero[0]) / reach, (right[1] - zero[1]) / reach
        self._up = (up[0] - zero[0]) / reach, (up[1] - zero[1]) / reach
        self._cos, self._sin = _direction(text)

    def base(self, i: int) -> float:
        """The height of the base line on which a character stands."""
        x, y, *_ = self._edges
        raw.FPDFText_GetCharOrigin(self._text, i, x, y)
        return x.value * self._sin + y.value * self._cos

    def edges(self, i: int) -> tuple[float, float]:
        """Where a character begins and ends in its line."""
        left, right, bottom, top = self._edges
        raw.FPDFText_GetCharBox(self._text, i, left, right, bottom, top)
        first, last = (
            x * self._cos - y * self._sin
            for x, y in ((left.value, bottom.value), (right.value, top.value))
        )
        return min(first, last), max(first, last)

    def around(self, first: int, count: int) -> Box | None:
        """The box of these characters in fractions of the page as it is drawn.

        None where nothing of it is on the page.
        """
        left, top, right, bottom = self._edges
        corners = []
        for part in range(raw.FPDFText_CountRects(self._text, first, count)):
            raw.FPDFText_GetRect(self._text, part, left, top, right, bottom)
            corners.append(self._on_page(left.value, top.value))
            corners.append(self._on_page(right.value, bottom.value))
        if not corners:
            return None
        (x, far_x), (y, far_y) = ((min(v), max(v)) for v in zip(*corners, strict=True))
        return (x, y, far_x, far_y) if x < far_x and y < far_y else None

    def _on_page(self, x: float, y: float) -> tuple[float, float]:
        """A point in points as fractions of the drawn page, brought inside of it."""
        across, down = (
            zero + x * right + y * up
            for zero, right, up in zip(self._zero, self._right, self._up, strict=True)
        )
        return min(1.0, max(0.0, across)), min(1.0, max(0.0, down))

    def _drawn(self, page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
        across, down, size = ctypes.c_int(), ctypes.c_int(), self._STEPS
        raw.FPDF_PageToDevice(page, 0, 0, size, size, 0, x, y, across, down)
        return across.value / size, down.value / size


def _direction(text: pypdfium2.PdfTextPage) -> tuple[int, int]:
    """Cosine and sine of the angle, clockwise, in quarters, in which most of a page is written."""
    count = text.count_chars()
    angles = Counter(
        round(raw.FPDFText_GetCharAngle(text, i) / (math.pi / 2)) % 4
        for i in range(0, count, max(1, count // _SAMPLE))
        if raw.FPDFText_GetUnicode(text, i) > 32
    )
    quarter = max(angles, key=lambda angle: (angles[angle], -angle), default=0)
    return ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
