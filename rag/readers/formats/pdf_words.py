"""The boxes of printed words → word boxes of a text that was made of their lines.

The text has the words in the order of the lines; between and in them only white space and hyphens
at line ends differ. So one walk through both finds each word again. Not here: how lines become a
text (`pdf_layout`), where boxes come from (`pdf`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index_store.layout import WordBox

HYPHEN = "\x03"
"""Stands in a line for a hyphen at its end."""
SOFT_HYPHEN = "\xad"

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions of the page."""


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word of a line with its box, None where it stands outside of the page."""

    text: str
    box: Box | None


def merged(first: PrintedWord, second: PrintedWord) -> PrintedWord:
    """Two parts of a word that stand beside each other, as one."""
    if first.box is None or second.box is None:
        return PrintedWord(first.text + second.text, first.box or second.box)
    (left, top, right, bottom), other = first.box, second.box
    box = (min(left, other[0]), min(top, other[1]), max(right, other[2]), max(bottom, other[3]))
    return PrintedWord(first.text + second.text, box)


def placed(text: str, pages: Sequence[Sequence[PrintedWord]]) -> Iterator[WordBox]:
    """The word boxes of a text made of these words, page by page.

    A word that the text does not have at its place gets no box, and neither do those behind it.
    """
    at = 0
    for number, words in enumerate(pages):
        for word in words:
            while at < len(text) and text[at].isspace():
                at += 1
            end = _end(text, at, word.text)
            if end is None:
                return
            if word.box is not None and end > at:
                left, top, right, bottom = word.box
                yield WordBox(at, end, number, left, top, right - left, bottom - top)
            at = end


def _end(text: str, at: int, word: str) -> int | None:
    """Where the word that begins at `at` ends; its hyphens may be left out, or written out."""
    for character in word:
        here = text[at : at + 1]
        if here == character or (character == HYPHEN and here == "-"):
            at += 1
        elif character not in (HYPHEN, SOFT_HYPHEN):
            return None
    return at
