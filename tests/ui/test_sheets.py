"""Pages as the chat shows them: runs of text, faint words, addresses; the fragments and exports."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from index_store.layout import Layout, Page, Region, WordBox
from rag.types import Citation, Counterpart, Statement
from tests.kits.fake_archive import FakeArchive, answered
from tests.kits.fake_documents import LINDQVIST, cited
from tests.kits.fake_pages import DRAWN, quoted, quoted_over_pages
from tests.kits.page_kit import Page as Html
from ui_assets.export import conversation
from ui_assets.model import Exchange
from ui_assets.session.fragments import Fragments
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import render
from ui_assets.view.excerpts import answer_sources
from ui_assets.view.localizer import Localizer
from ui_assets.view.sheets import (
    FAINT_BELOW,
    MAX_THUMBNAILS,
    address,
    faint_words,
    page_starts,
    runs,
    sheet,
    sheets,
)
from ui_assets.view.words import LANGUAGES

ARCHIVE = FakeArchive({DRAWN.document_id: DRAWN})


def box(start: int, end: int, page: int, confidence: float | None) -> WordBox:
    return WordBox(start, end, page, 0.1, 0.1, 0.1, 0.1, confidence)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, Layout]:
    """A text and boxes of words in it, some of them in two parts, on pages in order."""
    text = draw(st.text(alphabet="aя \n\U0001f4dc", min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    sure = st.sampled_from([None, 0.0, 0.59, FAINT_BELOW, 1.0])
    words = [box(a, b, n // 3, draw(sure)) for n, (a, b) in enumerate(pairwise(cuts))]
    kept = [word for word in words if draw(st.booleans())]
    return text, Layout(tuple(Page(str(n), 1, 1) for n in range(5)), tuple(kept))


@given(layouts(), st.data())
def test_the_runs_of_a_text_are_the_text_with_its_faint_words_apart(
    made: tuple[str, Layout], data: st.DataObject
) -> None:
    text, layout = made
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    faint, opening = faint_words(layout, start, end), page_starts(layout)
    pieces = runs(text[start:end], start, faint, opening)
    assert "".join(piece.text for piece in pieces) == text[start:end]
    at, opened = start, []
    shown: set[int] = set()
    for piece in pieces:
        if piece.confidence is not None:
            shown.update(range(at, at + len(piece.text)))
        if piece.opens:
            opened.append((at, *piece.opens))
        at += len(piece.text)
    uncertain = [w for w in layout.words if w.confidence is not None and w.confidence < FAINT_BELOW]
    assert shown == {i for w in uncertain for i in range(w.start, w.end) if start <= i < end}
    assert opened == [one for one in opening if start <= one[0] < end]


def test_the_parts_of_a_broken_word_are_faint_together() -> None:
    layout = Layout(
        (Page("1", 1, 1),), (box(0, 5, 0, 0.5), box(5, 11, 0, 0.3), box(12, 14, 0, 0.9))
    )
    assert faint_words(layout, 0, 14) == ((0, 11, 0.3),)
    assert faint_words(None, 0, 14) == ()


def test_thumbnails_come_twenty_at_a_time() -> None:
    pages = [Page(str(n), 1, 1) for n in range(45)]
    numbers = [one.number for one in sheets("d", pages, 21)]
    assert numbers == list(range(21, 21 + MAX_THUMBNAILS))
    assert [one.number for one in sheets("d", pages, 41)] == [41, 42, 43, 44, 45]
    assert sheets("d", pages, 46) == [] and sheets("d", [], 1) == []
    assert sheet("d", pages, 0) is None and sheet("d", pages, 46) is None


@given(st.text(min_size=1, max_size=30))
def test_an_address_names_the_document_and_nothing_else(document_id: str) -> None:
    document_id = document_id.encode(errors="replace").decode()
    shown = sheet(document_id, [Page("1", 1, 1, picture="ab" * 32)], 1)
    assert shown
    made = address(shown, "small")
    assert not set(made) & set("\"'<>\\ \n") and made.count("/") == 3 and made.count("?") == 1
    assert unquote(made.split("/")[1]) == document_id


def test_a_page_is_called_by_its_label_and_its_number() -> None:
    pages = [Page("i", 1, 1), Page("2", 1, 1), Page("", 1, 1)]
    shown = [sheet("d", pages, n) for n in (1, 2, 3)]
    for lang, names in (
        ("en", ["p. i (1 of 3)", "p. 2 of 3", "p. 3 of 3"]),
        ("ru", ["с. i (1 из 3)", "с. 2 из 3", "с. 3 из 3"]),
    ):
        assert [Localizer(lang).page_of(one) for one in shown if one] == names
    assert set(LANGUAGES["en"].texts) == set(LANGUAGES["ru"].texts)


def _panel(citation: Citation, lang: str = "en") -> str:
    statement = Statement(citation.quote, "quotation", (citation.n,), "verified")
    answer = answered("?", [statement], [citation])
    sources = answer_sources(ARCHIVE, answer)
    return render.panel([Exchange(1, "?", answer, sources=sources)], lang, lambda document: [])


def test_a_source_has_a_page_view_only_where_the_words_have_a_place() -> None:
    html = Html(_panel(quoted()))
    tabs = [attributes for _, attributes in html.elements if attributes.get("role") == "tab"]
    assert [tab["aria-selected"] for tab in tabs] == ["true", "false"]  # the text comes first
    (image,) = [attributes for tag, attributes in html.elements if tag == "img"]
    assert image["loading"] == "lazy" and "forty" not in str(image["alt"])
    marks = [a["style"] for tag, a in html.elements if a.get("class") == "fonds-box"]
    regions = quoted().regions or ()
    assert len(marks) == len(regions) == 2
    assert f"left: {100 * regions[0].x:.3f}%" in str(marks[0])
    assert html.marks == [quoted().quote]
    assert html.text.count("Dotted words") == 1  # told once
    for regions_given in ((), None):
        assert "view_page" not in _panel(replace(quoted(), regions=regions_given))
        assert "<img" not in _panel(replace(quoted(), regions=regions_given))


def test_the_page_stands_beside_the_other_version_whichever_way_that_is_shown() -> None:
    """As a tab where the other version is a tab, and over both texts where they are a pair."""
    counterpart = Counterpart(LINDQVIST.document_id, 0, 4, LINDQVIST.text[:4])
    statement = Statement(quoted().quote, "quotation", (1,), "verified")
    both = {DRAWN.document_id: DRAWN, LINDQVIST.document_id: LINDQVIST}
    for citation, others, count in (
        (quoted(), [LINDQVIST], 3),
        (replace(quoted(), counterpart=counterpart), [LINDQVIST], 2),
        (quoted(), [], 2),
    ):
        answer = answered("?", [statement], [citation])
        exchange = Exchange(1, "?", answer, sources=answer_sources(FakeArchive(both), answer))
        html = Html(render.panel([exchange], "en", lambda document, o=others: o))
        tabs = [a for _, a in html.elements if a.get("role") == "tab"]
        panes = {a["id"]: a for _, a in html.elements if a.get("role") == "tabpanel"}
        assert len(tabs) == len(panes) == count
        assert [tab["aria-controls"] for tab in tabs if tab["aria-controls"] not in panes] == []
        assert [i for i, pane in panes.items() if "hidden" not in pane] == ["text-1-1-0"]
        assert html.marks == [quoted().quote]


def test_a_quotation_over_two_pages_says_so() -> None:
    text = Html(_panel(quoted_over_pages())).text
    assert "on several pages" in text and "p. 13 (2 of 3)" in text and "p. 14" in text
    assert "на нескольких страницах" not in text
    assert "Цитата занимает несколько страниц" in Html(_panel(quoted_over_pages(), "ru")).text


def test_fragments_give_a_page_a_document_with_pages_and_thumbnails() -> None:
    fragments = Fragments(ServedArchive(ARCHIVE))
    citation = quoted_over_pages()
    span = {"document": DRAWN.document_id, "start": citation.start, "end": citation.end}
    first, second, other = (
        Html(fragments.html("page", {**span, "number": n}, "en")) for n in ("", "3", "1")
    )
    assert "p. 13 (2 of 3)" in first.text and "p. 14 (3 of 3)" in second.text
    counts = [
        sum(a.get("class") == "fonds-box" for _, a in html.elements)
        for html in (first, second, other)
    ]
    assert counts == [2, 1, 0]
    whole = Html(fragments.html("whole", span, "en"))
    opening = [a for _, a in whole.elements if a.get("class") == "fonds-opens"]
    assert [a["data-number"] for a in opening] == ["1", "2", "3"]
    assert sum(a.get("class") == "fonds-thumbnail" for _, a in whole.elements) == 3
    last = Html(fragments.html("thumbnails", {"document": DRAWN.document_id, "first": "3"}, "en"))
    assert sum(tag == "img" for tag, _ in last.elements) == 1 and "More pages" not in last.text


def test_a_page_that_is_not_there_is_told_in_its_place() -> None:
    fragments = Fragments(ServedArchive(FakeArchive({LINDQVIST.document_id: LINDQVIST})))
    for number, document_id in (("1", LINDQVIST.document_id), ("1", "no such")):
        html = fragments.html("page", {"document": document_id, "number": number}, "en")
        assert "fonds-fault" in html
    drawn = Fragments(ServedArchive(ARCHIVE))
    html = drawn.html("page", {"document": DRAWN.document_id, "number": "4"}, "en")
    assert "has no page 4" in html


def test_hostile_labels_and_titles_are_escaped() -> None:
    evil = '"><script>x</script>'
    region = Region(1, evil, 0.1, 0.1, 0.1, 0.1)
    shown = sheet(evil, [Page(evil, 1, 1, picture="x")], 1, [region], (0, 1))
    document = replace(LINDQVIST, document_id=evil, title=evil)
    html = render.page("page.html", "en", shown=shown, document=document, large=False)
    html += render.page("thumbnails.html", "en", sheets=[shown])
    parsed = Html(html)
    assert {tag for tag, _ in parsed.elements} <= {"div", "button", "span", "img", "p"}
    named = [a["data-document"] for _, a in parsed.elements if "data-document" in a]
    assert named and set(named) == {evil} and parsed.text.count(evil) == 2


def test_an_export_says_the_page_and_has_no_picture() -> None:
    citation = cited(1, DRAWN, "forty sacks of coal")
    answer = answered(
        "?",
        [Statement(citation.quote, "quotation", (1,), "verified")],
        [replace(citation, page="13", regions=quoted().regions)],
    )
    text = conversation.markdown("t", [Exchange(1, "?", answer)], "en").content.decode()
    assert "- Page: 13\n" in text and "![" not in text and "pictures/" not in text
    assert b"word/media" not in conversation.docx("t", [Exchange(1, "?", answer)], "en").content
