"""Pages to text: paragraphs, page breaks, hyphens, what stands apart, what is repeated."""

from __future__ import annotations

from rag.readers.scans.assemble import assemble
from rag.readers.scans.lines import shared
from rag.readers.scans.page import ReadLine, ReadPage, ReadRegion, ReadWord
from tests.readers.scans.written import HEIGHT, WIDTH, sheet


def region(*lines: str, top: int = 300, left: int = 200, apart: bool = False) -> ReadRegion:
    (written,) = sheet(lines, left=left, top=top)
    return ReadRegion(
        tuple(ReadLine(tuple(ReadWord(w.text, w.box) for w in line)) for line in written), apart
    )


def page(*regions: ReadRegion, label: str = "1") -> ReadPage:
    return ReadPage(label, WIDTH, HEIGHT, regions, f"{label}.png")


def pieces(text: str, pages: list[ReadPage]) -> list[str]:
    found, _, layout = assemble(pages)
    assert found == text
    return [found[w.start : w.end] for w in layout.words]


def test_a_sentence_over_a_page_break_and_a_word_broken_there() -> None:
    first = region("The coal came on the second day, and the cap-", top=2000)
    second = region("tain wrote of it. He was", "glad.")
    text, offsets, layout = assemble([page(first), page(second, label="2r")])
    assert text == ("The coal came on the second day, and the captain wrote of it. He was glad.")
    assert offsets == ((0, "1"), (text.index("tain"), "2r"))
    parts = {text[w.start : w.end]: w.page for w in layout.words}
    assert (parts["cap"], parts["tain"]) == (0, 1)
    assert [(p.label, p.file) for p in layout.pages] == [("1", "1.png"), ("2r", "2r.png")]


def test_hyphens() -> None:
    lines = [
        "It is well-",
        "known and a gold¬",
        "smith came, half-",
        "way. A Jean-",
        "Paul, re\xad",
    ]
    text = "It is well-\nknown and a goldsmith came, half-\nway. A Jean-Paul, remark."
    words = pieces(text, [page(region(*lines, "mark."))])
    assert ("well-" in words, "gold" in words, "smith" in words, "Jean-" in words) == (True,) * 4
    said = ReadLine((ReadWord("well-", (0, 0, 9, 9)),), True, "well-known")
    after = ReadLine((ReadWord("known", (0, 20, 9, 9)),))
    assert assemble([page(ReadRegion((said, after)))])[0] == "well-known"
    bare = ReadLine((ReadWord("remar", None),), True)
    assert assemble([page(ReadRegion((bare, ReadLine((ReadWord("kable", None),)))))])[0] == (
        "remarkable"
    )
    # A dash that ends a line before a new sentence in another region is no hyphen.
    two = page(region("He was tired-"), region("The end.", top=900))
    assert assemble([two])[0] == "He was tired-\n\nThe end."


def test_paragraphs_by_indent_gap_and_source() -> None:
    first = region(
        "The keeper writes that the fog came", "and stayed until the evening of", top=300
    )
    indented = region("Then a ship came by, and he", top=420, left=300)
    last = region("rang for it.", top=480)
    text = assemble([page(ReadRegion(first.lines + indented.lines + last.lines))])[0]
    assert [p.split()[0] for p in text.split("\n\n")] == ["The", "Then"]
    far = region("After the gap there is more", top=700)
    text = assemble([page(ReadRegion(first.lines + far.lines + region("of it.", top=760).lines))])[
        0
    ]
    assert [p.split()[0] for p in text.split("\n\n")] == ["The", "After"]
    told = ReadRegion(first.lines, paragraphs=(0, 1))
    assert assemble([page(told)])[0].count("\n\n") == 1


def test_columns_and_regions() -> None:
    left = region("The first column ends in the", top=900)
    right = region("middle of a sentence.", top=300, left=1100)
    below = region("next region in small letters", top=2000)
    cut = region("keeper came by sea and", top=2400), region("rang the bell.", top=2460)
    assert assemble([page(*cut)])[0] == "keeper came by sea and rang the bell."
    text = assemble([page(left, right, below)])[0]
    assert text == (
        "The first column ends in the middle of a sentence.\n\nnext region in small letters"
    )


def test_marginalia_stand_on_their_page_and_break_no_sentence() -> None:
    note = region("NB!", left=1800, apart=True)
    first = page(region("A whole paragraph."), region("The coal came and", top=2000), note)
    second = page(region("went away."), label="2")
    text, offsets, _ = assemble([first, second])
    assert text == "A whole paragraph.\n\nNB!\n\nThe coal came and went away."
    assert offsets == ((0, "1"), (text.index("went"), "2"))
    inside = page(region("from port to"), note, label="2")
    last = page(region("port."), label="3")
    text, offsets, layout = assemble([page(region("The coal went")), inside, last])
    assert text == "The coal went from port to\n\nNB!\n\nport."
    assert [text[o : o + 3] for o, _ in offsets] == ["The", "fro", "por"]
    assert {layout.words[i].page for i in range(6, 7)} == {1}


def test_running_headers_go_and_blank_pages_stay_in_the_layout() -> None:
    pages = [
        page(region(f"HARBOUR BOOK {n}", top=100),
             region(f"Ship {n * 'i'} came", "in the night", "and left.", "No more."), label=str(n))
        for n in range(1, 5)
    ]  # fmt: skip
    text, offsets, layout = assemble([*pages, page(label="blank")])
    assert "HARBOUR" not in text
    assert text.count("came in the night and left.") == 4
    assert [label for _, label in offsets] == ["1", "2", "3", "4"]
    assert layout.pages[-1].label == "blank"


def test_boxes_that_are_none() -> None:
    boxes = [(10.0, 10.0, float("nan"), 5.0), (1.0, 1.0, -4.0, 5.0), (9e9, 0.0, 5.0, 5.0),
             (-10.0, 10.0, 35.0, 10.0), None, (float("inf"), 1.0, 1.0, 1.0)]  # fmt: skip
    line = ReadLine(tuple(ReadWord(f"w{n}", box) for n, box in enumerate(boxes)))
    read = ReadPage("1", 100, 100, (ReadRegion((line,)),))
    text, _, layout = assemble([read])
    assert text == "w0 w1 w2 w3 w4 w5"
    found = [(text[w.start : w.end], w.x, round(w.width, 9)) for w in layout.words]
    assert found == [("w3", 0.0, 0.25)]
    sizeless = ReadPage("1", 0, 0, (ReadRegion((ReadLine((ReadWord("a", (0, 0, 1, 1)),)),)),))
    assert assemble([sizeless])[2].words == ()
    assert assemble([]) == ("", (), assemble([])[2])


def test_shares_of_a_line() -> None:
    words = list(shared("ab  cde", (0.0, 5.0, 60.0, 10.0)))
    assert [(w.text, w.box) for w in words] == [
        ("ab", (0.0, 5.0, 20.0, 10.0)),
        ("cde", (30.0, 5.0, 30.0, 10.0)),
    ]
    assert [w.box for w in shared("a b", None)] == [None, None]
