"""The boxes of a quotation: one for each printed line, on each of its pages, or none."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from index_store.layout import Layout, Page, Region, WordBox
from index_store.types import Document
from rag import Archive
from rag.citations.citation import STYLES, format_citation
from rag.citations.marking import png
from rag.citations.regions import regions
from rag.settings import Settings
from tests.kits.hashing import HashingEncoder
from tests.kits.pdf_kit import LEFT, pdf, prose
from ui_assets.session.fragments import Fragments
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view.excerpts import answer_sources

PAGES = (Page("12", 600, 900), Page("13", 600, 900))
TEXT = "one two three four five"
STARTS = (0, 4, 8, 14, 19, 24)


def layout(places: str) -> Layout:
    """A word of TEXT at each place: page, line and column as digits; "---" for none."""
    words = []
    for n, place in enumerate(places.split()):
        if place != "---":
            page, line, column = map(int, place)
            box = (column / 10, line / 10, 0.08, 0.03)
            words.append(WordBox(STARTS[n], STARTS[n + 1] - 1, page, *box))
    return Layout(PAGES, tuple(words))


CASES = {
    "a line": ("011 012 013 014 015", [(1, 0.1, 0.1)]),
    "two lines": ("011 012 021 022 023", [(1, 0.1, 0.1), (1, 0.1, 0.2)]),
    "two pages": ("088 089 110 111 112", [(1, 0.8, 0.8), (2, 0.0, 0.1)]),
    "two columns side by side": ("011 012 017 018 019", [(1, 0.1, 0.1), (1, 0.7, 0.1)]),
    "most words": ("011 --- --- 014 015", [(1, 0.1, 0.1), (1, 0.4, 0.1)]),
    "few words": ("011 --- --- --- 015", []),
    "none": ("--- --- --- --- ---", []),
}


@pytest.mark.parametrize("case", CASES)
def test_one_box_for_each_line(case: str) -> None:
    places, expected = CASES[case]
    found = regions(TEXT, 0, layout(places))
    assert [(r.page, round(r.x, 4), round(r.y, 4)) for r in found] == expected
    assert all(region.label == PAGES[region.page - 1].label for region in found)


def test_a_part_is_boxed_by_its_own_words() -> None:
    whole = layout("011 012 013 021 022")
    (first,) = regions("wo thr", 5, whole)  # words that it cuts are boxed whole
    assert (first.x, round(first.width, 4)) == (0.2, 0.18)
    (second,) = regions("four", 14, whole)
    assert (second.x, second.y, round(second.width, 4)) == (0.1, 0.2, 0.08)


@given(st.lists(st.sampled_from(["011", "013", "024", "110", "---"]), min_size=5, max_size=5))
def test_every_box_of_a_word_lies_in_a_region(places: list[str]) -> None:
    given_layout = layout(" ".join(places))
    found = regions(TEXT, 0, given_layout)
    assert bool(found) == (places.count("---") <= 2)
    for word in given_layout.words if found else ():
        assert any(
            r.page == word.page + 1
            and r.x <= word.x + 1e-5 and word.x + word.width <= r.x + r.width + 1e-5
            and r.y <= word.y + 1e-5 and word.y + word.height <= r.y + r.height + 1e-5
            for r in found
        )  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("regions")
    first = prose(("The keeper writes that the fog came in before noon and", "the bell was rung"))
    second = [(LEFT, 740.0, "by hand until the rope gave way.")]
    (folder / "fog.pdf").write_bytes(pdf([first, second], labels="0 << /S /D /St 12 >>"))
    (folder / "coal.txt").write_text("The captain asks for forty tons of coal.\n")
    with Archive(Settings(store=folder / "store"), HashingEncoder(dimension=16)) as opened:
        opened.ingest([folder / "fog.pdf", folder / "coal.txt"])
        yield opened


def test_hits_and_matches_have_regions_where_there_is_a_layout(archive: Archive) -> None:
    (match,) = archive.verify("the bell was rung by hand").to_dict()["matches"]
    assert [(r["page"], r["label"]) for r in match["regions"]] == [(1, "12"), (2, "13")]
    assert set(match["regions"][0]) == {"page", "label", "x", "y", "width", "height"}
    (match,) = archive.verify("forty tons of coal").to_dict()["matches"]
    assert "regions" not in match
    hits = {
        hit["document_id"]: hit for hit in archive.search("bell coal captain fog").to_dict()["hits"]
    }
    assert len(hits["fog"]["regions"]) == 3 and "regions" not in hits["coal"]
    place = archive.verify("the bell was rung").matches[0].citation
    assert archive.regions("fog", place.start, place.end) == place.regions


def test_answers_and_what_is_streamed_have_regions(archive: Archive) -> None:
    question = "Why was the bell rung by hand?"
    answer = archive.ask(question)
    cited = answer.citations or answer.hits
    assert cited and all(
        (item.regions is not None) == (item.document.document_id == "fog") for item in cited
    )
    *_, last = archive.stream(question)
    assert last.answer is not None
    told = [json.dumps({**a.to_dict(), "seconds": 0}) for a in (answer, last.answer)]
    assert told[0] == told[1]


def test_a_damaged_layout_stops_no_question(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(archive.settings.directory, tmp_path / "store")
    with closing(sqlite3.connect(tmp_path / "store" / "catalogue.sqlite3")) as connection:
        connection.execute("UPDATE layouts SET words = zeroblob(9)")
        connection.commit()
    with Archive(Settings(store=tmp_path / "store"), HashingEncoder(dimension=16)) as damaged:
        (match,) = damaged.verify("the bell was rung by hand").matches
        assert match.citation.regions is None
        assert damaged.search("bell coal captain fog").hits
        answer = damaged.ask("Why was the bell rung by hand?")
        assert answer.citations or answer.hits
        sources = answer_sources(damaged, replace(answer, citations=(match.citation,)))
        assert [(s.sheet, s.excerpt.marked) for s in sources] == [(None, match.citation.quote)]
        fragments = Fragments(ServedArchive(damaged))
        assert "rung" in fragments.html("whole", {"document": "fog"}, "en")
        assert "fonds doctor" in fragments.html("page", {"document": "fog"}, "en")


def test_marks_lie_on_the_words() -> None:
    paper = Image.new("RGB", (100, 100), "white")
    paper.putpixel((50, 50), (0, 0, 0))
    out = io.BytesIO()
    paper.save(out, "PNG")
    marked = Image.open(io.BytesIO(png(out.getvalue(), [Region(1, "", 0.4, 0.4, 0.2, 0.2)])))
    assert marked.getpixel((50, 50)) == (0, 0, 0), "letters stay dark"
    assert marked.getpixel((45, 45)) == (255, 226, 77)
    assert marked.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_page_of_a_scan_is_cited_as_such(lang: str) -> None:
    extra = {"recognised_by": "Tesseract 5.3 (eng)"}
    scan = Document("a", "a", lang, "text", title="Log", source="Papers, pp. 40–44", extra=extra)
    assert "p. 3 of the scan" in format_citation(scan, "chicago", "3")
    assert ("С. 3 скана" if lang == "ru" else "P. 3 of the scan") in format_citation(
        scan, "gost", "3"
    )
    for style in STYLES:
        assert ("of the scan" in format_citation(scan, style, "3")) == (
            style != "gost" or lang == "en"
        )
    assert "pages = " not in format_citation(scan, "bibtex", "3")
    printed = Document("a", "a", lang, "text", title="Log")
    foliated = replace(scan, pages=((0, "f. 3r"), (2, "f. 3v")))
    for style in ("chicago", "gost"):
        cited = format_citation(replace(foliated, source="Papers"), style, "f. 3v")
        assert "f. 3v" in cited.lower() and "p. f." not in cited.lower() and "scan" not in cited
    assert all("scan" not in format_citation(printed, style, "3") for style in STYLES)


def test_show_writes_a_page(archive: Archive, tmp_path: Path) -> None:
    from rag.cli.pages import write_page
    from rag.errors import NotStored, UsageError

    out = tmp_path / "page.png"
    told = write_page(archive, "fog", 2, out, "rung by hand")
    (region,) = told["regions"]
    with Image.open(out) as page:
        x, y = region["x"] * page.width, (region["y"] + region["height"] / 2) * page.height
        assert page.width == 2000 and page.getpixel((int(x) - 1, int(y))) != (255, 255, 255)
    assert told["file"] == str(out) and told["bytes"] == out.stat().st_size
    for error, arguments, message in (
        (NotStored, ("fog", 3, out, None), "it has 2 pages$"),
        (NotStored, ("coal", 1, out, None), "no pages to show"),
        (NotStored, ("none", 1, out, None), "no document"),
        (UsageError, ("fog", 1, tmp_path / "page.tif", None), r"ends in \.png"),
        (UsageError, ("fog", 2, out, "the fog came"), "give --page 1"),
        (UsageError, ("fog", 2, out, "forty tons of coal"), "does not stand in fog"),
    ):
        with pytest.raises(error, match=message):
            write_page(archive, *arguments)
