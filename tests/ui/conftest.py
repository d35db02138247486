"""Fixtures for the chat: its parts in memory, in a browser, and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from tests.kits.browser_kit import DESKTOP, Chat, chromium, served
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import TAME
from tests.kits.http_kit import PASSWORD
from ui_assets.server import passwords
from ui_assets.session.controller import Controller
from ui_assets.session.conversations import Conversations
from ui_assets.session.served_archive import ServedArchive


@pytest.fixture
def conversations() -> Iterator[Conversations]:
    opened = Conversations(None)
    yield opened
    opened.close()


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive(TAME)


@pytest.fixture
def controller(archive: FakeArchive, conversations: Conversations) -> Controller:
    return Controller(ServedArchive(archive), conversations)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chat over the tame archive."""
    with served(tmp_path_factory.mktemp("browser"), "tame") as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser: Browser, url: str) -> Iterator[Chat]:
    """One page for most tests, because loading it takes longer than most of them."""
    with browser.new_context(
        viewport=DESKTOP, locale="en-GB", permissions=["clipboard-read", "clipboard-write"]
    ) as context:
        yield Chat(context.new_page(), url)


@pytest.fixture
def chat(opened: Chat) -> Iterator[Chat]:
    """A new conversation without filters; after the test the page must have no errors and no
    requests to other hosts."""
    opened.page.set_viewport_size(DESKTOP)
    opened.go("ask")
    opened.page.locator(".fonds-new").click()
    expect(opened.page.locator(".fonds-evidence")).to_have_count(0)
    yield opened
    opened.page.keyboard.press("Escape")
    opened.check()


@pytest.fixture(scope="module")
def drawn_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chat over a document with drawn pages."""
    with served(tmp_path_factory.mktemp("drawn"), "drawn") as address:
        yield address


LEAVING = ("AbortError: signal is aborted", "Unexpected error Connection errored out")
"""What Gradio's own script writes when the page is left while its stream is open."""


@pytest.fixture
def drawn(browser: Browser, drawn_url: str) -> Iterator[Chat]:
    """A browser of its own over the drawn pages; after the test the page must have no errors, none
    in the console, and no requests to other hosts."""
    with browser.new_context(viewport=DESKTOP, locale="en-GB") as context:
        opened = Chat(context.new_page(), drawn_url)
        told: list[str] = []

        def listen(message: ConsoleMessage) -> None:
            if message.type == "error" and not message.text.startswith(LEAVING):
                told.append(message.text)

        opened.page.on("console", listen)
        yield opened
        opened.check()
        assert told == []


@pytest.fixture(scope="module")
def web_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of two users."""
    made = tmp_path_factory.mktemp("web")
    lines = [f"{name}:{passwords.hash_password(PASSWORD + name)}" for name in ("anna", "boris")]
    (made / "users").write_text("\n".join(lines), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def closed_url(web_folder: Path) -> Iterator[str]:
    """A chat with sign-in, logs, a short queue, and no uploads."""
    users, errors = str(web_folder / "users"), web_folder / "log"
    with served(
        web_folder, "tame", errors=errors, users=users, log="1", upload_mb="0", queue="6"
    ) as address:
        yield address


@pytest.fixture(scope="module")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chat without sign-in, with the text of questions in its log."""
    made = tmp_path_factory.mktemp("open")
    with served(made, "tame", errors=made / "log", log="1", log_questions="1") as address:
        yield address
