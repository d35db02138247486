"""Lines, blocks and line breaks of a text, as offsets.

A block is the text between blank lines. Inside a block a line break either ends a unit (a heading,
a salutation, a paragraph written on one line) or only a printed line. `units` distinguishes them
by the widths of the lines. White space is as `str.isspace` has it.

Not here: sentences inside a line (`rag.text.sentences`).
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
_MIN_COLUMNS, _MAX_COLUMNS = 40, 120  # of hard-wrapped prose; else every break ends a unit


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its edges; empty if there is nothing else."""
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
    """Spans of the units in order: paragraphs, headings, salutations, signatures."""
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
    """Whether the lines look cut at a column and not ended on purpose."""
    narrowest = _MIN_COLUMNS if len(block) > 3 else _MIN_COLUMNS + 15
    if len(block) < 2 or not narrowest <= width <= _MAX_COLUMNS:
        return False
    full = sum(end - start >= 0.7 * width for start, end in block[:-1])
    return full >= 0.6 * (len(block) - 1)


def starts_sentence(text: str, start: int, end: int) -> bool:
    """Whether a sentence can begin at `start`: no small letter after opening quotation marks."""
    first = text[start]
    if first.isalpha():  # the usual case: only "a)" and "a." may begin with a small letter
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
    if not starts_sentence(text, *following):
        return False
    if not wrapped:
        return not (text[line[1] - 1] in "-¬\xad" and text[following[0]].isalpha())
    word_end = following[0]
    limit = min(following[1], word_end + width)
    while word_end < limit and not text[word_end].isspace():
        word_end += 1
    # There was room enough for the next word: the break is on purpose.
    if line[1] - line[0] + 1 + word_end - following[0] < 0.8 * width:
        return True
    listed = MARKER.match(text, *following)
    return listed is not None and text[line[1] - 1] in ".!?…:;"


def _is_rule(text: str, start: int, end: int) -> bool:
    """Whether the line has no letter and no digit: "---", "* * *"."""
    return not text[start].isalnum() and _WORD.search(text, start, end) is None


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Where each line ends and where the next begins."""
    for match in BREAK.finditer(text):
        yield match.start(), match.end()
    yield len(text), len(text)


def _width(block: list[tuple[int, int]]) -> int:
    """The column that the lines reach: the ninth decile, so that one long line does not count."""
    lengths = sorted(end - start for start, end in block)
    return lengths[(len(lengths) - 1) * 9 // 10 if len(lengths) > 10 else -1]
