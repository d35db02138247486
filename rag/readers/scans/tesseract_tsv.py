"""Tesseract's table of a page, made into lines of words in reading order.

A row is a page, block, paragraph, line or word (`level` 1 to 5), with its numbers within the one
above, its box in pixels, and for words their confidence from 0 to 100. Not here: running Tesseract,
words broken at line ends (`assemble`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from rag.errors import ReadError
from rag.readers.scans.page import ReadLine, ReadPage, ReadRegion, ReadWord

_WORD = "5"


class _Row(NamedTuple):
    """A word with the numbers of its block, paragraph and line."""

    block: int
    paragraph: int
    line: int
    word: ReadWord


def page(table: str, size: tuple[int, int], label: str, frame: int) -> ReadPage:
    """The page of a table; without words it has no regions. `size` is in pixels.

    Raises ReadError where a row is none of Tesseract's.
    """
    try:
        blocks = groupby(list(_rows(table)), lambda row: row.block)
    except ValueError as error:
        raise ReadError(f"its reading is damaged ({error}); install Tesseract again") from error
    regions = [_region(list(rows)) for _, rows in blocks]
    return ReadPage(label, float(size[0]), float(size[1]), tuple(regions), "", frame)


def _rows(table: str) -> Iterator[_Row]:
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) < 12 or cells[0] != _WORD or not (text := cells[11].strip()):
            continue
        block, paragraph, number = map(int, cells[2:5])
        left, top, width, height = map(float, cells[6:10])
        confidence = min(max(float(cells[10]) / 100, 0.0), 1.0)
        word = ReadWord(text, (left, top, width, height), confidence)
        yield _Row(block, paragraph, number, word)


def _region(rows: list[_Row]) -> ReadRegion:
    lines: list[ReadLine] = []
    begins: list[int] = []
    for _, group in groupby(rows, lambda row: row.paragraph):
        paragraph = list(group)
        # A ragged line looks like the last of a paragraph to Tesseract; a small letter tells.
        if not lines or not paragraph[0].word.text[0].islower():
            begins.append(len(lines))
        for _, line in groupby(paragraph, lambda row: row.line):
            lines.append(ReadLine(tuple(row.word for row in line)))
    return ReadRegion(tuple(lines), paragraphs=tuple(begins))
