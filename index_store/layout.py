"""Where the words of a document stand on the pages of its source.

A layout has the pages in order and the boxes of the words; offsets are code points of the
document's text, boxes are fractions of the page. A word that is broken at a line end has one box
for each part. Not here: how formats give them (`rag.readers`), how a layout is stored
(`catalogue`), the pictures (`pictures`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import asdict, dataclass
from typing import Any

_PICTURE_NAME = re.compile(r"[0-9a-f]{64}")


def is_picture_name(name: str) -> bool:
    """Whether this can be the name of a stored picture: 64 hexadecimal digits, nothing else."""
    return _PICTURE_NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the source, as it is printed: `label` is its number there.

    `width` and `height` are of any unit; only their ratio counts. `file` names the picture's file,
    relative to the folder of the document's own file, "" for that file itself, None where there is
    none; `frame` counts its pictures or pages from 0. `picture` is the name of the picture in the
    store, None where it has none.
    """

    label: str
    width: float
    height: float
    file: str | None = ""
    frame: int = 0
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class WordBox:
    """The box of a word, or of one of its parts: `text[start:end]` on page number `page` from 0.

    `confidence` is that of the reading, from 0 to 1, None where the source tells none.
    """

    start: int
    end: int
    page: int
    x: float
    y: float
    width: float
    height: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The pages of a document and its word boxes, by rising start."""

    pages: tuple[Page, ...]
    words: tuple[WordBox, ...]

    def between(self, start: int, end: int) -> tuple[WordBox, ...]:
        """The boxes of the words that lie in `text[start:end]`, wholly or in part."""
        first = bisect_left(self.words, start + 1, key=lambda word: word.end)
        last = bisect_left(self.words, end, key=lambda word: word.start)
        return self.words[first:last]


@dataclass(frozen=True, slots=True)
class Region:
    """A box around words of one printed line, in fractions of the page; `page` counts from 1."""

    page: int
    label: str
    x: float
    y: float
    width: float
    height: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
