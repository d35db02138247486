"""A hostile archive in a real Chromium: nothing in it runs or is loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.kits.browser_kit import DESKTOP, Chat, served
from tests.kits.fake_documents import HOSTILE
from tests.kits.vectors import VECTORS

pytestmark = pytest.mark.browser

FOREIGN = (
    ".fonds :is(script, style, img, svg, math, b, em:not(td em), embed, object, video, audio, link,"
    " meta, base, marquee, textarea, .katex, [onload], [onerror], [onmouseover], [onfocus],"
    " a[href^='http'], a[href^='javascript'])"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Chat]:
    """A page over an archive in which most documents are hostile."""
    with (
        served(tmp_path_factory.mktemp("hostile"), "hostile") as address,
        browser.new_context(viewport=DESKTOP, locale="en-GB") as context,
    ):
        chat = Chat(context.new_page(), address)
        yield chat
        chat.check()


def test_hostile_titles_texts_and_questions_run_no_script(hostile: Chat) -> None:
    hostile.ask(f"evil {HOSTILE}")
    hostile.page.get_by_role("link", name="Source 1").first.click()
    hostile.page.locator("#source-1-1 h3").hover()
    assert hostile.page.evaluate("window.hacked") is None
    assert hostile.page.locator(FOREIGN).count() == 0
    assert hostile.page.locator("#source-1-1 mark").inner_text() == HOSTILE
    assert HOSTILE in hostile.page.locator("#source-1-1 h3").inner_text()


def test_a_hundred_vectors_run_no_script_anywhere(hostile: Chat) -> None:
    assert len(set(VECTORS)) == 100
    style = "getComputedStyle(document.querySelector('.fonds-head')).cssText"
    before = hostile.page.evaluate(style)
    hostile.ask("vectors " + " ".join(VECTORS)[:1_900])
    expect(hostile.page.locator("#evidence-2 .fonds-source")).to_have_count(100)
    quoted = hostile.last.locator(".fonds-quotation .fonds-verbatim").all_text_contents()
    assert quoted == list(VECTORS)
    assert hostile.page.locator("#evidence-2 mark").all_text_contents() == list(VECTORS)
    hostile.last.get_by_role("link", name="Source 7", exact=True).first.hover()
    expect(hostile.page.get_by_role("tooltip")).to_be_visible()
    hostile.page.locator("#source-2-7").get_by_role("button", name="Open whole").click()
    expect(hostile.page.locator("#fonds-dialog mark")).to_have_text(VECTORS[6])
    hostile.page.keyboard.press("Escape")
    assert hostile.page.locator(FOREIGN).count() == 0
    hostile.go("archive")
    expect(hostile.page.locator(".fonds-documents tbody tr").first).to_be_visible()
    assert hostile.page.locator(FOREIGN).count() == 0
    hostile.page.get_by_role("button", name="Next").click()
    expect(hostile.page.locator(".fonds-pager")).to_contain_text("51–100 of 104")
    hostile.go("check")
    hostile.page.get_by_label("Quotation").fill(VECTORS[0])
    hostile.page.get_by_role("button", name="Check", exact=True).click()
    expect(hostile.page.locator(".fonds-asked-words").last).to_have_text(VECTORS[0])
    assert hostile.page.locator(FOREIGN).count() == 0
    assert hostile.page.evaluate("window.hacked") is None
    hostile.go("ask")
    assert hostile.page.evaluate(style) == before
