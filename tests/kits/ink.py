"""Whether the marks on a page stand on the right words: the ink in them, counted in a screenshot.

Ink is what is dark in red light, which neither paper nor marks nor their edges are.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page

_DARK = 110
Cell = tuple[float, float, float, float]
"""Left, top, width, height in fractions of a page."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A word as it was drawn: its page, from 1, and a cell that holds its ink and no other."""

    text: str
    page: int
    cell: Cell


def found(quote: str, words: Sequence[Placed]) -> slice:
    """Where the words of a quotation are in the words of a document; each must be there once."""
    wanted, drawn = quote.split(), [word.text for word in words]
    starts = [n for n in range(len(drawn)) if drawn[n : n + len(wanted)] == wanted]
    assert len(starts) == 1, f"{quote!r} is there {len(starts)} times"
    return slice(starts[0], starts[0] + len(wanted))


def inked(page: Page, view: Locator, words: Sequence[Placed], quote: str) -> tuple[float, float]:
    """Of the quotation's ink on the page that is shown, the share in the marks; and the ink of
    other words in the marks, as a share of the quotation's.

    `view` is the element of the page view. Only what is in sight is counted.
    """
    number = int(view.get_attribute("data-number") or 0)
    here = [word for word in words[found(quote, words)] if word.page == number]
    others = [word for word in words if word.page == number and word not in here]
    rect = "e => { const { x, y, width, height } = e.getBoundingClientRect(); return [x, y, width, height]; }"  # noqa: E501
    left, top, wide, high = view.locator(".fonds-sheet").evaluate(rect)
    frame = view.locator(".fonds-page-frame").evaluate(rect)
    ratio = float(page.evaluate("window.devicePixelRatio"))
    red = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))[:, :, 0]

    def mask(rects: Sequence[Sequence[float]]) -> NDArray[np.bool_]:
        out = np.zeros(red.shape, dtype=bool)
        for x, y, width, height in rects:
            a, b = (round(edge * ratio) for edge in (x, x + width))
            c, d = (round(edge * ratio) for edge in (y, y + height))
            out[max(c, 0) : max(d, 0), max(a, 0) : max(b, 0)] = True
        return out

    def cells(of: Sequence[Placed]) -> NDArray[np.bool_]:
        return mask(
            [(left + x * wide, top + y * high, w * wide, h * high) for x, y, w, h in
             (word.cell for word in of)]
        )  # fmt: skip

    ink = (red < _DARK) & mask([frame])
    boxes = view.locator(".fonds-box").all()
    marks = mask([box.evaluate(rect) for box in boxes])
    own, foreign = ink & cells(here), ink & cells(others)
    assert own.sum() > 30 * len(here), "the words are not in sight"
    return float((own & marks).sum() / own.sum()), float((foreign & marks).sum() / own.sum())
