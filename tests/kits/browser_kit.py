"""A real Chromium on a served chat: starting both, asking, and checks of the page."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
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
AXE = Path(os.environ.get("FONDS_AXE", ROOT / ".venv" / "axe")) / "node_modules/axe-core/axe.min.js"
SHOTS = os.environ.get("FONDS_SHOTS")
"""A folder for a screenshot of each state; none are taken where it is not set."""
expect.set_options(timeout=15_000)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Chat:
    """A page of the chat, with its requests and its errors."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.open()

    def open(self, query: str = "") -> None:
        """Load the page and wait until it is drawn."""
        self.page.goto(f"{self.url}/{query}")
        expect(self.page.locator(".fonds-shell")).to_be_attached(timeout=30_000)

    @property
    def box(self) -> Locator:
        return self.page.locator(".fonds-ask textarea")

    @property
    def last(self) -> Locator:
        return self.page.locator(".fonds-exchange").last

    def ask(self, question: str) -> None:
        """Type the question, send it and wait for its answer or error."""
        self.box.fill(question)
        self.box.press("Enter")
        expect(self.last.locator(".fonds-asked")).to_have_text(question)
        expect(self.last.locator(".fonds-foot, .fonds-fault")).to_be_visible()

    def go(self, section: str) -> None:
        """Open another section of the chat."""
        self.page.locator(f"nav a[data-page={section}]").click()

    def shoot(self, name: str) -> None:
        """Take a screenshot, if a folder for them is set."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.wait_for_timeout(250)  # until animations have ended
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png")

    def check(self) -> None:
        """Assert that the page had no errors and requested nothing from other hosts."""
        assert self.errors == []
        own = (self.url, "data:", "blob:", "about:")
        assert [request for request in self.requests if not request.startswith(own)] == []

    def violations(self) -> list[str]:
        """All violations that axe finds in the page as it is, moderate ones too."""
        if not AXE.is_file():
            reason = (
                f"{AXE} does not exist; `npm install --prefix .venv/axe axe-core` puts it there"
            )
            pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        result: Any = self.page.evaluate(
            f"axe.run({{runOnly: {json.dumps(tags)}, resultTypes: ['violations']}})"
        )
        return [
            f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
            for one in result["violations"]
            for node in one["nodes"]
        ]


@contextmanager
def served(
    folder: Path,
    *arguments: str,
    module: str = "tests.kits.fake_chat",
    named: bool = True,
    errors: Path | None = None,
    **settings: str,
) -> Iterator[str]:
    """Start a chat and give its address, the only line that it prints on standard output.

    The store is in the folder: named in the settings, or with `named` False as the user's own.
    Standard error goes to the file `errors`; `settings` are further FONDS_ variables.
    """
    environment = {
        **os.environ,
        "FONDS_PORT": "0",
        "FONDS_HOST": "127.0.0.1",
        "FONDS_STORE": str(folder / "store") if named else "",
        "XDG_DATA_HOME": str(folder),
        **{f"FONDS_{name.upper()}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-m", module, *arguments]
    with (
        (errors or Path(os.devnull)).open("wb") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline().decode()
            ready = re.fullmatch(r"Fonds is ready: (http://127\.0\.0\.1:\d+)\n", line)
            assert ready, f"the chat did not start, it printed {line!r}"
            yield ready[1]
        finally:
            process.terminate()
        assert process.stdout.read() == b""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium from the PATH; without one the tests are skipped, in CI they fail."""
    executable = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if executable is None:
        reason = f"no Chromium on the PATH (looked for {', '.join(CHROMIUMS)})"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=QUIET) as browser,
    ):
        yield browser
