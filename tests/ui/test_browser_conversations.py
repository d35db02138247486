"""Conversations in a real Chromium: menu, exports, reload, links, two users."""

from __future__ import annotations

import json
import re
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, expect

from tests.kits.browser_kit import Chat

pytestmark = pytest.mark.browser


def test_conversations_are_renamed_searched_exported_and_deleted(chat: Chat) -> None:
    chat.ask("Ferry of the harbour?")
    item = chat.page.locator(".fonds-conversations li.is-open")
    expect(item).to_contain_text("Ferry of the harbour?")
    item.locator("summary").click()
    item.get_by_role("button", name="Rename").click()
    chat.page.get_by_label("Title", exact=True).fill("Ice & ferry")
    chat.page.get_by_role("button", name="Save").click()
    expect(item).to_contain_text("Ice & ferry")
    search = chat.page.get_by_role("searchbox", name="Search conversations")
    search.fill("no such words")
    expect(chat.page.locator(".fonds-conversations")).to_contain_text("Nothing found")
    search.fill("ПАРОМ")
    expect(item).to_be_visible()
    for form, name in (
        ("Markdown", "Ice-ferry.md"),
        ("Word (DOCX)", "Ice-ferry.docx"),
        ("JSON", "Ice-ferry.json"),
    ):
        item.locator("summary").click()
        with chat.page.expect_download() as download:
            item.get_by_role("button", name=f"Export as {form}").click()
        assert download.value.suggested_filename == name
        saved = Path(download.value.path())
        if form == "Word (DOCX)":
            text = "\n".join(p.text for p in docx.Document(str(saved)).paragraphs)
        else:
            text = saved.read_text(encoding="utf-8")
        assert "Паром не ходит с понедельника." in text
        assert "Harbour Archive F. 3. Op. 1. D. 17. L. 5" in text
        if form == "JSON":
            citations = json.loads(text)["exchanges"][0]["answer"]["citations"]
            assert [c["quote"] for c in citations][1] == "Паром не ходит с понедельника."
    # the list is drawn again, which closes an open menu: wait for that
    chat.page.locator(".fonds-conversations").evaluate("list => (list.dataset.old = '')")
    search.fill("")
    expect(chat.page.locator(".fonds-conversations[data-old]")).to_have_count(0)
    item.locator("summary").click()
    item.get_by_role("button", name="Delete").click()
    chat.page.locator("#fonds-delete").get_by_role("button", name="Delete").click()
    expect(chat.page.get_by_text("Ice & ferry")).to_have_count(0)


def test_a_reload_keeps_the_conversation_and_a_link_leads_to_one_answer(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.ask("Owner of it?")
    chat.page.reload()
    expect(chat.page.locator(".fonds-exchange")).to_have_count(2)
    expect(chat.page.locator("#source-2-1")).to_be_visible()
    chat.page.locator("#exchange-1").get_by_role("button", name="Link").click()
    link = chat.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(re.escape(chat.url) + r"/\?c=[\w-]{16}#exchange-1", link)
    chat.page.goto("about:blank")
    chat.page.goto(link)
    expect(chat.page.locator("#evidence-1")).to_be_visible()
    expect(chat.page.locator("#evidence-2")).to_be_hidden()
    expect(chat.page.locator("#exchange-1 .fonds-question")).to_be_in_viewport()


def test_two_users_see_nothing_of_each_other(chat: Chat, browser: Browser) -> None:
    chat.ask("Ferry of the first user?")
    address = chat.page.url.removeprefix(chat.url).lstrip("/")
    with browser.new_context() as context:
        other = Chat(context.new_page(), chat.url)
        other.open(address)
        expect(other.page.locator(".fonds-hint")).to_be_visible()
        other.ask("Owner, asks the second?")
        assert other.page.get_by_text("Ferry of the first user?").count() == 0
        expect(other.page.locator(".fonds-conversations li")).to_have_count(1)
