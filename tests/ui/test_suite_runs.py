"""Running an evaluation suite from the chat."""

from __future__ import annotations

import sys

import pytest

from ui_assets.session import suite_runs


def run(monkeypatch: pytest.MonkeyPatch, program: str) -> list[suite_runs.Progress]:

    monkeypatch.setattr(
        suite_runs, "command", lambda suite, out: [sys.executable, "-c", program, str(out)]
    )
    monkeypatch.setattr(suite_runs, "POLL_SECONDS", 0.02)
    return list(suite_runs.run("sample"))


def test_a_suite_is_followed_to_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sample" in suite_runs.suites()
    page = "import sys, pathlib; pathlib.Path(sys.argv[1], 'report.html').write_text('<p>.5')"
    *_, last = run(monkeypatch, page)
    assert last.done and last.html == "<p>.5"
    *_, last = run(monkeypatch, "print('figures')")
    assert last.done and (last.html, last.output) == ("", "figures")


def test_a_suite_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(suite_runs.SuiteError, match="no module"):
        run(monkeypatch, "import sys; sys.exit('no module')")
    with pytest.raises(suite_runs.SuiteError, match="no suite"):
        list(suite_runs.run("../../etc"))
    monkeypatch.setattr(suite_runs, "command", lambda suite, out: ["sleep", "9"])
    running = suite_runs.run("sample")
    next(running)
    with pytest.raises(suite_runs.AlreadyRunning):
        list(suite_runs.run("sample"))
    running.close()  # type: ignore[attr-defined]
