"""The page view in a real Chromium: how it loads, on a phone, in both themes, for axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.kits.browser_kit import DESKTOP, PHONE, Chat

pytestmark = pytest.mark.browser


def test_the_page_keeps_its_place_and_its_size_while_it_loads(drawn: Chat) -> None:
    """The picture is held back; the page is as high before it comes as after."""
    held: list[str] = []

    def later(route: Route) -> None:
        held.append(route.request.url)
        drawn.page.wait_for_timeout(400)
        route.continue_()

    drawn.page.route("**/pictures/**", later)
    drawn.ask("Drawn: how much coal?")
    source = drawn.page.locator("#source-1-1")
    source.get_by_role("tab", name="Page").click()
    sheet = source.locator(".fonds-sheet")
    before = sheet.bounding_box()
    drawn.page.wait_for_function("document.querySelector('#source-1-1 img').naturalWidth > 0")
    assert held and before and sheet.bounding_box() == before
    assert before["height"] / before["width"] == pytest.approx(1754 / 1240, abs=0.01)


def test_a_picture_that_does_not_come_is_told(browser: Browser, drawn_url: str) -> None:
    with browser.new_context(viewport=DESKTOP, locale="en-GB") as context:
        chat = Chat(context.new_page(), drawn_url)
        chat.page.route("**/pictures/**", lambda route: route.fulfill(status=503))
        chat.ask("Drawn: how much coal?")
        source = chat.page.locator("#source-1-1")
        source.get_by_role("tab", name="Page").click()
        expect(source.get_by_text("The picture could not be loaded.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_the_page_view(
    browser: Browser, drawn_url: str, scheme: str
) -> None:
    with browser.new_context(viewport=DESKTOP, color_scheme=scheme, locale="en-GB") as context:  # type: ignore[arg-type]
        chat = Chat(context.new_page(), drawn_url)
        chat.ask("Drawn over the page?")
        found = {"text": chat.violations()}
        source = chat.page.locator("#source-1-1")
        source.get_by_role("tab", name="Page").click()
        expect(source.locator(".fonds-sheet img")).to_be_visible()
        found["page"] = chat.violations()
        chat.shoot(f"page-{scheme}")
        source.get_by_role("button", name="Full screen").click()
        expect(chat.page.locator("#fonds-page-dialog .fonds-sheet img")).to_be_visible()
        found["full"] = chat.violations()
        chat.shoot(f"page-full-{scheme}")
        chat.page.keyboard.press("Escape")
        source.get_by_role("button", name="Open whole document").click()
        expect(chat.page.locator(".fonds-whole")).to_be_visible()
        found["document"] = chat.violations()
        assert {name: ones for name, ones in found.items() if ones} == {}


def test_a_phone_shows_the_page_in_its_sheet_and_in_full(browser: Browser, drawn_url: str) -> None:
    with browser.new_context(viewport=PHONE, has_touch=True, locale="ru-RU") as context:
        chat = Chat(context.new_page(), drawn_url)
        chat.ask("Drawn: how much coal?")
        chat.last.locator("a.fonds-marker").first.tap()
        source = chat.page.locator("#source-1-1")
        source.get_by_role("tab", name="Страница").tap()
        expect(source.locator(".fonds-box").first).to_be_in_viewport()
        tools = source.locator(".fonds-page-tools button")
        tops = tools.evaluate_all("all => all.map(b => Math.round(b.getBoundingClientRect().top))")
        assert len(set(tops)) == 1, "the tools stand in one line"
        sizes = tools.evaluate_all("all => all.map(b => Math.min(b.offsetWidth, b.offsetHeight))")
        assert min(sizes) >= 28  # pixels, for a finger
        chat.shoot("page-phone")
        source.get_by_role("button", name="На весь экран").tap()
        full = chat.page.locator("#fonds-page-dialog")
        expect(full.locator(".fonds-box").first).to_be_in_viewport()
        assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
        assert chat.violations() == []
        chat.shoot("page-phone-full")
        full.get_by_role("button", name="Следующая страница").tap()
        expect(full.locator(".fonds-page-name")).to_have_text("с. 14 (3 из 3)")
        full.get_by_role("button", name="Закрыть").tap()
        expect(full).to_be_hidden()
        chat.check()
