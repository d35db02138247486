"""Image files: their pages, sizes and pixels. Home of Pillow.

PNG, JPEG and JPEG 2000 have one page; of TIFF each picture is one, thumbnails left out. Pictures
are turned upright as their EXIF orientation says, and come on white, in 8 bits. Not here: PDF
(`formats.pdf`), which sizes are wanted (`pictures`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from rag.errors import ReadError

MAX_PIXELS = 150_000_000
"""Pixels of one picture: a page of 1.2 by 0.85 m at 300 dpi has 140 million."""
MAX_PAGES = 10_000
FORMATS = ("PNG", "JPEG", "TIFF", "JPEG2000")

Image.MAX_IMAGE_PIXELS = None  # the limit is checked here, before pixels are read
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION, _SUBFILE = 0x0112, 0x00FE
_DAMAGED = "is damaged or cut off; copy the file again, or scan the page again"


def sizes(file: BinaryIO) -> list[tuple[int, int]]:
    """Width and height in pixels of each page, upright. Raises ReadError."""
    return [(width, height) for width, height, _ in shapes(file)]


def shapes(file: BinaryIO) -> list[tuple[int, int, bool]]:
    """Width and height of each page, upright, and whether it lies on its side in the file."""
    with _opened(file) as image:
        return [(*upright_size(image), _lies(image)) for _ in _pages(image)]


@contextmanager
def page(file: BinaryIO, frame: int) -> Iterator[Image.Image]:
    """The picture of a page, its pixels not read yet. Raises ReadError, also for what is done
    with it: a damaged picture shows when its pixels are read."""
    with _opened(file) as image:
        for number, _ in enumerate(_pages(image)):
            if number == frame:
                width, height = upright_size(image)
                if width * height > MAX_PIXELS:
                    raise ReadError(
                        f"page {frame + 1} has {width:,} × {height:,} pixels; at most"
                        f" {MAX_PIXELS:,} are read; save it smaller, or cut it into several"
                    )
                yield image
                return
        raise ReadError(f"there is no page {frame + 1}; the file has changed: ingest it again")


def flat(
    image: Image.Image, size: tuple[int, int], gray: bool = False, upright: bool = True
) -> Image.Image:
    """The picture, upright or as it lies in the file, of this size, as 8-bit gray or RGB on white.

    A picture in black and white alone stays so where its size does not change.
    """
    # Pillow turns a TIFF upright itself.
    is_tiff = isinstance(image, TiffImagePlugin.TiffImageFile)
    orientation = _orientation(image) if upright and not is_tiff else 1
    before = size[::-1] if orientation in _TURNED else size
    # A JPEG is read at a lower resolution where that will do.
    image.draft("L" if gray or image.mode == "L" else "RGB", before)
    image.load()
    if image.mode == "1" and image.size == before and not gray:
        plain: Image.Image = image.copy()
    else:
        plain = _eight_bit(image)
        if gray and plain.mode == "RGB":
            plain = plain.convert("L")  # first, since it takes less memory than colours
        plain = _resized(plain, before)
    if plain.mode in ("LA", "RGBA"):
        white = Image.new("RGB", plain.size, "white")
        white.paste(plain, mask=plain.getchannel("A"))
        plain = white
    if gray and plain.mode != "L":
        plain = plain.convert("L")
    if orientation != 1:
        plain.getexif()[_ORIENTATION] = orientation
        plain = ImageOps.exif_transpose(plain)
    return plain


def resolution(image: Image.Image) -> float | None:
    """Dots per inch as the file says, None where it says none or what cannot be."""
    said = image.info.get("dpi")
    try:
        dpi = float(max(said)) if said else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return dpi if 50 <= dpi <= 2400 else None


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture as L, LA, RGB or RGBA."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("I", "F"):
        low, high = image.getextrema()
        assert isinstance(low, int | float) and isinstance(high, int | float)
        scale = 255 / (high - low) if math.isfinite(high - low) and high > low else 0.0
        return image.point(lambda value: value * scale - low * scale).convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "LA", "RGB", "RGBA") else image.convert("RGB")


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Image.Image]:
    """The image file; whatever Pillow finds wrong with it is a ReadError."""
    try:
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            yield image
    except (ReadError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise ReadError(f"the picture {_DAMAGED}") from error
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError) as error:
        raise ReadError(f"the picture {_DAMAGED} ({error})"[:300]) from error


def _pages(image: Image.Image) -> Iterator[None]:
    """Goes to each page of the file in turn. A smaller copy of another picture is none."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        yield None
        return
    at = found = 0
    while True:
        try:
            image.seek(at)
        except EOFError:
            return
        reduced = image.tag_v2.get(_SUBFILE, 0)
        if not (isinstance(reduced, int) and reduced & 1):
            found += 1
            if found > MAX_PAGES:
                raise ReadError(f"more than {MAX_PAGES:,} pages; split the file")
            yield None
        at += 1


def upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if _lies(image) else (width, height)


def _lies(image: Image.Image) -> bool:
    """Whether the picture lies on its side; Pillow gives that of a TIFF upright."""
    is_tiff = isinstance(image, TiffImagePlugin.TiffImageFile)
    return not is_tiff and _orientation(image) in _TURNED


def _orientation(image: Image.Image) -> int:
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Pillow would read all pixels in search of it
    said = image.getexif().get(_ORIENTATION, 1)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1
