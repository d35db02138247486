"""Parts of the page that its script fetches, and the report on a quotation."""

from __future__ import annotations

from typing import Any

import pytest

from index_store.layout import Layout
from rag.types import Difference, Match
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import LINDQVIST, LOG, TAME, cited
from tests.kits.fake_pages import DRAWN
from ui_assets.session.fragments import Fragments
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import quotation_check
from ui_assets.view.sheets import FAINT_BELOW


def test_passages_come_in_order_until_the_document_ends(archive: FakeArchive) -> None:
    fragments = Fragments(ServedArchive(archive))
    walk = {"document": "log", "direction": "down"}
    assert "Day 3. The ice stood as on day 2." in fragments.html(
        "passage", {**walk, "at": "2"}, "en"
    )
    assert "ends here" in fragments.html("passage", {**walk, "at": "12"}, "en")
    assert "begins here" in fragments.html("passage", {**walk, "at": "-1", "direction": "up"}, "en")
    assert "is not in the store" in fragments.html("whole", {"document": "<b>"}, "en")
    assert "&lt;b&gt;" in fragments.html("whole", {"document": "<b>"}, "en")
    whole = fragments.html("whole", {"document": "log", "start": 5, "end": 99_999}, "en")
    assert "<mark>" not in whole and "Day 12." in whole


PAGED = {document.document_id: document for document in (DRAWN, LOG)}


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("page", {"document": DRAWN.document_id, "number": "x"}, "number is"),
        ("page", {"document": DRAWN.document_id, "start": [1]}, "start is"),
        ("page", {"document": DRAWN.document_id, "number": 1e999}, "number is"),
        ("page", {}, "names no document"),
        ("thumbnails", {"document": "nowhere", "first": 1}, "is not in the store"),
        ("thumbnails", {"document": "log"}, "has no pages"),
        ("thumbnails", {"document": DRAWN.document_id, "first": "9" * 5000}, "first is"),
        ("passage", {"document": "log", "direction": "down"}, "names no at"),
        ("check", {}, "names no words"),
        ("cellar", {}, "no part"),
    ],
)
def test_a_wrong_request_shows_a_fault(name: str, wanted: dict[str, Any], said: str) -> None:
    html = Fragments(ServedArchive(FakeArchive(PAGED))).html(name, wanted, "en")
    assert said in html and 'role="alert"' in html


def test_thumbnails_begin_with_the_first_page() -> None:
    fragments = Fragments(ServedArchive(FakeArchive(PAGED)))
    html = fragments.html("thumbnails", {"document": DRAWN.document_id}, "en")
    assert 'data-number="1"' in html


def test_a_whole_text_is_drawn_from_its_faint_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Fragments(ServedArchive(FakeArchive(PAGED)))
    whole = drawn.html("whole", {"document": DRAWN.document_id}, "en")
    real = FakeArchive.layout

    def few(self: FakeArchive, *given: Any) -> Layout | None:
        """What the archive gives: faint words, and the first of each page."""
        layout, below = real(self, *given), given[3]
        assert layout is not None and below == FAINT_BELOW
        firsts = {word.page: word for word in reversed(layout.words)}
        words = [w for w in layout.words if firsts[w.page] is w or (w.confidence or 1) < below]
        return Layout(layout.pages, tuple(words))

    monkeypatch.setattr(FakeArchive, "layout", few)
    assert "sledges." in whole
    assert drawn.html("whole", {"document": DRAWN.document_id}, "en") == whole


def test_differences_are_marked_in_place() -> None:
    citation = cited(1, LINDQVIST, "The ferry has not run since Monday")
    near = Match("near", citation, (Difference("boat", "ferry"), Difference("Tuesday", "Monday")))
    assert quotation_check.stored_pieces(near) == [
        ("The ", False), ("ferry", True), (" has not run since ", False), ("Monday", True),
    ]  # fmt: skip
    elsewhere = Match("near", citation, (Difference("x", "not there"), Difference("y", "")))
    assert quotation_check.stored_pieces(elsewhere) == [(citation.quote, False)]
    words = "The boat has not run since Tuesday"
    assert quotation_check.quoted_pieces(words, near)[1::2] == [("boat", True), ("Tuesday", True)]
    html = quotation_check.report(FakeArchive(TAME), "<b>no such</b>", "en")
    assert "not in the archive" in html and "&lt;b&gt;" in html and "<b>" not in html
