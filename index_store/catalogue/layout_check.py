"""The check of a layout that a writer hands in. Not here: how it is stored (`layouts`)."""

from __future__ import annotations

import math

from index_store.errors import StoreError
from index_store.layout import Layout, is_picture_name

_TOLERANCE = 1e-6
"""How far a box may stand outside of its page: rounding of what a source gives."""


def check_layout(layout: Layout, length: int, where: str) -> None:
    """Raises StoreError, with `where`, unless the layout fits a text of `length` code points.

    Words follow each other in the text without overlapping, their boxes lie on a known page, and
    pages have a size and no picture but one whose name can be one.
    """
    for number, page in enumerate(layout.pages, 1):
        sizes = (page.width, page.height)
        if not all(math.isfinite(size) and size > 0 for size in sizes) or page.frame < 0:
            raise StoreError(f"{where}: page {number} has no size or no place in its file")
        if page.picture is not None and not is_picture_name(page.picture):
            raise StoreError(f"{where}: page {number} has a picture with an impossible name")
    before = 0
    for word in layout.words:
        if not before <= word.start < word.end <= length:
            raise StoreError(
                f"{where}: a word box at {word.start}:{word.end} lies outside the text,"
                " or not behind the box before"
            )
        before = word.end
        if not 0 <= word.page < len(layout.pages):
            raise StoreError(f"{where}: a word box stands on page {word.page}, which is not there")
        right, bottom = word.x + word.width, word.y + word.height
        inside = (
            word.x >= -_TOLERANCE and word.y >= -_TOLERANCE  # False for NaN, too
            and word.width >= 0 and word.height >= 0
            and right <= 1 + _TOLERANCE and bottom <= 1 + _TOLERANCE
        )  # fmt: skip
        if not inside:
            raise StoreError(f"{where}: the box of the word at {word.start} leaves its page")
        if word.confidence is not None and not 0 <= word.confidence <= 1:
            raise StoreError(f"{where}: the word at {word.start} has a confidence outside 0 to 1")
