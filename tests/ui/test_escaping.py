"""Hostile text in the templates, and what the page may load."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kits.fake_documents import HOSTILE
from tests.kits.page_kit import Page, exchange, shown
from ui_assets.model import Exchange
from ui_assets.view import render

ALLOWED_TAGS = {
    "a", "article", "bdi", "blockquote", "button", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "input", "label", "li", "mark", "ol",
    "p", "pre", "section", "span", "strong", "summary", "ul",
}  # fmt: skip

ALLOWED_ATTRIBUTES = {
    "class", "id", "href", "lang", "role", "hidden", "tabindex", "type", "title", "name", "checked",
    "maxlength", "autocomplete", "aria-label", "aria-labelledby", "aria-hidden", "aria-selected",
    "aria-controls", "aria-pressed", "data-conversation", "data-do", "data-ask", "data-act",
    "data-turn", "data-good", "data-field", "data-form", "data-document", "data-start", "data-end",
    "data-at", "data-direction",
}  # fmt: skip


def test_hostile_text_stays_text() -> None:
    answer, evidence = shown(exchange(f"evil {HOSTILE}"))
    for page in (answer, evidence):
        assert {tag for tag, _ in page.elements} <= ALLOWED_TAGS
        for _, attributes in page.elements:
            assert set(attributes) <= ALLOWED_ATTRIBUTES
            assert re.fullmatch(r"#\w+(-\d+)+", attributes.get("href") or "#a-1")
        assert HOSTILE in page.text
    assert evidence.marks == [HOSTILE]


@given(st.text(alphabet="<>\"'&`${}[]()!*_#\\ \nabя\u202e\u0301", max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_text_is_shown_unchanged(text: str) -> None:
    one = Exchange(1, text, fault=text)
    page = Page(render.conversation([one], "en", notice=text))
    assert page.text.count(text) >= (3 if text else 0)
    assert {tag for tag, _ in page.elements} <= ALLOWED_TAGS


def test_the_assets_use_no_other_host() -> None:
    for asset in render.ASSETS.iterdir():
        if asset.suffix in {".html", ".css", ".js"}:
            text = asset.read_text(encoding="utf-8")
            assert not re.search(
                r"https?:|//\w+\.|@import|url\(|\|\s*safe|autoescape false", text
            ), asset


def test_a_link_to_the_holding_institution_is_an_address_of_the_web() -> None:
    assert render.web_address("https://archive.example/item/7?page=2") is not None
    for bad in ("javascript:alert(1)", "https://a\nb", 'https://a"onclick=', ["https://a"], None):
        assert render.web_address(bad) is None
