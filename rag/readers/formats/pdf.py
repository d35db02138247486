"""PDF with a text layer: lines put together to paragraphs, pages kept. A home of pypdfium2.

The lines of a page come from `pdf_text`, are made into paragraphs by `pdf_layout`, and their words
are found again in the text by `pdf_words`. Pages have the labels that the file gives
them, else their number from 1. Pages that are pictures, or whose fonts do not say which letters
they show, are left to recognition. Not here: recognition (OCR), forms, columns drawn across.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as raw
from PIL.Image import Image

from index_store.layout import Layout, Page
from index_store.types import Document
from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats.pdf_layout import Line, body, paragraphs
from rag.readers.formats.pdf_text import lines
from rag.readers.formats.pdf_words import placed
from rag.readers.pages import resolved
from rag.readers.scans.unread import Unread
from rag.readers.source import SourceFile
from rag.text.detection import UNKNOWN
from rag.types import ReadItem

MAX_PAGES = 10_000
_RULES = 30  # lines and frames that a page may have without showing letters
_FAULTS = {
    raw.FPDF_ERR_PASSWORD: "protected by a password; save a copy without one",
    raw.FPDF_ERR_SECURITY: "protected by a password; save a copy without one",
}
_NO_TITLE = re.compile(r"microsoft word|untitled|без имени|^\W*$|\.\w{2,4}$|^документ\d*$", re.I)


def read(source: SourceFile) -> Iterator[ReadItem | Unread]:
    """The document of a PDF file, with the pages that are left to recognition.

    Raises ReadError.
    """
    path = source.path
    with _opened(source.file) as pdf:
        pages = [_lines(pdf, number) for number in range(len(pdf))]
        labels = [pdf.get_page_label(n) or str(n + 1) for n in range(len(pdf))]
        printed = [
            Page(label, width, height, frame=number)
            for number, (label, (width, height)) in enumerate(
                zip(labels, map(pdf.get_page_size, range(len(pdf))), strict=True)
            )
        ]
        title = pdf.get_metadata_dict().get("Title", "").strip()
        unread = _unread(pdf, pages)
    pages = [[] if n in unread else lines for n, lines in enumerate(pages)]
    kept = body(pages)
    text, numbered = resolved(paragraphs(kept, [str(n) for n in range(len(pages))]))
    numbers = tuple(int(number) for _, number in numbered)
    offsets = tuple((offset, labels[int(number)]) for offset, number in numbered)
    record: dict[str, object] = {"text": text}
    record["title"] = path.stem if _NO_TITLE.search(title) else title
    blank = [label for label, lines in zip(labels, pages, strict=True) if not lines]
    if blank:
        record["pages_without_text"] = ", ".join(blank)
    if text:
        document = metadata.document(record, path.stem, str(path))
    elif unread:
        unread = dict.fromkeys(range(len(pages)), "") | unread  # an empty page is a page, too
        metadata.check_characters(record)
        empty = Document(path.stem, path.stem, UNKNOWN, "", path=str(path))
        document = metadata.corrected(empty, record)
    else:
        raise ReadError("its pages are empty; create the file again")
    words = [[word for line in lines for word in line.words] for lines in kept]
    layout = Layout(tuple(printed), tuple(placed(document.text, words)))
    document = replace(document, pages=offsets, layout=layout)
    if unread:
        cause = " or ".join(filter(None, dict.fromkeys(unread.values())))
        yield Unread(document, tuple(labels), tuple(unread), cause, numbers)
    else:
        yield document


def sizes(file: BinaryIO) -> Iterator[tuple[float, float]]:
    """Width and height of each page in points, upright. Raises ReadError."""
    with _opened(file) as pdf:
        yield from (pdf.get_page_size(number) for number in range(len(pdf)))


def drawn(
    file: BinaryIO,
    number: int,
    scale_of: Callable[[tuple[float, float]], float],
    gray: bool = False,
) -> Image:
    """A page as a picture; `scale_of` gives pixels a point for its size. Raises ReadError."""
    with _opened(file) as pdf:
        if number >= len(pdf):
            raise ReadError(f"there is no page {number + 1}; the file has changed: ingest it again")
        page = _page(pdf, number)
        size = page.get_size()
        if min(size) <= 0:
            raise ReadError(f"page {number + 1} has no size; create the file again")
        bitmap = page.render(scale=scale_of(size), grayscale=gray)
        picture: Image = bitmap.to_pil().copy()  # its pixels are those of the bitmap
        bitmap.close()
        page.close()
    return picture


def forget_fonts() -> None:
    """Start PDFium anew, while no file is open: 0.2 ms.

    Once a page is drawn, it measures letters by the fonts that it took in place of missing ones. So
    what is read would depend on what was drawn before.
    """
    raw = pypdfium2.raw
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=2))


@contextmanager
def _opened(file: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    try:
        pdf = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        cause = _FAULTS.get(code, "not readable as PDF: it is damaged; copy it or create it again")
        raise ReadError(cause) from error
    with pdf:
        if len(pdf) > MAX_PAGES:
            raise ReadError(f"more than {MAX_PAGES:,} pages; split the file")
        yield pdf


def _page(pdf: pypdfium2.PdfDocument, number: int) -> pypdfium2.PdfPage:
    try:
        return pdf[number]
    except pypdfium2.PdfiumError as error:
        raise ReadError(
            f"page {number + 1} is damaged; copy the file or create it again"
        ) from error


def _lines(pdf: pypdfium2.PdfDocument, number: int) -> list[Line]:
    page = _page(pdf, number)
    text = page.get_textpage()
    found = lines(page, text)
    text.close()
    page.close()
    return found


def _unread(pdf: pypdfium2.PdfDocument, pages: list[list[Line]]) -> dict[int, str]:
    """The pages to be recognised, with the cause: pictures, and fonts that do not tell letters."""
    words = ["".join(line.text for line in lines) for lines in pages]
    wrong = sum(text.count("\ufffd") for text in words)
    # In a document whose fonts are good, single signs that cannot be told are no cause.
    most = 0.02 if wrong > 0.02 * sum(map(len, words)) else 0.1
    found = {}
    for number, text in enumerate(words):
        if not text and _shows_something(pdf, number):
            found[number] = "no text layer: its pages are pictures"
        elif text.count("\ufffd") > most * len(text):
            found[number] = "its fonts do not say which letters they show"
    return found


def _shows_something(pdf: pypdfium2.PdfDocument, number: int) -> bool:
    """Whether there may be writing on a page without text: a picture, or letters as outlines."""
    page = _page(pdf, number)
    drawn = (raw.FPDFPage_GetObject(page, n) for n in range(raw.FPDFPage_CountObjects(page)))
    kinds = Counter(map(raw.FPDFPageObj_GetType, drawn))
    page.close()
    pictures = kinds[raw.FPDF_PAGEOBJ_IMAGE] + kinds[raw.FPDF_PAGEOBJ_FORM]
    return pictures > 0 or kinds[raw.FPDF_PAGEOBJ_PATH] > _RULES
