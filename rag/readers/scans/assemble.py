"""Pages of regions of lines of words → the text of a document, its page breaks and its layout.

The lines of a region are one paragraph, unless the source says where paragraphs begin or the lines
show it: one further in, a bigger gap, one that ends early with a sentence. A paragraph goes on over
a page break or into the next region or column in the middle of a sentence. What many pages repeat
at their edge is left out. A word broken at a line end is joined, and each part keeps its box. Not
here: formats, and which hyphens belong to a word (`rag.readers.line_hyphens`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from index_store.layout import Layout, Page, WordBox
from rag.readers.formats.pdf_layout import Line, goes_on, running, starts, without_running
from rag.readers.line_hyphens import between, counted
from rag.readers.scans.lines import HYPHENED, CleanLine, clean_lines, fractions, has_size, places
from rag.readers.scans.page import ReadPage, ReadRegion

_ONLY_BREAKS = "¬\xad"  # signs that never belong to a word
_NEXT_LINE, _SAME_EDGE = 3.0, 3.0  # line heights: how far below, and how far in or out
_LAST_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+){0,3}\Z")
_FIRST_LETTERS = re.compile(r"[^\W\d_]*")

_Paragraph = list[CleanLine]


def assemble(pages: Sequence[ReadPage]) -> tuple[str, tuple[tuple[int, str], ...], Layout]:
    """The text of the pages, (offset, label) of each page with text and a label, and the layout.

    Offsets are code points of the text, boxes fractions of their page. Each word with a box has one
    WordBox, and so has each part of a word broken at a line end; a hyphen that was taken out is in
    none. A box is cut at the edge of its page; a word whose box lies outside, or is no box, has
    none, and so have the words of a page without a size. An empty line stands between paragraphs.
    Regions `apart` come behind the main text of their page, or before its last paragraph where that
    goes on on the next page.
    """
    lines = [clean_lines(page, number) for number, page in enumerate(pages)]
    repeated = running([_placed(regions) for regions in lines])
    paragraphs = _in_order(
        _of_page(page, regions, repeated) for page, regions in zip(pages, lines, strict=True)
    )
    return _written(paragraphs, pages)


def _placed(regions: Sequence[Sequence[tuple[int, CleanLine]]]) -> list[Line]:
    return [line.place for lines in regions for _, line in lines if line.place]


def _of_page(
    page: ReadPage,
    regions: Sequence[Sequence[tuple[int, CleanLine]]],
    repeated: frozenset[str],
) -> tuple[list[_Paragraph], list[_Paragraph]]:
    """The paragraphs of the main text of a page, and those apart from it."""
    placed = _placed(regions)
    left_out = {id(line) for line in placed}
    left_out -= {id(line) for line in without_running(placed, repeated)}
    main: list[_Paragraph] = []
    apart: list[_Paragraph] = []
    for region, numbered in zip(page.regions, regions, strict=True):
        found = _paragraphs(region, [(i, x) for i, x in numbered if id(x.place) not in left_out])
        if region.apart:
            apart.extend(found)
            continue
        if main and found and _goes_on_beside(main[-1][-1], found[0][0]):
            main[-1].extend(found.pop(0))
        main.extend(found)
    return main, apart


def _paragraphs(region: ReadRegion, numbered: Sequence[tuple[int, CleanLine]]) -> list[_Paragraph]:
    """The lines of a region, which come with their numbers in it, by paragraph."""
    lines = [line for _, line in numbered]
    if region.paragraphs:
        numbers = [number for number, _ in numbered]
        begins = {bisect_left(numbers, first) for first in region.paragraphs}
    else:
        known = places(lines)
        begins = starts(known) if known else set()
    out: list[_Paragraph] = []
    for i, line in enumerate(lines):
        if not out or (i in begins and not _is_broken(lines[i - 1], line)):
            out.append([])
        out[-1].append(line)
    return out


def _is_broken(before: CleanLine, line: CleanLine) -> bool:
    """Does a word go on from the one line to the other?"""
    small = line.words[0].text[:1].islower()
    return before.hyphen or (before.ends_broken and small)


def _goes_on(before: CleanLine, line: CleanLine) -> bool:
    """Does a page or column begin in the middle of a sentence or word?"""
    if before.ends_broken:
        return _is_broken(before, line)
    return goes_on(_bare(before), _bare(line))


def _bare(line: CleanLine) -> Line:
    return Line(" ".join(word.text for word in line.words), 0.0, 0.0, 0.0, 0.0)


def _goes_on_beside(before: CleanLine, line: CleanLine) -> bool:
    """Does the text go on from one region to the next: a line below, or in the next column?

    Programs that find regions cut a paragraph in two where its lines are not level.
    """
    if _is_broken(before, line):
        return True
    a, b = before.place, line.place
    if a is None or b is None:
        return False
    size = max(a.size, b.size)
    down = (a.base - b.base) / size
    is_next_line = 0 < down < _NEXT_LINE and abs(a.left - b.left) < _SAME_EDGE * size
    return (down < 0 or is_next_line) and _goes_on(before, line)


def _in_order(pages: Iterator[tuple[list[_Paragraph], list[_Paragraph]]]) -> list[_Paragraph]:
    """The paragraphs of all pages, put together over page breaks; those apart where they belong.

    A page in the midst of a paragraph that has something apart ends the paragraph: else what is
    apart would stand on another page than its own.
    """
    out: list[_Paragraph] = []
    tail: _Paragraph | None = None  # the last paragraph, while it may go on
    held: list[_Paragraph] = []  # what is apart on the page on which `tail` ends
    for main, apart in pages:
        if not main and not apart:
            continue
        if tail:
            is_inside = held and tail[0].page != tail[-1].page
            if main and not is_inside and _goes_on(tail[-1], main[0][0]):
                out.extend(held)
                tail.extend(main[0])
                main[0] = tail
            else:
                out.extend([tail, *held])
        tail, held = (main.pop(), apart) if main else (None, [])
        out.extend(main if tail else apart)
    return [*out, tail, *held] if tail else out


def _written(
    paragraphs: Sequence[_Paragraph], pages: Sequence[ReadPage]
) -> tuple[str, tuple[tuple[int, str], ...], Layout]:
    known = _known(paragraphs)
    parts: list[str] = []
    words: list[WordBox] = []
    offsets: list[tuple[int, str]] = []
    at, current, sized = 0, -1, False
    for lines in paragraphs:
        if parts:
            parts.append("\n\n")
            at += 2
        for i, line in enumerate(lines):
            page = pages[line.page]
            if line.page != current:
                current, sized = line.page, has_size(page)
                if label := " ".join(page.label.split()):
                    offsets.append((at, label))
            following = lines[i + 1] if i + 1 < len(lines) else None
            last, between_lines = _line_end(line, following, known)
            for n, word in enumerate(line.words, 1):
                is_last = n == len(line.words)
                text, space = (last, between_lines) if is_last else (word.text, " ")
                box = word.box
                if box and sized and (box := fractions(box, page.width, page.height)):
                    words.append(WordBox(at, at + len(text), current, *box, word.confidence))
                parts += (text, space)
                at += len(text) + len(space)
    shown = tuple(_page(page) for page in pages)
    return "".join(parts), tuple(offsets), Layout(shown, tuple(words))


def _known(paragraphs: Sequence[_Paragraph]) -> Counter[str]:
    """The whole words of the text; none where no line ends with a broken one."""
    texts: list[str] = []
    any_broken = False
    for lines in paragraphs:
        is_part = False
        for line in lines:
            words = [word.text for word in line.words[is_part:]]
            is_part = line.ends_broken
            any_broken |= is_part
            texts.extend(words[:-1] if is_part else words)
    return counted(" ".join(texts)) if any_broken else Counter()


def _line_end(line: CleanLine, following: CleanLine | None, known: Counter[str]) -> tuple[str, str]:
    """The last word of a line as it stands in the text, and what comes between it and the next."""
    text = line.words[-1].text
    if following is None:
        return text, ""
    if not line.ends_broken:
        return text, " "
    stem = HYPHENED.sub("", text)
    if stem == text:  # the source says that the word goes on, and there is no sign of it
        return text, ""
    letters = _LAST_LETTERS.search(stem)
    behind = _FIRST_LETTERS.match(following.words[0].text)
    first, second = letters[0] if letters else "", behind[0] if behind else ""
    if line.whole:
        is_part = f"{first}-{second}".casefold() in line.whole.casefold()
        put = "-" if is_part else ""
    elif text[-1] in _ONLY_BREAKS:
        put = ""
    else:
        put = between(first, second, known)
    return stem + put[:1], put[1:]


def _page(page: ReadPage) -> Page:
    width, height = (page.width, page.height) if has_size(page) else (1.0, 1.0)
    return Page(page.label, width, height, page.file, page.frame)
