"""A page as a transcription or a recognition gives it: regions of lines of words, with boxes.

Every format of scans is read into this, and `assemble` makes a document's text and layout of it.
"""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, width and height, in the units of the page."""


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word of a line; `box` is None where the source has none for it."""

    text: str
    box: Box | None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of words; `hyphen`: its last word goes on in the next line, and a hyphen that is there
    only for that is not part of the text.

    `whole` is the word that goes on, as it is written in a line, where the source tells it.
    """

    words: tuple[ReadWord, ...]
    hyphen: bool = False
    whole: str = ""


@dataclass(frozen=True, slots=True)
class ReadRegion:
    """Lines that belong together, a paragraph or more; `apart`: not of the main text, as marginalia
    are."""

    lines: tuple[ReadLine, ...]
    apart: bool = False
    paragraphs: tuple[int, ...] = ()
    """Numbers of the lines that begin a paragraph, where the source tells."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with its regions in reading order.

    `width` and `height` are in the units of the boxes. `file` and `frame` say where its picture is,
    as in `index_store.layout.Page`; `file` is None where the source names no picture.
    """

    label: str
    width: float
    height: float
    regions: tuple[ReadRegion, ...]
    file: str | None = None
    frame: int = 0
