"""The real sample archive in a real Chromium: speed, and the screenshots of the guide.

FONDS_SHOTS names a folder for the screenshots; those in `docs/images` are among them.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

import samples
from tests.kits.browser_kit import DESKTOP, PHONE, Chat, chromium, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "How did the boatswain get from his sledge to the river Siverka?"


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("sample")
    with (
        served(folder, module="ui", named=False) as address,
        chromium() as browser,
        browser.new_context(viewport=DESKTOP, locale="en-GB") as context,
    ):
        opened = Chat(context.new_page(), address)
        yield opened
        opened.check()


def test_the_states_that_the_guide_shows(chat: Chat) -> None:
    expect(chat.page.locator(".fonds-hint")).to_be_visible()
    chat.shoot("sample-first")
    chat.ask(SHOWN)
    chat.last.locator("a.fonds-marker").first.click()
    expect(chat.page.locator(".is-current mark")).to_be_in_viewport()
    chat.shoot("sample-answer")
    chat.page.get_by_role("button", name="Light or dark").click()
    chat.shoot("sample-dark")
    chat.page.get_by_role("button", name="Light or dark").click()
    chat.last.locator("a.fonds-marker").first.hover()
    expect(chat.page.get_by_role("tooltip")).to_be_visible()
    chat.shoot("sample-card")
    chat.page.set_viewport_size(PHONE)
    chat.page.mouse.move(5, 5)
    chat.shoot("sample-phone")
    chat.page.set_viewport_size(DESKTOP)
    quoted = chat.page.locator(".is-current mark").inner_text()
    chat.go("check")
    words = quoted.split()
    chat.page.get_by_label("Quotation").fill(" ".join([*words[:3], "slowly", *words[3:]]))
    chat.page.get_by_role("button", name="Check", exact=True).click()
    expect(chat.page.locator(".fonds-differences").first).to_be_visible()
    chat.shoot("sample-quotation")
    chat.go("archive")
    expect(chat.page.locator(".fonds-documents tbody tr").first).to_be_visible()
    chat.shoot("sample-archive")
    chat.go("ask")


def test_evidence_is_there_within_a_second(chat: Chat) -> None:
    chat.go("ask")
    lines = samples.QUESTIONS.read_text(encoding="utf-8").splitlines()
    first, full = [], []
    chat.ask("Who is Sazhin?")  # warms up
    for line in lines[:12]:
        chat.page.locator(".fonds-new").click()
        expect(chat.page.locator(".fonds-hint")).to_be_visible()
        chat.box.fill(json.loads(line)["text"])
        started = time.perf_counter()
        chat.box.press("Enter")
        chat.page.locator("#evidence-1 .fonds-source").first.wait_for()
        first.append(time.perf_counter() - started)
        chat.page.locator("#exchange-1 .fonds-foot").wait_for()
        full.append(time.perf_counter() - started)
    assert statistics.median(first) <= 1.0, (first, full)
