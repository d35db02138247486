"""Parts of the page that its script fetches, and the report on a quotation."""

from __future__ import annotations

from rag.types import Difference, Match
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import LINDQVIST, TAME, cited
from ui_assets.session.fragments import Fragments
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import quotation_check


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
