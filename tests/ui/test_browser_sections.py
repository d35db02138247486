"""The other sections in a real Chromium: quotation check, archive, evaluation, first run."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.kits.browser_kit import DESKTOP, Chat, served

pytestmark = pytest.mark.browser


def test_selected_words_of_an_answer_are_checked(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.last.locator("blockquote").first.click(click_count=3)
    chat.page.get_by_role("button", name="Check these words").click()
    dialog = chat.page.locator("#fonds-dialog")
    expect(dialog).to_contain_text("These words are in the archive")
    expect(dialog).to_contain_text("Паром не ходит с понедельника.")
    chat.shoot("checked-words")


def test_a_pasted_quotation_is_checked_with_its_differences_marked(chat: Chat) -> None:
    chat.go("check")
    box = chat.page.get_by_label("Quotation")
    box.fill("The ferry has not run since Tuesday")
    chat.page.get_by_role("button", name="Check", exact=True).click()
    report = chat.page.locator(".fonds-place-check .fonds-report")
    expect(report).to_contain_text("Not quite")
    expect(report.locator("mark")).to_have_text(["Tuesday", "Monday"])
    expect(report.locator("del")).to_have_text("Tuesday")
    expect(report.locator("ins")).to_have_text("Monday")
    chat.shoot("quotation")
    box.fill("No such words at all")
    chat.page.get_by_role("button", name="Check", exact=True).click()
    expect(report).to_contain_text("not in the archive")


def test_the_archive_is_sorted_searched_and_filtered_by_year(chat: Chat) -> None:
    chat.go("archive")
    search = chat.page.get_by_role("searchbox", name="Search titles")
    search.fill("lindqvist harbour")
    rows = chat.page.locator(".fonds-documents tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Translated by a machine; quote the original.")
    search.fill("")
    expect(rows).to_have_count(3)
    heading = chat.page.get_by_role("columnheader", name="Date")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    chat.page.get_by_role("button", name="1909: 1 document").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Log of the harbour office")
    chat.shoot("archive")
    chat.page.get_by_role("button", name="1909: 1 document").click()
    expect(rows).to_have_count(3)


def test_a_suite_runs_and_its_report_runs_no_script(chat: Chat) -> None:
    chat.go("evaluation")
    chat.page.get_by_role("button", name="Run").click()
    report = chat.page.frame_locator("iframe.fonds-frame")
    expect(report.get_by_role("heading", name="P@1 .5")).to_be_visible()
    assert chat.page.evaluate("window.hacked") is None
    chat.shoot("evaluation")


def test_three_endpoints_are_public_and_the_browser_is_kept_to_this_host(url: str) -> None:
    with urllib.request.urlopen(url) as response:
        policy = response.headers["content-security-policy"]
        cookie = response.headers["set-cookie"]
        page = response.read().decode()
    assert "default-src 'self'" in policy and "http" not in policy
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "fonts.googleapis" not in page
    with urllib.request.urlopen(f"{url}/gradio_api/info") as response:
        offered = json.load(response)
    assert set(offered["named_endpoints"]) == {"/ask", "/search", "/verify"}
    assert offered["unnamed_endpoints"] == {}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/gradio_api/file=/etc/passwd")
    assert refused.value.code in (403, 404)
    refused.value.close()


def test_the_first_run_offers_the_sample_and_loads_files_with_a_report(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text("A letter about the ice.", encoding="utf-8")
    (tmp_path / "bad.txt").write_text("no\0text", encoding="utf-8")
    with (
        served(tmp_path / "data", "empty") as address,
        browser.new_context(viewport=DESKTOP, locale="en-GB") as context,
    ):
        chat = Chat(context.new_page(), address)
        expect(chat.page.get_by_role("heading", name="still empty")).to_be_visible()
        expect(chat.page.get_by_text("It knows only what the documents say")).to_be_visible()
        expect(chat.page.get_by_role("link", name="Load files")).to_be_visible()
        chat.shoot("first-run")
        chat.page.get_by_role("button", name="Open the sample archive").click()
        expect(chat.page.locator(".fonds-banner")).to_contain_text("invented")
        chat.page.get_by_role("button", name="Ferry: when did it stop?").click()
        expect(chat.last.locator(".fonds-foot")).to_be_visible()
        chat.go("archive")
        expect(chat.page.locator(".fonds-documents tbody tr")).to_have_count(3)
        chat.page.locator(".fonds-upload input[type=file]").set_input_files(
            [tmp_path / "good.txt", tmp_path / "bad.txt"]
        )
        report = chat.page.locator(".fonds-place-archive .fonds-report")
        expect(report).to_contain_text("1 added")
        expect(report).to_contain_text("bad.txt: is not text; save it as UTF-8")
        expect(chat.page.locator(".fonds-documents tbody tr")).to_have_count(1)
        expect(chat.page.locator(".fonds-banner")).to_have_count(0)
        chat.shoot("loaded")
        chat.check()
