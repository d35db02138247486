"""The page view in a real Chromium: tabs, turning, zoom, full screen, keyboard.

Over drawn pages of the fake archive. Not here: loading, phone, themes (`test_browser_page_layout`),
marks on real files (`test_browser_marks`).
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.kits.browser_kit import Chat
from tests.kits.fake_pages import quoted, quoted_over_pages

pytestmark = pytest.mark.browser


def pictures(chat: Chat) -> list[str]:
    """The pictures asked for, as page and size."""
    found = [one.partition("?")[0] for one in chat.requests if "/pictures/" in one]
    return ["/".join(one.split("/")[-2:]) for one in found]


def width(sheet: Locator) -> float:
    return float(sheet.evaluate("sheet => sheet.getBoundingClientRect().width"))


def focused(chat: Chat, selector: str) -> bool:
    return bool(chat.page.evaluate(f"document.activeElement.matches({selector!r})"))


def test_the_text_comes_first_until_the_reader_has_chosen_the_page(drawn: Chat) -> None:
    drawn.ask("Drawn: how much coal?")
    source = drawn.page.locator("#source-1-1")
    expect(source.locator("mark")).to_have_text(quoted().quote)
    expect(source.locator(".fonds-faint").first).to_have_attribute(
        "title", "read with 41 % certainty"
    )
    drawn.page.wait_for_timeout(300)
    assert pictures(drawn) == []  # nothing is loaded before it is seen
    source.get_by_role("tab", name="Page").click()
    expect(source.locator(".fonds-sheet img")).to_be_visible()
    expect(source.locator("mark")).to_be_hidden()
    expect(source.locator(".fonds-box")).to_have_count(2)
    expect(source.locator(".fonds-page-name")).to_have_text("p. 13 (2 of 3)")
    drawn.page.wait_for_function("document.querySelector('#source-1-1 img').naturalWidth > 0")
    assert pictures(drawn) == ["2/small"]
    drawn.ask("Drawn: how much over the page?")
    other = drawn.page.locator("#source-2-1")
    expect(other.locator(".fonds-sheet img")).to_be_visible()  # remembered
    assert pictures(drawn) == ["2/small"]  # kept by the browser
    drawn.open()
    drawn.ask("Drawn again: coal?")
    expect(drawn.page.locator("#evidence-1 .fonds-sheet img")).to_be_visible()
    drawn.page.locator("#source-1-1").get_by_role("tab", name="Text").click()
    drawn.open()
    drawn.ask("Drawn once more: coal?")
    expect(drawn.page.locator("#source-1-1 mark")).to_be_visible()


def test_a_quotation_over_two_pages_is_marked_on_both(drawn: Chat) -> None:
    drawn.ask("Drawn over the page?")
    source = drawn.page.locator("#source-1-1")
    source.get_by_role("tab", name="Page").click()
    expect(source).to_contain_text("The quotation is on several pages")
    expect(source.locator(".fonds-box")).to_have_count(2)
    source.get_by_role("button", name="p. 14").click()
    expect(source.locator(".fonds-page-name")).to_have_text("p. 14 (3 of 3)")
    expect(source.locator(".fonds-box")).to_have_count(1)
    expect(source.get_by_role("button", name="p. 14")).to_be_focused()
    source.get_by_role("button", name="Open whole document").click()
    dialog = drawn.page.locator("#fonds-dialog")
    marked = dialog.locator("mark").evaluate(
        "mark => [...mark.childNodes].filter(n => !n.matches?.('button')).map(n => n.textContent)"
    )
    assert "".join(marked) == quoted_over_pages().quote
    dialog.locator(".fonds-excerpt").get_by_role("button", name="p. 14").click()
    full = drawn.page.locator("#fonds-page-dialog")
    expect(full.locator(".fonds-page-name")).to_have_text("p. 14 (3 of 3)")
    expect(full.locator(".fonds-box")).to_have_count(1)  # marked here too
    drawn.page.keyboard.press("Escape")
    expect(full).to_be_hidden()
    expect(dialog).to_be_visible()


def test_the_keyboard_turns_zooms_and_opens_the_full_screen(drawn: Chat) -> None:
    drawn.ask("Drawn: how much coal?")
    drawn.last.locator("a.fonds-marker").first.focus()
    keys = drawn.page.keyboard
    keys.press("Enter")  # opens the source
    expect(drawn.page.locator("#source-1-1")).to_be_focused()
    keys.press("Tab")
    assert focused(drawn, '[role="tab"]')
    keys.press("ArrowRight")
    view = drawn.page.locator("#source-1-1 .fonds-page")
    expect(view).to_be_visible()
    while not focused(drawn, ".fonds-page-frame"):
        keys.press("Tab")
    name, sheet = view.locator(".fonds-page-name"), view.locator(".fonds-sheet")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert drawn.page.evaluate(outline) == "solid"
    keys.press("ArrowRight")
    expect(name).to_have_text("p. 14 (3 of 3)")
    assert focused(drawn, ".fonds-page-frame") and drawn.page.evaluate(outline) == "solid"
    keys.press("ArrowRight")  # there is no next one
    keys.press("ArrowLeft")
    expect(name).to_have_text("p. 13 (2 of 3)")
    fitted = width(sheet)
    keys.press("+")
    keys.press("+")
    assert width(sheet) == pytest.approx(1.5 * fitted, abs=1)
    keys.press("ArrowRight")  # scrolls: the page is wider than its frame
    drawn.page.wait_for_function("document.querySelector('.fonds-page-frame').scrollLeft > 0")
    expect(name).to_have_text("p. 13 (2 of 3)")
    keys.press("-")
    assert width(sheet) == pytest.approx(1.25 * fitted, abs=1)
    keys.press("0")
    assert width(sheet) == pytest.approx(fitted, abs=1)
    while not focused(drawn, '[data-do="full-page"]'):
        keys.press("Shift+Tab")
    keys.press("Enter")
    full = drawn.page.locator("#fonds-page-dialog")
    expect(full.locator(".fonds-sheet img")).to_be_visible()
    expect(full.locator(".fonds-page-frame")).to_be_focused()
    keys.press("ArrowLeft")
    expect(full.locator(".fonds-page-name")).to_have_text("p. 12 (1 of 3)")
    keys.press("Escape")
    expect(full).to_be_hidden()
    assert focused(drawn, '[data-do="full-page"]')
    keys.press("Escape")
    assert focused(drawn, "a.fonds-marker")


def test_zooming_brings_the_large_picture_and_keeps_the_place(drawn: Chat) -> None:
    drawn.ask("Drawn: how much coal?")
    source = drawn.page.locator("#source-1-1")
    source.get_by_role("tab", name="Page").click()
    for _ in range(5):
        source.get_by_role("button", name="Larger").click()
    sheet, frame = source.locator(".fonds-sheet"), source.locator(".fonds-page-frame")
    drawn.page.wait_for_function("document.querySelector('#source-1-1 img').naturalWidth == 1240")
    assert pictures(drawn) == ["2/small", "2/large"]
    left = "b => b.getBoundingClientRect().left"
    assert source.locator(".fonds-box").first.evaluate(left) >= frame.evaluate(left)
    source.get_by_role("button", name="Previous page").click()
    expect(source.locator(".fonds-page-name")).to_have_text("p. 12 (1 of 3)")
    frame.evaluate("f => (f.scrollLeft = (f.scrollWidth - f.clientWidth) / 2)")
    source.get_by_role("button", name="Smaller").click()
    middle = "f => (f.scrollLeft + f.clientWidth / 2) / f.scrollWidth"
    assert frame.evaluate(middle) == pytest.approx(0.5, abs=0.01)  # no mark: the middle stays
    source.get_by_role("button", name="Fit to the width").click()
    assert width(sheet) == pytest.approx(float(frame.evaluate("f => f.clientWidth")), abs=1)


def test_the_archive_shows_the_pages_of_a_document(drawn: Chat) -> None:
    drawn.go("archive")
    drawn.page.get_by_role("button", name="Log of the harbour office").click()
    dialog = drawn.page.locator("#fonds-dialog")
    expect(dialog.get_by_role("heading", name="3 pages")).to_be_visible()
    thumbnails = dialog.locator(".fonds-thumbnail")
    expect(thumbnails).to_have_count(3)
    drawn.page.wait_for_function(
        "[...document.querySelectorAll('.fonds-thumbnail img')].every(i => i.naturalWidth > 0)"
    )
    assert sorted(pictures(drawn)) == ["1/small", "2/small", "3/small"]
    drawn.shoot("pages-document")
    thumbnails.nth(2).click()
    full = drawn.page.locator("#fonds-page-dialog")
    expect(full.locator(".fonds-page-name")).to_have_text("p. 14 (3 of 3)")
    expect(full.locator(".fonds-box")).to_have_count(0)
    expect(full.get_by_role("button", name="Next page")).to_be_disabled()
    full.get_by_role("button", name="Close").click()
    expect(thumbnails.nth(2)).to_be_focused()


def test_a_checked_quotation_leads_to_its_page(drawn: Chat) -> None:
    drawn.go("check")
    drawn.page.get_by_label("Quotation").fill(quoted().quote)
    drawn.page.get_by_role("button", name="Check", exact=True).click()
    drawn.page.get_by_role("button", name="Show on the page").click()
    full = drawn.page.locator("#fonds-page-dialog")
    expect(full.locator(".fonds-box")).to_have_count(2)
    expect(full.locator(".fonds-box").first).to_be_in_viewport()


def test_many_pages_are_shown_twenty_at_a_time(drawn: Chat) -> None:
    drawn.go("archive")
    drawn.page.get_by_role("button", name="Ledger of the coal store").click()
    dialog = drawn.page.locator("#fonds-dialog")
    expect(dialog.get_by_role("heading", name="23 pages")).to_be_visible()
    thumbnails = dialog.locator(".fonds-thumbnail")
    expect(thumbnails).to_have_count(20)
    dialog.get_by_role("button", name="More pages").click()
    expect(thumbnails).to_have_count(23)
    expect(thumbnails.nth(20)).to_be_focused()
    expect(dialog.get_by_role("button", name="More pages")).to_have_count(0)
    thumbnails.nth(21).click()
    full = drawn.page.locator("#fonds-page-dialog")
    expect(full).to_contain_text("p. 22 of 23")
    expect(full.get_by_text("No picture of this page is kept.")).to_be_visible()
    assert pictures(drawn) == []
