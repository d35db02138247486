"""ALTO XML, versions 2 to 4 (https://www.loc.gov/standards/alto/), of any namespace.

    Page            PRINTED_IMG_NR, else PHYSICAL_IMG_NR, is its label
    PrintSpace      its blocks are the main text, those of the margins are not
    ReadingOrder    the order of blocks; else that of the file
    String          a word, WC its confidence; HYP and SUBS_TYPE: it goes on in the next line
    fileName        of sourceImageInformation: the picture

Places are in the same unit as the size of the page, so `MeasurementUnit` does not matter. A line
whose words have no place shares its own among them (`lines.shared`). Not here: paragraphs
(`assemble`), whether the picture is there (`transcription`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.readers.formats.markup import Element, words
from rag.readers.scans.attributes import Kind, confidence, kind, number, size
from rag.readers.scans.lines import shared
from rag.readers.scans.page import Box, ReadLine, ReadPage, ReadRegion, ReadWord

_HYPHENS = "-‐⸗¬\xad"
_MARGIN = re.compile(r"\w+Margin")


def pages(root: Element) -> list[ReadPage]:
    """The pages of an ALTO tree; `file` is the picture as the file names it."""
    named = next((words(e) for e in root.iter("fileName")), "") or None
    labels = {tag.get("ID"): tag.get("LABEL") for tag in root.iterfind("Tags/*")}
    order = {
        ref.get("REF"): n
        for found in root.iter("ReadingOrder")
        for n, ref in enumerate(found.iter("ElementRef"))
    }
    elements = list(root.iter("Page"))
    # Tesseract counts pictures from 0
    first = 1 if any(page.get("PHYSICAL_IMG_NR") == "0" for page in elements) else 0
    out = []
    for n, page in enumerate(elements):
        number = page.get("PHYSICAL_IMG_NR") or str(n + 1 - first)
        counted = str(int(number) + first) if number.isdecimal() else number
        label = page.get("PRINTED_IMG_NR") or counted
        width, height = _size(page)
        regions = tuple(_regions(page, labels, order))
        frame = n if len(elements) > 1 else 0
        out.append(ReadPage(label, width, height, regions, named, frame))
    return out


def _size(page: Element) -> tuple[float, float]:
    """Width and height of a page, else as far as its print space goes."""
    width, height = size(page.get("WIDTH")), size(page.get("HEIGHT"))
    space = page.find("PrintSpace")
    if not (width and height) and space is not None and (box := _box(space)):
        return box[0] + box[2], box[1] + box[3]
    return width, height


def _regions(
    page: Element, labels: dict[str, str | None], order: dict[str, int]
) -> Iterator[ReadRegion]:
    """Blocks in reading order; a block without a place in it comes behind the others."""
    blocks = list(page.iter("TextBlock"))
    if order:
        blocks.sort(key=lambda block: _place(block, page, order))
    for block in blocks:
        tags = (labels.get(tag) for tag in (block.get("TAGREFS") or "").split())
        found = kind(*tags, block.get("TYPE"))
        if found is Kind.NO_TEXT:
            continue
        apart = found is Kind.APART or _is_margin(block, page)
        yield ReadRegion(tuple(_line(line) for line in block.iter("TextLine")), apart)


def _place(block: Element, page: Element, order: dict[str, int]) -> int:
    """Where the order has a block or one that it stands in."""
    while block is not page:
        if block.get("ID") in order:
            return order[block.get("ID")]
        block = block.getparent()
    return len(order)


def _is_margin(block: Element, page: Element) -> bool:
    while block is not page:
        if _MARGIN.fullmatch(block.tag):
            return True
        block = block.getparent()
    return False


def _line(line: Element) -> ReadLine:
    strings = [e for e in line.iter("String") if (e.get("CONTENT") or "").strip()]
    if not strings:
        return ReadLine(())
    found = [_words(e) for e in strings]
    if not any(word.box for own in found for word in own):
        text = " ".join(word.text for own in found for word in own)
        sure = [word.confidence for own in found for word in own]
        found = [
            [replace(w, confidence=c) for w, c in zip(shared(text, _box(line)), sure, strict=True)]
        ]
    flat = [word for own in found for word in own]
    sign = next((e.get("CONTENT") or "-" for e in line.iter("HYP")), "")
    if sign and not flat[-1].text.endswith(tuple(_HYPHENS)):
        flat[-1] = replace(flat[-1], text=flat[-1].text + (sign if sign in _HYPHENS else "-"))
    is_first_part = strings[-1].get("SUBS_TYPE") == "HypPart1"
    whole = strings[-1].get("SUBS_CONTENT") or "" if is_first_part else ""
    return ReadLine(tuple(flat), bool(sign) or is_first_part, whole)


def _words(string: Element) -> list[ReadWord]:
    sure = confidence(string.get("WC"))
    found = shared(string.get("CONTENT"), _box(string))
    return [replace(word, confidence=sure) for word in found]


def _box(element: Element) -> Box | None:
    left, top, width, height = (number(element.get(n)) for n in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    if left is None or top is None or not width or not height or width < 0 or height < 0:
        return None
    return left, top, width, height
