"""The progress bar of `fonds ingest`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from rag.cli.output import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_pages_of_a_long_scan_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the file is done; a file's name cannot control the terminal."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar() as (files, pages):
        assert files and pages
        files(0, 2, 7)
        pages(Path("in") / "log\x1b[2J.tif", 12, 1000)
        assert "log[2J.tif: page 12 of 1,000]" in terminal.getvalue()
        assert "\x1b[2J" not in terminal.getvalue()
        files(1, 2, 9)
        assert terminal.getvalue().rstrip().endswith("passages=9]")
        before = terminal.getvalue()
        pages(Path("letter.png"), 1, 1)
        assert terminal.getvalue() == before, "a single page is a file done"


def test_without_a_terminal_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bar() as bar:
        assert bar == (None, None)
