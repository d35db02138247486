"""Lines, blocks and line breaks of a text, as offsets.

A block is what stands between blank lines. Inside a block a line break either ends a unit (a
heading, a salutation, a paragraph written on one line) or is the mere end of a printed line.
`units` tells them apart by the widths of the lines. It does not look for sentences inside a line
and changes no character. White space is what `str.isspace` calls so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
# A list item's mark: "a)", "(b)", "12.", "•".
MARKER = re.compile(r"\(?(?:[^\W_]|\d{1,3})[.)]\s|[•*·]\s")
_WORD = re.compile(r"[^\W_]")
OPENERS = "\"'“”‘’«»„(["
_DASHES = "-–—"
_NARROWEST, _WIDEST = 40, 120  # columns of hard-wrapped prose; outside it a break is meant


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its edges; empty where it holds nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def blocks(text: str) -> Iterator[list[tuple[int, int]]]:
    """The trimmed lines of each block, in order; blank lines separate blocks."""
    block: list[tuple[int, int]] = []
    start = 0
    for end, following in _ends(text):
        line = trim(text, start, end)
        if line[0] < line[1]:
            block.append(line)
        elif block:
            yield block
            block = []
        start = following
    if block:
        yield block


def units(text: str) -> list[tuple[int, int]]:
    """Lines joined into units: paragraphs, headings, salutations, signatures."""
    found: list[tuple[int, int]] = []
    for block in blocks(text):
        width = _width(block)
        wrapped = _is_wrapped(block, width)
        first = 0
        for i in range(1, len(block) + 1):
            if i < len(block) and not _breaks(text, block[i - 1], block[i], width, wrapped):
                continue
            found.append((block[first][0], block[i - 1][1]))
            first = i
    return found


def _is_wrapped(block: list[tuple[int, int]], width: int) -> bool:
    """Whether the lines look cut at a column rather than ended on purpose."""
    narrowest = _NARROWEST if len(block) > 3 else _NARROWEST + 15
    if len(block) < 2 or not narrowest <= width <= _WIDEST:
        return False
    full = sum(end - start >= 0.7 * width for start, end in block[:-1])
    return full >= 0.6 * (len(block) - 1)


def starts_anew(text: str, start: int, end: int) -> bool:
    """Whether what begins at `start` can begin a sentence: no small letter behind its openers."""
    first = text[start]
    if first.isalpha():  # most often it is; then only "a)" or "a." has to be looked for
        if not first.islower():
            return True
        if text[start + 1 : start + 2] not in (")", "."):
            return False
    if MARKER.match(text, start, end):
        return True
    stop = min(end, start + 40)
    while start < stop and (
        text[start] in OPENERS or text[start] in _DASHES or text[start].isspace()
    ):
        start += 1
    return start < stop and not text[start].islower()


def _breaks(
    text: str, line: tuple[int, int], following: tuple[int, int], width: int, wrapped: bool
) -> bool:
    """Whether the line break between two lines of a block ends a unit."""
    if _is_rule(text, *line) or _is_rule(text, *following):
        return True
    if not starts_anew(text, *following):
        return False
    if not wrapped:
        return not (text[line[1] - 1] in "-¬\xad" and text[following[0]].isalpha())
    word_end = following[0]
    limit = min(following[1], word_end + width)
    while word_end < limit and not text[word_end].isspace():
        word_end += 1
    # The next word would have fitted with room to spare: the break is meant.
    if line[1] - line[0] + 1 + word_end - following[0] < 0.8 * width:
        return True
    listed = MARKER.match(text, *following)
    return listed is not None and text[line[1] - 1] in ".!?…:;"


def _is_rule(text: str, start: int, end: int) -> bool:
    """Whether the line holds no letter and no digit: "---", "* * *"."""
    return not text[start].isalnum() and _WORD.search(text, start, end) is None


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Where each line ends and where the next begins."""
    for match in BREAK.finditer(text):
        yield match.start(), match.end()
    yield len(text), len(text)


def _width(block: list[tuple[int, int]]) -> int:
    """The column the lines reach: their ninth decile, so that one odd line does not count."""
    lengths = sorted(end - start for start, end in block)
    return lengths[(len(lengths) - 1) * 9 // 10 if len(lengths) > 10 else -1]
