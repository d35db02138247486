"""Lines of a page made ready to be joined: clean words, and where a line stands among others.

Not here: how lines become paragraphs (`assemble`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from rag.readers.formats.pdf_layout import Line
from rag.readers.formats.pdf_words import HYPHEN
from rag.readers.scans.page import Box, ReadLine, ReadPage, ReadWord

_WIDTH = 600.0  # of a page: the rules for lines are for points
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udfff]")
HYPHENED = re.compile(r"(?<=[^\W\d_])[-‐⸗¬\xad]\Z")
"""A sign at the end of a word that may only mean that the word goes on in the next line."""


@dataclass(frozen=True, slots=True)
class CleanLine:
    """A line with its words in one piece each; `place` is None where no word has a box."""

    words: tuple[ReadWord, ...]
    hyphen: bool
    whole: str
    page: int
    place: Line | None

    @property
    def ends_broken(self) -> bool:
        """Does its last word go on, or look like it?"""
        return self.hyphen or HYPHENED.search(self.words[-1].text) is not None


def clean_lines(page: ReadPage, number: int) -> tuple[tuple[tuple[int, CleanLine], ...], ...]:
    """For each region of a page its lines that have words, with their numbers in the region."""
    regions: list[tuple[tuple[int, CleanLine], ...]] = []
    for region in page.regions:
        cleaned = [(i, words) for i, line in enumerate(region.lines) if (words := _words(line))]
        boxes = [w.box for _, words in cleaned for w in words if w.box]
        scale = _WIDTH / page.width if has_size(page) else 0.0
        size = scale * median([box[3] for box in boxes] or [0.0])
        regions.append(
            tuple((i, _line(region.lines[i], words, number, size, scale)) for i, words in cleaned)
        )
    return tuple(regions)


def has_size(page: ReadPage) -> bool:
    """Are the width and height of a page such that its boxes mean something?"""
    return 0 < page.width < math.inf and 0 < page.height < math.inf


def shared(text: str, box: Box | None) -> Iterator[ReadWord]:
    """The words of a line that has a box while they have none: each gets a share of it.

    A share is as long as the word in letters, and a space counts as one letter. Where letters are
    of about one width this is near the word; the box is never outside that of the line.
    """
    words = text.split()
    if box is None:
        yield from (ReadWord(word, None) for word in words)
        return
    left, top, width, height = box
    letter = width / max(1, sum(map(len, words)) + len(words) - 1)
    at = 0
    for word in words:
        yield ReadWord(word, (left + at * letter, top, len(word) * letter, height))
        at += len(word) + 1


def fractions(box: Box, width: float, height: float) -> Box | None:
    """The part of a box that lies on a page of this size, in fractions of it; None for nothing."""
    left, top = box[0] / width, box[1] / height
    right, bottom = left + box[2] / width, top + box[3] / height
    if left < 0 or top < 0 or right > 1 or bottom > 1:
        left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)
        if not (left < right and top < bottom):
            return None
    return left, top, right - left, bottom - top


def _is_box(box: Box) -> bool:
    left, top, width, height = box
    infinity = math.inf
    return (
        -infinity < left < infinity
        and -infinity < top < infinity
        and 0 < width < infinity
        and 0 < height < infinity
    )


def _words(line: ReadLine) -> tuple[ReadWord, ...]:
    """The words with text, spaces inside as one space, without what no text can hold.

    A box that is none is left out.
    """
    found = []
    for word in line.words:
        text, box = word.text, word.box
        if not text.isalnum():
            text = " ".join(_CONTROL.sub("", text).split())
        if box and not _is_box(box):
            box = None
        if text:
            same = text is word.text and box is word.box
            found.append(word if same else replace(word, text=text, box=box))
    return tuple(found)


def _line(
    line: ReadLine, words: tuple[ReadWord, ...], page: int, size: float, scale: float
) -> CleanLine:
    boxes = [word.box for word in words if word.box]
    place = None
    if boxes and size > 0:
        text = " ".join([word.text for word in words])
        if line.hyphen or HYPHENED.search(text):
            text = HYPHENED.sub("", text) + HYPHEN
        left, right = min([box[0] for box in boxes]), max([box[0] + box[2] for box in boxes])
        base = median([box[1] + box[3] for box in boxes])
        # All lines of a region count as of one size: the heights of boxes depend on the letters.
        place = Line(text, left * scale, right * scale, -base * scale, size)
    return CleanLine(words, line.hyphen, line.whole, page, place)


def places(lines: Sequence[CleanLine]) -> list[Line] | None:
    """Where the lines stand, None where this is not known of all of them."""
    found = [line.place for line in lines if line.place]
    return found if len(found) == len(lines) else None
