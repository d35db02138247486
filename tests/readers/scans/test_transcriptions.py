"""ALTO, PAGE-XML and hOCR as tools write them, with their quirks; hostile and damaged files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from tests.kits.reading_kit import document, failure
from tests.readers.scans.written import Word, alto, alto_string, hocr, page_xml, sheet

LINE = '<TextLine HPOS="100" VPOS="100" WIDTH="800" HEIGHT="40">{}</TextLine>'
BLOCK = '<TextBlock ID="{0}" {2}>{1}</TextBlock>'


def alto_page(space: str, before: str = "", margins: str = "") -> str:
    return (
        f"<alto>{before}<Layout><Page WIDTH='1000' HEIGHT='2000' PRINTED_IMG_NR='17'>{margins}"
        f"<PrintSpace>{space}</PrintSpace></Page></Layout></alto>"
    )


def block(name: str, text: str, tags: str = "") -> str:
    words = "".join(
        alto_string(Word(w, (100 + 90 * i, 100, 80, 40))) for i, w in enumerate(text.split())
    )
    return BLOCK.format(name, LINE.format(words), tags and f'TAGREFS="{tags}"')


def places(path: Path, content: str, sandbox: ParserSandbox) -> dict[str, tuple[float, ...]]:
    found = document(path, content, sandbox)
    assert found.layout
    return {
        found.text[w.start : w.end]: tuple(round(v, 3) for v in (w.x, w.y, w.width, w.height))
        for w in found.layout.words
    }


def test_alto_hyphenation(tmp_path: Path, sandbox: ParserSandbox) -> None:
    part = 'SUBS_TYPE="HypPart{}" SUBS_CONTENT="{}"'
    first = alto_string(Word("cap", (800, 100, 90, 40)), more=part.format(1, "captain"))
    second = alto_string(Word("tain", (100, 160, 90, 40)), more=part.format(2, "captain"))
    third = alto_string(Word("well", (800, 160, 90, 40)), more=part.format(1, "well-known"))
    fourth = alto_string(Word("known", (100, 220, 90, 40)), more=part.format(2, "well-known"))
    hyphen = '<HYP CONTENT="-" HPOS="890" VPOS="100" WIDTH="9" HEIGHT="40"/>'
    lines = (first + hyphen, second + "<SP/>" + third + hyphen, fourth)
    content = alto_page(BLOCK.format("a", "".join(map(LINE.format, lines)), ""))
    found = document(tmp_path / "a.xml", content, sandbox)
    assert found.text == "captain well-known"
    assert places(tmp_path / "a.xml", content, sandbox)["tain"] == (0.1, 0.08, 0.09, 0.02)
    assert found.pages == ((0, "17"),)


def test_alto_order_margins_tags_and_lines_without_words_places(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    before = (
        '<Tags><OtherTag ID="t1" LABEL="MarginTextZone"/><OtherTag ID="t2" LABEL="NumberingZone"/>'
        '</Tags><ReadingOrder><OrderedGroup><ElementRef REF="two"/><ElementRef REF="one"/>'
        "</OrderedGroup></ReadingOrder>"
    )
    space = block("one", "Second.") + block("two", "First.") + block("n", "17", "t2")
    bare = LINE.replace('VPOS="100"', 'VPOS="500"').format('<String CONTENT="Last of all."/>')
    space += block("note", "Beside.", "t1") + BLOCK.format("three", bare, "")
    margins = f"<TopMargin>{block('top', 'Head.')}</TopMargin>"
    found = document(tmp_path / "a.xml", alto_page(space, before, margins), sandbox)
    assert found.text == "First.\n\nSecond.\n\nLast of all.\n\nHead.\n\nBeside."
    there = places(tmp_path / "a.xml", alto_page(space, before, margins), sandbox)
    assert there["Last"] == (0.1, 0.25, 0.267, 0.02)
    assert there["all."][0] == pytest.approx(0.633, abs=1e-3)


def test_page_xml_of_transkribus(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Marginalia, nested groups, lines without words, several readings, an empty region."""
    coords = '<Coords points="100,{0} 900,{0} 900,{1} 100,{1}"/>'
    lines = [
        f'<TextLine id="l{n}" custom="readingOrder {{index:{n};}}">{coords.format(y, y + 40)}'
        f'<Baseline points="100,{y + 30} 900,{y + 30}"/>{text}</TextLine>'
        for n, y, text in (
            (1, 160, '<TextEquiv index="1"><Unicode>wrong</Unicode></TextEquiv>'
                     '<TextEquiv index="0" conf="0.7"><Unicode>mann kam.</Unicode></TextEquiv>'),
            (0, 100, "<TextEquiv><Unicode>Der Haupt¬</Unicode></TextEquiv>"),
        )
    ]  # fmt: skip
    content = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><PcGts xmlns="http://schema.prima'
        'research.org/PAGE/gts/pagecontent/2013-07-15"><Metadata><Creator>x</Creator></Metadata>'
        '<Page imageFilename="a b.jpg" imageWidth="1000" imageHeight="2000"><ReadingOrder>'
        '<OrderedGroup><RegionRefIndexed index="1" regionRef="r1"/><OrderedGroupIndexed index="0">'
        '<RegionRefIndexed index="0" regionRef="r3"/></OrderedGroupIndexed></OrderedGroup>'
        "</ReadingOrder>"
        '<TextRegion id="r2" custom="readingOrder {index:0;} structure {type:marginalia;}">'
        f"{coords.format(9, 20)}<TextLine><TextEquiv><Unicode>Nota bene</Unicode></TextEquiv>"
        f'</TextLine></TextRegion><TextRegion id="r1">{"".join(lines)}</TextRegion>'
        '<TextRegion id="r3"><TextLine><TextEquiv><Unicode>Titel</Unicode></TextEquiv></TextLine>'
        '</TextRegion><TextRegion id="r4"><Coords points=""/></TextRegion>'
        '<TextRegion id="r5" type="page-number"><TextLine><TextEquiv><Unicode>12</Unicode>'
        "</TextEquiv></TextLine></TextRegion></Page></PcGts>"
    )
    (tmp_path / "a b.jpg").write_bytes(b"\xff\xd8\xff")
    found = document(tmp_path / "p1.xml", content, sandbox)
    assert found.text == "Titel\n\nDer Hauptmann kam.\n\nNota bene"
    assert found.layout and found.layout.pages[0].file == "a b.jpg"
    there = places(tmp_path / "p1.xml", content, sandbox)
    assert there["Haupt"] == (0.42, 0.05, 0.48, 0.02)
    assert there["mann"][1] == 0.08
    assert "Titel" not in there
    sure = {found.text[w.start : w.end]: w.confidence for w in found.layout.words}
    assert (sure["mann"], sure["Haupt"]) == (0.7, None)


def test_page_xml_words_and_their_line(tmp_path: Path, sandbox: ParserSandbox) -> None:
    """Corrected lines hold; boxes of words stay where their number is the same."""
    word = '<Word><Coords points="{0},10 {1},10 {1},50 {0},50"/>{2}</Word>'
    equiv = "<TextEquiv><Unicode>{}</Unicode></TextEquiv>"
    words = word.format(0, 300, equiv.format("teh")) + word.format(400, 1400, equiv.format("sea"))
    line = '<TextLine><Coords points="0,10 500,10 500,50 0,50"/>' + words + equiv + "</TextLine>"
    size = 'imageWidth="1000" imageHeight="1000"'
    whole = f"<PcGts><Page {size}><TextRegion>{{}}</TextRegion></Page></PcGts>"
    same = places(tmp_path / "a.xml", whole.format(line.format("the sea")), sandbox)
    assert same == {"the": (0.0, 0.01, 0.3, 0.04), "sea": (0.4, 0.01, 0.6, 0.04)}
    other = places(tmp_path / "b.xml", whole.format(line.format("the wide sea")), sandbox)
    assert list(other) == ["the", "wide", "sea"]
    assert other["the"] == (0.0, 0.01, 0.125, 0.04)


def test_hocr_paragraphs_lines_without_words_and_pictures(
    tmp_path: Path, sandbox: ParserSandbox
) -> None:
    line = "<span class='ocr_line' title=\"bbox 100 {0} 900 {1}; baseline 0 -4\">{2}</span>"
    word = (
        "<span class='ocrx_word' id='w' title='bbox 100 100 200 140; x_wconf 41'><em>{}</em></span>"
    )
    body = "".join(
        f"<div class='ocr_page' title='image \"scans/deck.tif\"; bbox 0 0 1000 2000; ppageno {n}'>"
        "<div class='ocr_carea'><p class='ocr_par' dir='ltr'>"
        + line.format(100, 140, word.format(f"First{n}"))
        + f"</p><p class='ocr_par'>{line.format(160, 200, 'no words here')}</p></div></div>"
        for n in (3, 4)
    )
    (tmp_path / "deck.tif").write_bytes(b"II*\x00")
    content = f'<?xml version="1.0" encoding="UTF-8"?><html><body>{body}</body></html>'
    found = document(tmp_path / "deck.html", content, sandbox)
    assert found.text.split("\n\n") == ["First3", "no words here", "First4", "no words here"]
    assert found.layout
    assert [(p.file, p.frame) for p in found.layout.pages] == [("deck.tif", 3), ("deck.tif", 4)]
    assert found.layout.words[0].confidence == 0.41
    assert found.layout.words[1].y == pytest.approx(0.08)
    one = hocr([sheet(["A page by itself."])], "gone.tif")
    (tmp_path / "one.png").write_bytes(b"\x89PNG")
    found = document(tmp_path / "one.hocr", one, sandbox)
    assert found.layout and found.layout.pages[0].file == "one.png"


def test_metadata_beside_a_transcription(tmp_path: Path, sandbox: ParserSandbox) -> None:
    (tmp_path / "0001.alto.xml.meta.yaml").write_text("author: A. Tverezov\ndate: 1928-10-26\n")
    content = alto([sheet(["Смотритель маяка писал, что"])], image="C:\\scans\\0001.TIF")
    (tmp_path / "0001.TIF").write_bytes(b"II*\x00")
    found = document(tmp_path / "0001.alto.xml", content, sandbox)
    assert (found.author, found.date, found.lang) == ("A. Tverezov", "1928-10-26", "ru")
    assert found.document_id == "0001"
    assert found.layout and found.layout.pages[0].file == "0001.TIF"


def test_nonsense_numbers(tmp_path: Path, sandbox: ParserSandbox) -> None:
    content = alto([sheet(["one two three"])])
    for old, new in (('HPOS="200.0"', 'HPOS="1e999"'), ('WC="0.9"', 'WC="-7"'),
                     ('VPOS="300.0"', 'VPOS="NaN"')):  # fmt: skip
        content = content.replace(old, new)
    found = document(tmp_path / "a.xml", content, sandbox)
    assert (found.text, found.layout and found.layout.words) == ("one two three", ())
    for width in ("0", "-5", "nan", "x" * 9):
        content = page_xml(sheet(["one two"])).replace('imageWidth="2000"', f'imageWidth="{width}"')
        found = document(tmp_path / "b.xml", content, sandbox)
        assert found.text == "one two"
        assert found.layout and found.layout.pages[0].width == 1


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "laughs.xml": (
        f'<!DOCTYPE alto [<!ENTITY a0 "ha">{LAUGHS}]><alto><Layout><Page><PrintSpace>'
        '<String CONTENT="&a11;"/>&a11;</PrintSpace></Page></Layout></alto>',
        "",
    ),
    "outside.xml": (
        '<!DOCTYPE PcGts [<!ENTITY x SYSTEM "file:///etc/passwd">]><PcGts><Page><TextRegion>'
        "<TextEquiv><Unicode>words &x;</Unicode></TextEquiv></TextRegion></Page></PcGts>",
        "&x;",
    ),
    "cut.xml": (alto([sheet(["The coal has come."])])[:-40], "not well-formed"),
    "no-page.xml": ("<alto><Layout/></alto>", "it has no page"),
    "blank.xml": (page_xml(()), "no words in it"),
    "blank.hocr": (hocr([()]), "no words in it"),
}


def test_hostile_files(tmp_path: Path, sandbox: ParserSandbox) -> None:
    for name, (content, cause) in HOSTILE.items():
        begun = time.monotonic()
        found = failure(tmp_path / name, content, sandbox)
        assert found.path == str(tmp_path / name)
        assert cause in found.error, f"{name}: {found.error}"
        assert ";" in found.error
        assert time.monotonic() - begun < 20
    cut = tmp_path / "cut.hocr"
    cut.write_text(hocr([sheet(["The coal has come."])])[:-60])
    assert list(read(cut, sandbox))
