"""PAGE-XML, 2010 to 2019, as PRImA defines it and as Transkribus and eScriptorium write it.

    ReadingOrder      the order of regions, groups within groups; else `custom`; else the file's
    TextRegion        its type, or `structure {type:…}` in `custom`, tells what is not main text
    TextLine          its words, else its text, which shares its place (`lines.shared`)
    TextEquiv         of several that of the lowest index; `conf` is its confidence

Where line and words give different texts, that of the line holds, since it is the one that people
correct. Not here: paragraphs (`assemble`), whether the picture is there (`transcription`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.readers.formats.markup import Element
from rag.readers.scans.attributes import Kind, around, confidence, kind, number, size
from rag.readers.scans.lines import shared
from rag.readers.scans.page import Box, ReadLine, ReadPage, ReadRegion, ReadWord

_REGIONS = ("TextRegion", "TableCell")
_STRUCTURE = re.compile(r"structure\s*\{[^}]*?type:\s*([^;}]+)")
_INDEX = re.compile(r"readingOrder\s*\{[^}]*?index:\s*(\d{1,9})")


def pages(root: Element) -> list[ReadPage]:
    """The pages of a PAGE-XML tree; `file` is the picture as the file names it."""
    return [_page(page, n) for n, page in enumerate(root.iter("Page"), 1)]


def _page(page: Element, n: int) -> ReadPage:
    order = _order(page)
    regions = [element for element in page.iter() if element.tag in _REGIONS]
    regions.sort(key=lambda region: _place(region, page, order))
    read = tuple(found for region in regions if (found := _region(region)))
    width, height = size(page.get("imageWidth")), size(page.get("imageHeight"))
    return ReadPage(str(n), width, height, read, page.get("imageFilename") or None)


def _order(page: Element) -> dict[str, int]:
    """Region → its place, from the element for it, else from the `custom` attributes."""
    found = page.find("ReadingOrder")
    if found is not None:
        return {name: n for n, name in enumerate(_refs(found))}
    return {
        region.get("id", ""): int(index[1])
        for region in page.iter(*_REGIONS)
        if (index := _INDEX.search(region.get("custom") or ""))
    }


def _refs(group: Element) -> Iterator[str]:
    """The regions of a group and of the groups in it; a group may stand for a region itself."""
    children = sorted(group, key=lambda e: number(e.get("index")) or 0)
    for child in children:
        if name := child.get("regionRef"):
            yield name
        yield from _refs(child)


def _place(region: Element, page: Element, order: dict[str, int]) -> int:
    """Where the order has a region or one that it stands in; behind all others without one."""
    while region is not page:
        if region.get("id") in order:
            return order[region.get("id")]
        region = region.getparent()
    return max(order.values(), default=0) + 1


def _region(region: Element) -> ReadRegion | None:
    custom = region.get("custom") or ""
    structure = _STRUCTURE.search(custom)
    found = kind(region.get("type"), structure[1] if structure else None)
    if found is Kind.NO_TEXT:
        return None
    elements = region.findall("TextLine")
    indexes = [_INDEX.search(line.get("custom") or "") for line in elements]
    if all(indexes):
        places = [int(index[1]) for index in indexes if index]
        elements = [elements[i] for i in sorted(range(len(elements)), key=places.__getitem__)]
    lines = [_line(line) for line in elements]
    if not any(line.words for line in lines):
        text = _text(region)[0]
        lines = [ReadLine(tuple(shared(line, None))) for line in text.splitlines()]
    return ReadRegion(tuple(lines), found is Kind.APART)


def _line(line: Element) -> ReadLine:
    text, sure = _text(line)
    words = [word for element in line.findall("Word") if (word := _word(element)).text.strip()]
    given = text.split()
    if not given or given == [word.text for word in words]:
        return ReadLine(tuple(words))
    if len(given) == len(words):
        return ReadLine(tuple(replace(w, text=t) for w, t in zip(words, given, strict=True)))
    return ReadLine(tuple(replace(word, confidence=sure) for word in shared(text, _box(line))))


def _word(word: Element) -> ReadWord:
    text, sure = _text(word)
    return ReadWord(text, _box(word), sure)


def _text(element: Element) -> tuple[str, float | None]:
    """The text of an element and its confidence; "" where it has none of its own."""
    found = element.findall("TextEquiv")
    if not found:
        return "", None
    best = min(found, key=lambda e: number(e.get("index")) or 0)
    for tag in ("Unicode", "PlainText"):
        part = best.find(tag)
        if part is not None and (text := "".join(part.itertext()).strip()):
            return text, confidence(best.get("conf"))
    return "", None


def _box(element: Element) -> Box | None:
    """The box around the outline of an element."""
    outline = element.find("Coords")
    if outline is None:
        return None
    if points := outline.get("points"):
        pairs = [point.partition(",")[::2] for point in points.split()]
    else:
        pairs = [(point.get("x") or "", point.get("y") or "") for point in outline.iter("Point")]
    return around((number(x), number(y)) for x, y in pairs)
