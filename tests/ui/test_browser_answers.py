"""Asking in a real Chromium: markers, sources, versions, filters, errors."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kits.browser_kit import DESKTOP, Chat

pytestmark = pytest.mark.browser


def test_a_marker_opens_its_source_with_the_quotation_marked(chat: Chat) -> None:
    chat.ask("Ferry: when did it stop?")
    chat.shoot("answer")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Searched 3 documents, 1907–1909")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("English and Russian")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Confidence: high")
    assert chat.last.get_by_text("word for word").count() >= 2
    chat.page.get_by_role("link", name="Source 2").first.click()
    source = chat.page.locator("#source-1-2")
    expect(source).to_have_class(re.compile("is-current"))
    expect(source.locator("mark")).to_have_text("Паром не ходит с понедельника.")
    expect(source.locator("mark")).to_be_in_viewport()
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1 mark")).to_be_in_viewport()
    expect(source).not_to_have_class(re.compile("is-current"))
    excerpt = chat.page.locator("#source-1-1 .fonds-excerpt")
    excerpt.evaluate("box => { box.style.maxHeight = '4rem'; box.scrollTop = 0; }")
    expect(chat.page.locator("#source-1-1 mark")).not_to_be_in_viewport()
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1 mark")).to_be_in_viewport()


def test_a_marker_shows_a_card_when_pointed_at_or_focused(chat: Chat) -> None:
    chat.ask("Ferry?")
    card = chat.page.get_by_role("tooltip")
    marker = chat.last.get_by_role("link", name="Source 1").first
    marker.hover()
    for words in (
        "V. Lindqvist to A. P. Orlova",
        "14 November 1907",
        "Harbour Archive F. 3",
        "for coal.",
    ):
        expect(card).to_contain_text(words)
    chat.shoot("card")
    chat.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    marker.focus()
    expect(card).to_be_visible()
    expect(marker).to_have_attribute("aria-describedby", "fonds-card")


def test_more_passages_of_a_document_are_shown_one_by_one(chat: Chat) -> None:
    chat.ask("Log of the ice?")
    source = chat.page.locator("#source-1-1")
    excerpt = source.locator(".fonds-excerpt")
    expect(excerpt).to_contain_text("Day 5.")
    expect(excerpt).to_contain_text("Day 7.")
    assert "Day 4." not in excerpt.inner_text() and "Day 8." not in excerpt.inner_text()
    source.get_by_role("button", name="Earlier").click()
    expect(excerpt).to_contain_text("Day 4. The ice stood as on day 3.\n\nDay 5.")
    for _ in range(6):
        source.get_by_role("button", name="Later").click()
    expect(source).to_contain_text("The document ends here.")
    expect(excerpt).to_contain_text("Day 11. The ice stood as on day 10.\n\nDay 12.")
    chat.shoot("walked")


def test_the_original_is_beside_its_translation_or_in_a_tab(chat: Chat) -> None:
    chat.ask("Ferry?")
    pair = chat.page.locator("#source-1-2 .fonds-text")
    expect(pair.nth(1)).to_contain_text("The ferry has not run since Monday")
    expect(pair.nth(1).locator("blockquote")).to_have_attribute("lang", "en")
    tops = "texts => texts.map(text => Math.round(text.getBoundingClientRect().top))"
    under = pair.evaluate_all(tops)
    chat.page.set_viewport_size({"width": 1920, "height": 1080})
    beside = pair.evaluate_all(tops)
    assert under[0] < under[1] and beside[0] == beside[1]
    chat.shoot("beside")
    chat.page.set_viewport_size(DESKTOP)
    tabs = chat.page.locator("#source-1-1").get_by_role("tab")
    tabs.nth(1).click()
    expect(chat.page.locator("#source-1-1")).to_contain_text("Дорогая Анна Петровна!")
    chat.shoot("versions")
    tabs.nth(1).press("ArrowLeft")
    expect(chat.page.locator("#source-1-1 mark")).to_be_visible()


def test_a_whole_document_opens_and_its_references_are_copied(chat: Chat) -> None:
    chat.ask("Ferry?")
    source = chat.page.locator("#source-1-1")
    source.get_by_role("button", name="Copy: Archival reference").click()
    assert chat.page.evaluate("navigator.clipboard.readText()") == (
        "Harbour Archive F. 3. Op. 1. D. 17. L. 5"
    )
    source.locator(".fonds-cite summary").click()
    for style in ("Chicago", "ГОСТ Р 7.0.5", "BibTeX", "RIS", "CSL-JSON"):
        expect(source.get_by_role("button", name=f"Copy: {style}")).to_be_visible()
    chat.shoot("cite")
    source.get_by_role("button", name="Open whole document").click()
    dialog = chat.page.locator("#fonds-dialog")
    expect(dialog.locator("mark")).to_have_text("for coal.\n\nThey promised forty sacks.")
    expect(dialog).to_contain_text("V. Lindqvist")
    chat.shoot("document")
    chat.page.keyboard.press("Escape")
    source.get_by_role("button", name="Show in list").click()
    row = chat.page.locator(".fonds-documents tr.is-current")
    expect(row).to_contain_text("V. Lindqvist to A. P. Orlova")


def test_filters_become_chips_and_limit_the_search(chat: Chat) -> None:
    chat.page.locator("select[name=lang]").select_option("ru")
    chip = chat.page.locator(".fonds-chips .fonds-chip")
    expect(chip).to_contain_text("Russian")
    low = chat.page.get_by_role("slider", name="From")
    low.press("ArrowRight")
    expect(chip).to_have_count(2)
    expect(chip.first).to_contain_text("1908–1909")
    chat.shoot("filters")
    chat.page.get_by_role("button", name="Remove the filter: Years").click()
    expect(chip).to_have_count(1)
    chat.ask("Ferry?")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Searched 1 document, 1907, Russian")
    chat.page.get_by_role("button", name="Remove the filter: Language").click()
    expect(chip).to_have_count(0)
    expect(chat.page.locator("select[name=lang]")).to_have_value("")


def test_a_limit_understood_from_the_question_can_be_removed(chat: Chat) -> None:
    chat.ask("Ferry?")
    understood = chat.last.locator(".fonds-understood")
    expect(understood).to_contain_text("1 November 1907")
    understood.get_by_role("button").click()
    expect(chat.page.locator("#exchange-2 .fonds-foot")).to_be_visible()
    expect(chat.page.locator("#exchange-2 .fonds-understood")).to_have_count(0)


def test_a_source_is_left_out_and_the_question_asked_again(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.page.locator("#source-1-1").get_by_label("Use this source").uncheck()
    chat.shoot("unticked")
    chat.page.get_by_role("button", name="Answer again without the unticked sources").click()
    expect(chat.page.locator("#exchange-2 blockquote")).to_have_count(1)
    expect(chat.page.locator(".fonds-chips .fonds-chip")).to_contain_text("V. Lindqvist to A. P.")
    chat.page.get_by_role("button", name="Remove the filter: without").click()
    expect(chat.page.locator(".fonds-chips .fonds-chip")).to_have_count(0)


def test_evidence_comes_before_the_answer_which_can_be_stopped(chat: Chat) -> None:
    chat.box.fill("Slow ferry?")
    chat.box.press("Enter")
    expect(chat.page.locator("#source-1-1")).to_be_visible()
    expect(chat.last.locator(".fonds-pending")).to_be_visible()
    chat.shoot("reading")
    chat.page.get_by_role("button", name="Stop").click()
    expect(chat.last.locator(".fonds-fault")).to_contain_text("Stopped before")
    chat.page.wait_for_timeout(2_300)  # the late answer is dropped
    expect(chat.last.locator(".fonds-fault")).to_contain_text("Stopped before")
    chat.last.get_by_role("button", name="Edit").click()
    expect(chat.box).to_have_value("Slow ferry?")
    chat.ask("Ferry?")
    chat.last.get_by_role("button", name="Ask again").click()
    expect(chat.page.locator("#exchange-3 .fonds-foot")).to_be_visible()


def test_an_abstention_names_the_nearest(chat: Chat) -> None:
    chat.ask("Owner of the ferry?")
    expect(chat.last).to_contain_text("No answer in the archive")
    expect(chat.last.locator(".fonds-nearest")).to_contain_text("V. Lindqvist to A. P. Orlova")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Confidence: low")
    chat.shoot("abstention")


def test_errors_are_shown_as_errors_and_the_session_goes_on(chat: Chat) -> None:
    chat.ask("Fault, please")
    expect(chat.last.get_by_role("alert")).to_contain_text("run `fonds doctor`")
    chat.ask("Crash, please")
    expect(chat.page.locator("#exchange-2 .fonds-fault")).to_contain_text("failed unexpectedly")
    chat.shoot("fault")
    chat.ask("Ferry?")
    expect(chat.page.locator("#exchange-3 blockquote").first).to_be_visible()


def test_an_over_long_question_stays_in_the_box(chat: Chat) -> None:
    chat.box.fill("x" * 2_001)
    chat.box.press("Enter")
    expect(chat.page.get_by_text("2,001 characters")).to_be_visible()
    assert len(chat.box.input_value()) == 2_001
    chat.ask("Ferry?")


def test_a_verdict_is_given_with_its_reason(chat: Chat) -> None:
    chat.ask("Ferry?")
    good = chat.last.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    chat.last.get_by_label("What was good or bad about it?").fill("to the point")
    chat.last.get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("status").get_by_text("Saved.")).to_be_attached()
