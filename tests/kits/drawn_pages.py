"""Pages drawn with Pillow: a picture, and where each word of it stands.

The font is the one that comes with Pillow, so that it is there everywhere.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

MARGIN, LEADING, SIZE = 120, 62, 34
"""Of the page's left and upper edge, of a line, of the letters; in pixels."""


@dataclass(frozen=True, slots=True)
class DrawnWord:
    """A word and the pixels that hold its ink: left, top, width, height."""

    text: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """The lines of a page and its picture."""

    image: Image.Image
    lines: tuple[tuple[DrawnWord, ...], ...]

    def encoded(self, kind: str = "PNG", width: int | None = None) -> bytes:
        """The picture as a file, in this width where one is given."""
        image = self.image
        if width is not None:
            image = image.resize((width, round(image.height * width / image.width)))
        out = io.BytesIO()
        image.save(out, kind)
        return out.getvalue()


def draw(lines: Sequence[str], size: tuple[int, int] = (1240, 1754)) -> DrawnPage:
    """A white page of this size in pixels with these lines in black."""
    image = Image.new("L", size, 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(SIZE)
    placed = []
    for n, line in enumerate(lines):
        x, y, words = float(MARGIN), MARGIN + n * LEADING, []
        for word in line.split():
            left, top, right, bottom = pen.textbbox((round(x), y), word, font)
            pen.text((round(x), y), word, 0, font)
            box = round(left), round(top), round(right - left), round(bottom - top)
            words.append(DrawnWord(word, box))
            x += pen.textlength(word + " ", font)
        placed.append(tuple(words))
    return DrawnPage(image, tuple(placed))
