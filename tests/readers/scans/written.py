"""Invented pages, and the same pages written as ALTO, PAGE-XML and hOCR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

WIDTH, HEIGHT = 2000, 3000
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Word:
    text: str
    box: Box

    @property
    def corners(self) -> str:
        left, top, width, height = self.box
        return f"{left} {top} {left + width} {top + height}"

    @property
    def outline(self) -> str:
        left, top, width, height = self.box
        right, bottom = left + width, top + height
        return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"


Line = tuple[Word, ...]
Region = tuple[Line, ...]
Sheet = tuple[Region, ...]
"""The regions of a page."""


def sheet(*regions: Sequence[str], left: int = 200, top: int = 300) -> Sheet:
    """Regions of lines one below the other; a letter is 20 wide, lines are 60 apart."""
    out: list[Region] = []
    for lines in regions:
        region: list[Line] = []
        for line in lines:
            words, at = [], left
            for text in line.split():
                words.append(Word(text, (at, top, 20 * len(text), 40)))
                at += 20 * len(text) + 15
            region.append(tuple(words))
            top += 60
        out.append(tuple(region))
        top += 120
    return tuple(out)


_LETTERS = st.sampled_from("abcdefghij-абвгдѣжзий'.,&<\"1éꙋ𝔞")
_WORDS = st.text(_LETTERS, min_size=1, max_size=9)
_LINES = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join)
_BROKEN = st.tuples(_LINES, st.sampled_from(["", "", "-", "¬", "\xad"])).map("".join)
SHEETS = st.lists(
    st.lists(st.lists(_BROKEN, min_size=1, max_size=5), max_size=3).map(lambda r: sheet(*r)),
    min_size=1,
    max_size=4,
)
"""Up to four pages of any words, some of them broken at line ends."""


def words_of(sheets: Sequence[Sheet]) -> dict[tuple[int, Box], str]:
    """Page and box → the word that stands there."""
    return {
        (n, word.box): word.text
        for n, regions in enumerate(sheets)
        for region in regions
        for line in region
        for word in line
    }


def alto(sheets: Sequence[Sheet], version: int = 4, scale: float = 1.0, image: str = "") -> str:
    """ALTO whose unit is `scale` pixels."""
    space = {2: "http://www.loc.gov/standards/alto/ns-v2#", 3: "", 4: "http://example/alto"}[
        version
    ]
    pages = "".join(_alto_page(n, regions, scale) for n, regions in enumerate(sheets))
    return (
        f'<?xml version="1.0"?><alto xmlns={quoteattr(space)}><Description><sourceImageInformation>'
        f"<fileName>{escape(image)}</fileName></sourceImageInformation></Description>"
        f"<Layout>{pages}</Layout></alto>"
    )


def _alto_page(n: int, regions: Sheet, scale: float) -> str:
    texts = ["".join(_alto_line(line, scale) for line in region) for region in regions]
    blocks = "".join(f'<TextBlock ID="b{n}_{i}">{t}</TextBlock>' for i, t in enumerate(texts))
    size = f'WIDTH="{WIDTH * scale}" HEIGHT="{HEIGHT * scale}"'
    return f'<Page PHYSICAL_IMG_NR="{n + 1}" {size}><PrintSpace>{blocks}</PrintSpace></Page>'


def _alto_line(line: Line, scale: float) -> str:
    return f"<TextLine>{'<SP/>'.join(alto_string(word, scale) for word in line)}</TextLine>"


def alto_string(word: Word, scale: float = 1.0, more: str = "") -> str:
    names = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    place = " ".join(f'{n}="{v * scale}"' for n, v in zip(names, word.box, strict=True))
    return f'<String CONTENT={quoteattr(word.text)} {place} WC="0.9" {more}/>'


def page_xml(regions: Sheet, image: str = "", head: str = "") -> str:
    """PAGE-XML with words; `head` stands before the regions."""
    content = "".join(
        f'<TextRegion id="r{i}">{"".join(map(_page_line, region))}</TextRegion>'
        for i, region in enumerate(regions)
    )
    size = f'imageWidth="{WIDTH}" imageHeight="{HEIGHT}" imageFilename={quoteattr(image)}'
    return (
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15">'
        f"<Page {size}>{head}{content}</Page></PcGts>"
    )


def _page_line(line: Line) -> str:
    words = "".join(
        f'<Word><Coords points="{word.outline}"/><TextEquiv conf="0.8"><Unicode>'
        f"{escape(word.text)}</Unicode></TextEquiv></Word>"
        for word in line
    )
    return f"<TextLine>{words}</TextLine>"


def hocr(sheets: Sequence[Sheet], image: str = "") -> str:
    pages = "".join(_hocr_page(regions, n, image) for n, regions in enumerate(sheets))
    return f"<!DOCTYPE html><html><body>{pages}</body></html>"


def _hocr_page(regions: Sheet, n: int, image: str) -> str:
    paragraphs = [
        f"<p class='ocr_par'>{''.join(map(_hocr_line, region))}</p>" for region in regions
    ]
    areas = "".join(f"<div class='ocr_carea'>{paragraph}</div>" for paragraph in paragraphs)
    title = f'image "{image}"; bbox 0 0 {WIDTH} {HEIGHT}; ppageno {n}'
    return f"<div class='ocr_page' title={quoteattr(title)}>{areas}</div>"


def _hocr_line(line: Line) -> str:
    words = " ".join(
        f"<span class='ocrx_word' title='bbox {w.corners}; x_wconf 93'>{escape(w.text)}</span>"
        for w in line
    )
    return f"<span class='ocr_line' title='bbox 0 0 9 9'>{words}</span>"
