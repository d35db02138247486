"""hOCR, the HTML of text recognition (http://kba.github.io/hocr-spec/1.2/).

    ocr_page       `image`, `bbox` and `ppageno` of its title
    ocr_carea      a region; where there is none the page is one
    ocr_par        a paragraph
    ocr_line       and its likes: a line
    ocrx_word      a word, `x_wconf` its confidence; a line without words shares its place

Not here: paragraphs (`assemble`), whether the picture is there (`transcription`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from rag.readers.formats.markup import Element
from rag.readers.formats.markup import words as text_of
from rag.readers.scans.attributes import confidence, corners
from rag.readers.scans.lines import shared
from rag.readers.scans.page import Box, ReadLine, ReadPage, ReadRegion, ReadWord

_PROPERTY = re.compile(r"\s*([\w-]+)\s*((?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^;\"'])*)(?:;|\Z)")
_REGIONS = frozenset({"ocr_carea", "ocr_column"})
_PARAGRAPHS = frozenset({"ocr_par"})
_LINES = frozenset({"ocr_line", "ocrx_line", "ocr_header", "ocr_caption", "ocr_textfloat"})
_WORDS = frozenset({"ocrx_word", "ocr_word"})


def pages(root: Element) -> list[ReadPage]:
    """The pages of an hOCR tree; `file` is the picture as the file names it."""
    elements = [e for e in root.iter() if "ocr_page" in _classes(e)]
    titles = [_properties(e) for e in elements]
    named = [title.get("image", "").strip("\"' ") or None for title in titles]
    shares = Counter(named)
    out = []
    for n, (element, title) in enumerate(zip(elements, titles, strict=True)):
        box = _box(title)
        width, height = (box[0] + box[2], box[1] + box[3]) if box else (0.0, 0.0)
        at = title.get("ppageno", "").strip()
        # Of pages with one picture file each is a picture of it; a file of its own has one.
        frame = (int(at) if at.isdecimal() and len(at) < 7 else n) if shares[named[n]] > 1 else 0
        out.append(ReadPage(str(n + 1), width, height, _regions(element), named[n], frame))
    return out


@dataclass
class _Open:
    """A region while its lines are gathered; `paragraph` is the one that its last line is in."""

    element: Element
    paragraph: Element = None
    lines: list[ReadLine] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)


def _regions(page: Element) -> tuple[ReadRegion, ...]:
    found: list[_Open] = []
    for element in page.iter():
        if not _classes(element) & _LINES:
            continue
        region = _around(element, _REGIONS, page)
        paragraph = _around(element, _PARAGRAPHS, page)
        if not found or found[-1].element is not region:
            found.append(_Open(region))
        now = found[-1]
        if paragraph is not page and paragraph is not now.paragraph:
            now.starts.append(len(now.lines))
        now.paragraph = paragraph
        now.lines.append(_line(element))
    return tuple(ReadRegion(tuple(r.lines), paragraphs=tuple(r.starts)) for r in found)


def _around(element: Element, classes: frozenset[str], page: Element) -> Element:
    """The nearest element of one of the classes around this one, else the page."""
    while element is not page and not _classes(element) & classes:
        element = element.getparent()
    return element


def _line(line: Element) -> ReadLine:
    words = [e for e in line.iter() if e is not line and _classes(e) & _WORDS]
    if not words:
        return ReadLine(tuple(shared(text_of(line), _box(_properties(line)))))
    return ReadLine(tuple(_word(word) for word in words))


def _word(word: Element) -> ReadWord:
    title = _properties(word)
    return ReadWord(text_of(word), _box(title), confidence(title.get("x_wconf"), 100))


def _classes(element: Element) -> set[str]:
    return set((element.get("class") or "").split())


def _properties(element: Element) -> dict[str, str]:
    """The parts of a title: `bbox 0 0 1 1; x_wconf 90`."""
    return {m[1]: m[2].strip() for m in _PROPERTY.finditer(element.get("title") or "")}


def _box(title: dict[str, str]) -> Box | None:
    """The `bbox` of a title, which gives opposite corners."""
    values = title.get("bbox", "").split()
    return corners(*values) if len(values) == 4 else None
