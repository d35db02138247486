"""Lines of pages with their places → paragraphs, with page breaks marked.

Pieces of one printed line are put together. A line begins a paragraph where it stands further
below or further in than its neighbours, where the type size changes, or where the line before ends
early at the end of a sentence. Lines that many pages repeat at their edge, up to their numbers,
are left out. A hyphen at a line end is taken out only where that is safe: where it is a soft
hyphen, where the document has the whole word elsewhere, or where the parts do not look like a
compound; else it stays with its line break, by which a reader and `rag.text.normalization` know
what it is. Not here: reading PDF (`rag.readers.formats.pdf`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from rag.readers.formats.pdf_words import HYPHEN, PrintedWord, merged
from rag.readers.line_hyphens import between, counted
from rag.readers.pages import mark

_EDGE = 2  # lines at the top and at the bottom of a page that may be running headers
_MIN_REPEATED, _MIN_REPEATED_SHARE = 3, 0.4  # pages, and share of all, with the same line there
_HEADER_GAP = 1.3  # times the usual distance of lines: the space at a running header
_LEADER = re.compile(r"(?:\. ?){4}")  # of a table of contents
_STOPPED = re.compile(r"[.!?…:;][\"'”’»)\]]*\Z")
_BROKEN = re.compile(
    rf"(?<![^\W\d_])([^\W\d_]+(?:-[^\W\d_]+){{0,3}})[{HYPHEN}\xad]((?:\x00[^\x00]*\x00)?)([^\W\d_]+)?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its words, and in points its edges, base line and size of type.

    `words` are those of `text` with their boxes, where these are known.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    words: tuple[PrintedWord, ...] = ()


def body(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines that are the text of each page: pieces put together, running headers left out."""
    whole = [_whole(lines) for lines in pages]
    repeated = running(whole)
    return [without_running(lines, repeated) for lines in whole]


def paragraphs(pages: Sequence[Sequence[Line]], labels: Sequence[str]) -> str:
    """The text of `body`: an empty line between paragraphs, pages marked (`pages.mark`)."""
    out: list[str] = []
    before: Line | None = None
    for kept, label in zip(pages, labels, strict=True):
        begins = starts(kept)
        for i, line in enumerate(kept):
            new = i in begins if i else before is None or not goes_on(before, line)
            label_mark = mark(label) if i == 0 else ""
            if not out:
                out.append(label_mark + line.text)
            elif new:
                out.append("\n\n" + label_mark + line.text)
            elif before and before.text.endswith((HYPHEN, "\xad")):
                out.append(label_mark + line.text)
            else:
                out.append(" " + label_mark + line.text)
            before = line
    return _without_line_hyphens("".join(out))


def _whole(pieces: Sequence[Line]) -> list[Line]:
    """Whole lines: PDFium gives pieces where the font changes or words stand far apart."""
    lines: list[Line] = []
    for piece in pieces:
        last = lines[-1] if lines else None
        gap = piece.left - last.right if last else 0.0
        if last and abs(last.base - piece.base) < 0.2 * last.size and gap > -0.2 * last.size:
            space = " " if gap > 0.1 * last.size else ""
            text = last.text.removesuffix(HYPHEN) + ("-" if last.text.endswith(HYPHEN) else "")
            words = last.words + piece.words
            if not space and last.words and piece.words:
                middle = merged(last.words[-1], piece.words[0])
                words = (*last.words[:-1], middle, *piece.words[1:])
            text += space + piece.text
            lines[-1] = replace(last, text=text, right=piece.right, words=words)
        else:
            lines.append(piece)
    return lines


def goes_on(before: Line, line: Line) -> bool:
    """Does a page begin in the middle of a sentence?"""
    first = next((c for c in line.text if c.isalpha()), "")
    return before.text.endswith((HYPHEN, "\xad")) or (
        first.islower() and not _STOPPED.search(before.text)
    )


def starts(lines: Sequence[Line]) -> set[int]:
    """Which lines of a page begin a paragraph."""
    if not lines:
        return set()
    steps = [a.base - b.base for a, b in pairwise(lines)]
    usual = median([s for s in steps if s > 0] or [0.0])
    left = _mode([line.left for line in lines])
    right = max(line.right for line in lines)
    return {0} | {
        i
        for i, step in enumerate(steps, 1)
        if _is_new(lines[i - 1], lines[i], step, usual, left, right)
    }


def _is_new(before: Line, line: Line, step: float, usual: float, left: float, right: float) -> bool:
    type_size = max(before.size, line.size, 1.0)
    if before.text.endswith((HYPHEN, "\xad")):
        return False
    if abs(before.size - line.size) > 0.12 * type_size or _LEADER.search(before.text):
        return True
    if step > 1.35 * usual or step < -0.5 * type_size:
        return step > 0 or bool(_STOPPED.search(before.text))  # upwards: the next column
    indented = line.left - left > 0.8 * type_size and before.left - left < 0.8 * type_size
    if indented and not line.text[:1].islower():
        return True
    early = right - before.right > 0.2 * (right - left)
    return early and bool(_STOPPED.search(before.text))


def _mode(values: Sequence[float]) -> float:
    """The value near which most values lie, in steps of 3 points."""
    counts = Counter(round(value / 3) for value in values)
    return 3.0 * max(counts, key=lambda place: (counts[place], -place))


def running(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Lines at the edge of many pages, with `#` for numbers; never a salutation."""
    counts = Counter(key for lines in pages for key in {_key(line) for line in _edges(lines)})
    enough = max(_MIN_REPEATED, _MIN_REPEATED_SHARE * sum(map(bool, pages)))
    return frozenset(key for key, n in counts.items() if n >= enough and key[-1] not in ",;:!?")


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text).casefold()


def _edges(lines: Sequence[Line]) -> list[Line]:
    """The highest and the lowest lines that white space separates from the others."""
    by_place = sorted(lines, key=lambda line: -line.base)
    steps = [a.base - b.base for a, b in pairwise(by_place)]
    usual = median(steps) if steps else 0.0
    gaps = [i for i, step in enumerate(steps, 1) if step > _HEADER_GAP * usual]
    top = max((i for i in gaps if i <= _EDGE), default=0)
    bottom = min((i for i in gaps if i >= len(lines) - _EDGE), default=len(lines))
    return by_place[:top] + by_place[bottom:]


def without_running(lines: Sequence[Line], repeated: frozenset[str]) -> list[Line]:
    left_out = [line for line in _edges(lines) if _key(line) in repeated]
    return [line for line in lines if line not in left_out]


def _without_line_hyphens(text: str) -> str:
    """Hyphens at line ends taken out, kept, or kept with their line break."""
    known = counted(text.replace("\x00", " "))

    def joined(match: re.Match[str]) -> str:
        first, mark, second = match[1], match[2], match[3] or ""
        put = "" if "\xad" in match[0] else between(first, second, known)
        return f"{first}{put}{mark}{second}"

    return _BROKEN.sub(joined, text).replace(HYPHEN, "-")
