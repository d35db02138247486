"""A page's picture with boxes marked on it, as PNG.

Not here: the picture, which comes from the store, and the boxes (`regions`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from index_store.layout import Region

_INK = (255, 226, 77)
_MARGIN = 0.15  # of a line's height, around the box


def png(picture: bytes, marked: Sequence[Region] = ()) -> bytes:
    """The picture (JPEG or PNG, from the store) as PNG, with these boxes of it marked."""
    with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as opened:
        page = opened.convert("RGB")
    if marked:
        ink = Image.new("RGB", page.size, "white")
        draw = ImageDraw.Draw(ink)
        for region in marked:
            draw.rectangle(_pixels(region, page.size), fill=_INK)
        page = ImageChops.multiply(page, ink)  # dark letters stay dark
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _pixels(region: Region, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels, with a margin."""
    width, height = size
    margin = _MARGIN * region.height * height
    left, top = region.x * width, region.y * height
    right, bottom = left + region.width * width, top + region.height * height
    return left - margin, top - margin, right + margin, bottom + margin
