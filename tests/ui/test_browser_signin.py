"""Signing in with a real Chromium: the form, a wrong and a right password, two users."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.kits.browser_kit import DESKTOP, SHOTS, Chat, chromium, served
from ui_assets.server import passwords

pytestmark = pytest.mark.browser
PASSWORD = "lamp-oil and wicks"


def test_signing_in(tmp_path: Path) -> None:
    users = tmp_path / "users"
    lines = [f"{name}:{passwords.hash_password(PASSWORD)}" for name in ("anna", "boris")]
    users.write_text("\n".join(lines), encoding="utf-8")
    with served(tmp_path, "tame", users=str(users)) as url, chromium() as browser:
        for name in ("anna", "boris"):
            with browser.new_context(viewport=DESKTOP, locale="en-GB") as context:
                page = context.new_page()
                page.goto(url)
                name_box, box = page.get_by_label("Name"), page.get_by_label("Password")
                for typed in ("a wrong one", PASSWORD):
                    name_box.fill(name)
                    box.fill(typed)
                    if SHOTS:
                        page.screenshot(path=Path(SHOTS) / "sign-in.png")
                    box.press("Enter")
                    if typed != PASSWORD:
                        expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
                        assert not [c for c in context.cookies(url) if "access" in c["name"]]
                expect(page.locator(".fonds-shell")).to_be_attached(timeout=30_000)
                chat = Chat(page, url)
                assert chat.page.locator(".fonds-conversations a, .fonds-listed").count() == 0
                chat.ask("When did the ferry stop?")
                expect(chat.last.locator(".fonds-foot")).to_be_visible()
                if SHOTS:
                    page.screenshot(path=Path(SHOTS) / "signed-in.png")
                chat.check()
                page.get_by_role("link", name="Sign out").click()
                expect(page.get_by_label("Password")).to_be_visible()
