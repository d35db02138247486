"""Layout in a real Chromium: keyboard, languages, phone, tablet, accessibility."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.kits.browser_kit import DESKTOP, PHONE, Chat

pytestmark = pytest.mark.browser


def test_the_keyboard_is_sufficient(chat: Chat) -> None:
    chat.page.keyboard.press("Control+k")
    chat.page.keyboard.type("Ferry?")
    chat.page.keyboard.press("Enter")
    expect(chat.last.locator(".fonds-foot")).to_be_visible()
    chat.page.keyboard.press("Shift+Tab")
    for _ in range(12):
        if chat.page.evaluate("document.activeElement.classList.contains('fonds-marker')"):
            break
        chat.page.keyboard.press("Shift+Tab")
    marker = chat.page.evaluate("document.activeElement.getAttribute('href')")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator(marker)).to_be_focused()
    expect(chat.page.locator(f"{marker} mark")).to_be_in_viewport()
    chat.shoot("keyboard")
    chat.page.keyboard.press("Escape")
    assert chat.page.evaluate("document.activeElement.getAttribute('href')") == marker
    chat.page.keyboard.press("Alt+n")
    expect(chat.page.locator(".fonds-hint")).to_be_visible()


def test_the_language_follows_the_browser_and_can_be_switched(browser: Browser, url: str) -> None:
    with browser.new_context(locale="ru-RU", viewport=DESKTOP) as context:
        chat = Chat(context.new_page(), url)
        expect(chat.page.get_by_role("heading", name="Вопрос к архиву")).to_be_visible()
        assert chat.page.evaluate("document.documentElement.lang") == "ru"
        chat.ask("Паром: когда он встал?")
        expect(chat.last.locator(".fonds-foot")).to_contain_text("3 документа, 1907–1909")
        assert chat.violations() == []
        chat.shoot("russian")
        chat.page.get_by_role("button", name="English").click()
        expect(chat.page.get_by_role("button", name="New conversation")).to_be_visible()
        expect(chat.page.get_by_placeholder("Ask the archive")).to_be_visible()
        chat.go("archive")  # Gradio's own box is in the browser's language, Russian
        expect(chat.page.get_by_role("button", name="Drag files here, or click")).to_be_visible()
        chat.go("ask")
        expect(chat.last.locator(".fonds-asked")).to_have_text("Паром: когда он встал?")
        chat.check()


def test_a_phone_has_one_column_a_drawer_and_a_sheet(browser: Browser, url: str) -> None:
    with browser.new_context(viewport=PHONE, has_touch=True, locale="en-GB") as context:
        chat = Chat(context.new_page(), url)
        expect(chat.page.locator(".fonds-hint")).to_be_visible()
        chat.shoot("phone-first")
        chat.ask("Owner?")
        chat.ask("Ferry?")
        assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
        expect(chat.page.locator("#source-2-1")).not_to_be_in_viewport()
        chat.shoot("phone-answer")
        chat.last.get_by_role("link", name="Source 1").first.tap()
        expect(chat.page.locator("#source-2-1 mark")).to_be_in_viewport()
        expect(chat.page.locator("#source-2-1 .fonds-title").first).to_be_in_viewport()
        chat.shoot("phone-evidence")
        chat.page.locator(".fonds-panel").get_by_role("button", name="Close").click()
        expect(chat.page.locator("#source-2-1")).not_to_be_in_viewport()
        chat.page.get_by_role("button", name="Conversations and filters").click()
        expect(chat.page.locator(".fonds-new")).to_be_in_viewport()
        chat.shoot("phone-drawer")
        chat.page.keyboard.press("Escape")
        expect(chat.page.locator(".fonds-new")).not_to_be_in_viewport()
        chat.page.get_by_role("button", name="Conversations and filters").click()
        expect(chat.page.locator(".fonds-new")).to_be_in_viewport()
        chat.page.mouse.click(380, 400)  # beside the drawer
        expect(chat.page.locator(".fonds-new")).not_to_be_in_viewport()
        chat.go("archive")
        expect(chat.page.locator(".fonds-documents table")).to_be_visible()
        assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
        chat.check()
        assert chat.violations() == []


def test_a_tablet_has_two_columns(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.page.set_viewport_size({"width": 900, "height": 1100})
    expect(chat.page.locator(".fonds-source").first).to_be_in_viewport()
    expect(chat.page.locator(".fonds-new")).not_to_be_in_viewport()
    chat.shoot("tablet")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, url: str, scheme: str) -> None:
    with browser.new_context(viewport=DESKTOP, color_scheme=scheme, locale="en-GB") as context:  # type: ignore[arg-type]
        chat = Chat(context.new_page(), url)
        expect(chat.page.locator(".fonds-hint")).to_be_visible()
        dark = chat.page.evaluate("document.body.classList.contains('dark')")
        assert dark is (scheme == "dark")
        found = {"first": chat.violations()}
        chat.shoot(f"first-{scheme}")
        chat.ask("Ferry?")
        chat.ask("Fault")
        chat.ask("Owner?")
        chat.ask("Ferry?")
        chat.page.get_by_role("link", name="Source 1").first.click()
        found["answers"] = chat.violations()
        chat.shoot(f"answer-{scheme}")
        chat.page.locator("#source-1-1").get_by_role("button", name="Open whole").click()
        expect(chat.page.locator(".fonds-whole")).to_be_visible()
        found["document"] = chat.violations()
        chat.page.keyboard.press("Escape")
        for page in ("check", "archive", "evaluation"):
            chat.go(page)
            if page == "check":
                chat.page.get_by_label("Quotation").fill("The ferry has not run since Tuesday")
                chat.page.get_by_role("button", name="Check", exact=True).click()
                expect(chat.page.locator(".fonds-differences")).to_be_visible()
            if page == "archive":
                expect(chat.page.locator(".fonds-documents table")).to_be_visible()
            found[page] = chat.violations()
            chat.shoot(f"{page}-{scheme}")
        assert {page: ones for page, ones in found.items() if ones} == {}
