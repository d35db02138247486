"""The chat in a real Chromium, over the fake archive: what runs, what shows, what leaves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.fake_archive import HOSTILE

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[1]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
]


@dataclass
class Chat:
    """A page of the chat with what it requested and what went wrong in it."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self.url)
        expect(self.page.get_by_text("Ask the archive")).to_be_visible(timeout=15_000)

    def ask(self, question: str) -> None:
        """Type the question, send it and wait for its answer or fault."""
        self.page.get_by_label("Your question").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()
        last = self.page.locator(".fonds-exchange").last
        expect(last.locator(".fonds-question")).to_contain_text(question)
        expect(last.locator(".fonds-answer, .fonds-fault")).to_be_visible()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address that the chat prints when it is ready: the only line on its standard output."""
    environment = {**os.environ, "FONDS_PORT": "0", "FONDS_HOST": "127.0.0.1"}
    command = [sys.executable, "-m", "tests.fake_archive"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        ready = re.fullmatch(r"Fonds is ready: (http://127\.0\.0\.1:\d+)\n", line)
        assert ready, f"the chat did not start, it printed {line!r}"
        yield ready[1]
        process.terminate()
        assert process.stdout.read() == b""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium from the PATH; without one the tests are skipped, in CI they fail."""
    executable = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if executable is None:
        reason = f"no Chromium on the PATH (looked for {', '.join(CHROMIUMS)})"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=QUIET) as chromium,
    ):
        yield chromium


@pytest.fixture(scope="module")
def opened(browser: Browser, url: str) -> Iterator[Chat]:
    """One page for all tests: loading it takes longer than most of them."""
    with browser.new_context() as context:
        yield Chat(context.new_page(), url)


@pytest.fixture
def chat(opened: Chat) -> Iterator[Chat]:
    """A new conversation; no page may fail or ask anything of another host."""
    opened.page.set_viewport_size({"width": 1280, "height": 800})
    opened.page.get_by_role("button", name="New conversation").click()
    expect(opened.page.get_by_text("Ask the archive")).to_be_visible()
    expect(opened.page.locator(".fonds-evidence")).to_have_count(0)
    yield opened
    assert opened.errors == []
    own = (opened.url, "data:", "blob:")
    assert [request for request in opened.requests if not request.startswith(own)] == []


def test_a_marker_opens_its_source_with_the_quotation_marked(chat: Chat) -> None:
    chat.ask("Ferry: when did it stop?")
    chat.page.get_by_role("link", name="Source 2").first.click()
    source = chat.page.locator("#source-1-2")
    expect(source).to_have_class(re.compile("is-current"))
    expect(source.locator("mark")).to_have_text("Паром не ходит с понедельника.")
    expect(source.locator("mark")).to_be_in_viewport()
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1 mark")).to_be_in_viewport()
    expect(source).not_to_have_class(re.compile("is-current"))
    expect(chat.page.locator(".fonds-banner")).to_be_in_viewport()


def test_markers_of_earlier_answers_keep_their_sources(chat: Chat) -> None:
    chat.ask("Ferry: when did it stop?")
    chat.ask("Owner of the ferry?")
    expect(chat.page.locator("#evidence-2")).to_be_visible()
    expect(chat.page.locator("#evidence-1")).to_be_hidden()
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1 mark")).to_be_in_viewport()
    expect(chat.page.locator("#evidence-2")).to_be_hidden()


def test_hostile_titles_texts_and_questions_run_nothing(chat: Chat) -> None:
    chat.ask(f"evil {HOSTILE}")
    chat.page.get_by_role("link", name="Source 1").first.click()
    chat.page.locator("#source-1-1 h3").hover()
    chat.page.wait_for_timeout(200)
    assert chat.page.evaluate("window.hacked") is None
    foreign = ".fonds :is(script, style, img, svg, b, em, iframe, .katex, [onload], [onmouseover])"
    assert chat.page.locator(foreign).count() == 0
    assert chat.page.locator("#source-1-1 mark").inner_text() == HOSTILE
    assert HOSTILE in chat.page.locator("#source-1-1 h3").inner_text()
    assert chat.page.locator(".fonds a:not([href^='#'])").count() == 0


def test_faults_are_shown_as_faults_and_the_session_goes_on(chat: Chat) -> None:
    chat.ask("Fault, please")
    expect(chat.page.get_by_role("alert").first).to_contain_text("run `fonds doctor`")
    chat.ask("Crash, please")
    expect(chat.page.locator("#exchange-2 .fonds-fault")).to_contain_text("did not foresee")
    chat.ask("Ferry?")
    expect(chat.page.locator("#exchange-3 blockquote").first).to_be_visible()


def test_an_over_long_question_is_left_to_mend(chat: Chat) -> None:
    box = chat.page.get_by_label("Your question")
    box.fill("x" * 2_001)
    chat.page.get_by_role("button", name="Ask", exact=True).click()
    expect(chat.page.get_by_text("2,001 characters")).to_be_visible()
    assert len(box.input_value()) == 2_001
    chat.ask("Ferry?")


def test_sessions_see_nothing_of_each_other(chat: Chat, browser: Browser) -> None:
    chat.ask("Ferry of the first session?")
    with browser.new_context() as context:
        other = Chat(context.new_page(), chat.url)
        other.ask("Owner of the second?")
        assert other.page.get_by_text("Ferry of the first session?").count() == 0


def test_a_phone_shows_the_panel_under_the_chat(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 390, "height": 844})
    chat.ask(f"evil {HOSTILE}")
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
    box = chat.page.get_by_label("Your question").bounding_box()
    panel = chat.page.get_by_role("region", name="Evidence").bounding_box()
    assert box and panel and panel["y"] > box["y"] + box["height"]
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1")).to_be_in_viewport()


def test_no_endpoint_is_public_and_the_browser_is_kept_to_this_host(url: str) -> None:
    with urllib.request.urlopen(url) as response:
        policy = response.headers["content-security-policy"]
        page = response.read().decode()
    assert "default-src 'self'" in policy and "http" not in policy
    assert "fonts.googleapis" not in page
    with urllib.request.urlopen(f"{url}/gradio_api/info") as response:
        assert response.read() == b'{"named_endpoints":{},"unnamed_endpoints":{}}'
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/gradio_api/file=/etc/passwd")
    assert refused.value.code in (403, 404)
    refused.value.close()
