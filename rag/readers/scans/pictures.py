"""Pictures of pages, from image files and PDF: in two widths to be shown, in gray to be recognised.

For the child process (`rag.readers.sandbox_worker`). Not here: the pixels of image files
(`images`), the drawing of PDF pages (`formats.pdf`), where pictures are kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from index_store.layout import Layout, Page
from index_store.types import Document
from rag.errors import ReadError
from rag.readers.formats import pdf
from rag.readers.scans import images
from rag.readers.scans.unread import Scan, Unread
from rag.readers.source import SourceFile, open_regular
from rag.text.detection import UNKNOWN

SCAN_PIXELS = 40_000_000
"""Pixels of a picture that is recognised; a larger one is made smaller."""
SCAN_DPI = 300
SHOWN_PIXELS = 40_000_000
"""Pixels of a picture that is shown, whatever its width: a page may be very long."""
_SIDE = 30_000  # pixels of the longer side: JPEG and Tesseract take few more
_FINE_DPI = 450  # from here a picture is recognised as well at 300 dpi, and sooner
_SMALL = 1700  # pixels of the longer side of a page at 150 dpi: larger letters are read better
_QUALITY = 80  # of JPEG
_GRAYS = 16  # of a page in black and white that is shown smaller


def frames(path: Path) -> list[tuple[float, float, bool]]:
    """Width and height of each page of a file, upright: pixels of an image, points of a PDF.

    Also whether it lies on its side in the file. Raises ReadError and OSError.
    """
    with open_regular(path) as file:
        if _is_pdf(file):
            return [(width, height, False) for width, height in pdf.sizes(file)]
        return [(float(width), float(height), lies) for width, height, lies in images.shapes(file)]


def page_pictures(
    path: Path, frame: int, widths: tuple[int, int], upright: bool = True
) -> tuple[bytes, bytes]:
    """A page in two widths in pixels: JPEG, or PNG where the page is in black and white alone.

    `frame` counts the pages of the file from 0. The pictures are upright, unless they are to be as
    they lie in the file, and never larger than the source. Raises ReadError and OSError.
    """
    with open_regular(path) as file:
        if _is_pdf(file):
            large = pdf.drawn(file, frame, lambda size: _scale(size, max(widths)))
            bilevel = False
        else:
            with images.page(file, frame) as image:
                bilevel = image.mode == "1"
                size = images.upright_size(image) if upright else image.size
                scale = min(1.0, _scale(size, max(widths)))
                large = images.flat(image, _times(size, scale), upright=upright)
    smaller = []
    for width in widths:
        scale = min(1.0, width / large.width)
        picture = large
        if scale < 1:
            gray = large.convert("L") if bilevel else large
            picture = gray.resize(_times(large.size, scale), reducing_gap=2.0)
        smaller.append(_encoded(picture, bilevel))
    return smaller[0], smaller[1]


def page_scan(path: Path, frame: int) -> Scan:
    """A page in gray, in a size that suits recognition. Raises ReadError and OSError."""
    with open_regular(path) as file:
        if _is_pdf(file):
            used: list[float] = []

            def scale_of(size: tuple[float, float]) -> float:
                used.append(min(SCAN_DPI / 72, _most(size, SCAN_PIXELS)))
                return used[0]

            gray = pdf.drawn(file, frame, scale_of, gray=True)
            return Scan(*gray.size, max(1, round(used[0] * 72)), gray.tobytes())
        with images.page(file, frame) as image:
            size, dpi = images.upright_size(image), images.resolution(image)
            scale = SCAN_DPI / dpi if dpi and dpi >= _FINE_DPI else 1.0
            if max(size) < _SMALL:
                scale = 2.0
            scale = min(scale, _most(size, SCAN_PIXELS))
            gray = images.flat(image, _times(size, scale), gray=True)
            return Scan(*gray.size, round(dpi * scale) if dpi else None, gray.tobytes())


def read(source: SourceFile) -> Iterator[Unread]:
    """The document of an image file, all its pages unread. Raises ReadError."""
    pages = tuple(
        Page(str(n + 1), max(width, 1), max(height, 1), frame=n)
        for n, (width, height) in enumerate(images.sizes(source.file))
    )
    if not pages:
        raise ReadError("it holds no picture; scan the page again")
    stem = source.path.stem
    blank = Document(stem, stem, UNKNOWN, "", title=stem, path=str(source.path))
    blank = replace(blank, layout=Layout(pages, ()))  # also of those that cannot be recognised
    yield Unread(blank, tuple(page.label for page in pages), tuple(range(len(pages))), "")


def _is_pdf(file: BinaryIO) -> bool:
    file.seek(0)
    return b"%PDF-" in file.read(1024)


def _scale(size: tuple[float, float], width: int) -> float:
    """What brings a page to this width, or less where it is very long."""
    return min(width / size[0], _most(size, SHOWN_PIXELS))


def _most(size: tuple[float, float], pixels: int) -> float:
    """What brings a page to this number of pixels, or less where it is very long."""
    return float(min((pixels / (size[0] * size[1])) ** 0.5, _SIDE / max(size)))


def _times(size: tuple[float, float], scale: float) -> tuple[int, int]:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _encoded(picture: Image.Image, bilevel: bool) -> bytes:
    out = io.BytesIO()
    if picture.mode == "1":
        picture.save(out, "PNG", optimize=True)
    elif bilevel:
        picture.quantize(_GRAYS).save(out, "PNG", optimize=True)
    else:
        picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
