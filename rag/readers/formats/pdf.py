"""PDF with a text layer: lines put together to paragraphs, pages kept. Home of pypdfium2.

PDFium gives characters in the order in which they are drawn. Its lines, with their places, are
made into paragraphs by `rag.readers.formats.pdf_layout`. Pages have the labels that the file gives
them, else their number from 1. Not here: recognition (OCR), forms, columns drawn across.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pypdfium2
import pypdfium2.raw as raw

from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats.pdf_layout import HYPHEN, Line, paragraphs
from rag.readers.pages import resolved
from rag.readers.source import SourceFile
from rag.types import ReadItem

MAX_PAGES = 10_000
_OCR = "recognise it (OCR), for example with `ocrmypdf in.pdf out.pdf`, and ingest the result"
_HYPHENS = (2, 0xFFFE)  # how PDFium marks a hyphen at a line end
_LAST_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐¬]\Z")
_FAULTS = {
    raw.FPDF_ERR_PASSWORD: "protected by a password; save a copy without one",
    raw.FPDF_ERR_SECURITY: "protected by a password; save a copy without one",
}
_NO_TITLE = re.compile(r"microsoft word|untitled|без имени|^\W*$|\.\w{2,4}$|^документ\d*$", re.I)


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The document of a PDF file. Raises ReadError."""
    path = source.path
    try:
        pdf = pypdfium2.PdfDocument(source.file)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        cause = _FAULTS.get(code, "not readable as PDF: it is damaged; copy it or create it again")
        raise ReadError(cause) from error
    with pdf:
        if len(pdf) > MAX_PAGES:
            raise ReadError(f"more than {MAX_PAGES:,} pages; split the file")
        pages = [_lines(pdf, number) for number in range(len(pdf))]
        labels = [pdf.get_page_label(n) or str(n + 1) for n in range(len(pdf))]
        title = pdf.get_metadata_dict().get("Title", "").strip()
    _check(pages)
    marked = paragraphs(pages, labels)
    text, offsets = resolved(marked)
    if not text:
        raise ReadError(f"no text layer: its pages are pictures; {_OCR}")
    record: dict[str, object] = {"text": text}
    record["title"] = path.stem if _NO_TITLE.search(title) else title
    blank = [label for label, lines in zip(labels, pages, strict=True) if not lines]
    if blank:
        record["pages_without_text"] = ", ".join(blank)
    yield replace(metadata.document(record, path.stem, str(path)), pages=offsets)


def _lines(pdf: pypdfium2.PdfDocument, number: int) -> list[Line]:
    """The lines of a page from its text layer, with where they stand in points."""
    try:
        page = pdf[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise ReadError(
            f"page {number + 1} is damaged; copy the file or create it again"
        ) from error
    lines = [line for run in _runs(text) if (line := _line(text, run))]
    text.close()
    page.close()
    return lines


def _runs(text: pypdfium2.PdfTextPage) -> Iterator[list[tuple[int, int]]]:
    """(Place, UTF-16 unit) of the characters of each line.

    PDFium's own line ends, and two that it leaves out: behind a hyphen, and where the type changes.
    """
    run: list[tuple[int, int]] = []
    base = size = 0.0
    for i in range(text.count_chars()):
        unit = raw.FPDFText_GetUnicode(text, i)
        if unit not in (10, 13):
            if not run or run[-1][1] == 32:  # a word begins
                here = _origin(text, i)
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


def _line(text: pypdfium2.PdfTextPage, run: list[tuple[int, int]]) -> Line | None:
    # Characters outside the basic plane come as surrogate pairs.
    units = b"".join(min(unit, 0xFFFF).to_bytes(2, "little") for _, unit in run)
    words = "".join(map(_clean, units.decode("utf-16-le", "replace")))
    words = _LAST_HYPHEN.sub(HYPHEN, " ".join(words.split()))
    inked = [i for i, unit in run if unit > 32]
    if not words or not inked:
        return None
    left, right = _box(text, inked[0])[0], _box(text, inked[-1])[1]
    size = raw.FPDFText_GetFontSize(text, inked[0])
    return Line(words, left, right, _origin(text, inked[0]), size)


def _clean(character: str) -> str:
    if ord(character) in _HYPHENS:
        return HYPHEN
    if "\ufb00" <= character <= "\ufb06":  # a ligature is type, not spelling
        return unicodedata.normalize("NFKC", character)
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs") else character


def _box(text: pypdfium2.PdfTextPage, i: int) -> tuple[float, float, float, float]:
    """Left, right, bottom, top of a character in points."""
    box = [ctypes.c_double() for _ in range(4)]
    raw.FPDFText_GetCharBox(text, i, *box)
    left, right, bottom, top = (value.value for value in box)
    return left, right, bottom, top


def _origin(text: pypdfium2.PdfTextPage, i: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, i, x, y)
    return y.value


def _check(pages: list[list[Line]]) -> None:
    """ReadError where there is no text layer, or its fonts do not say which letters they show."""
    words = "".join(line.text for lines in pages for line in lines)
    if not words:
        raise ReadError(f"no text layer: its pages are pictures; {_OCR}")
    if words.count("\ufffd") > 0.02 * len(words):
        raise ReadError(f"its fonts do not say which letters they show; {_OCR}")
