"""Verdicts of the chat's readers become figures and a suite."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from eval import __main__ as command
from eval.reports import verdicts
from eval.sets.suite import load
from rag.errors import UsageError
from rag.types import Filters, VerifiedAnswer
from tests.eval.test_answers import RIGHT, WRONG, answer
from ui_assets.model import Exchange
from ui_assets.session.conversations import Conversations, conversations_path

SILENCE = replace(answer(confidence=0.2), status="abstained")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Four judged answers, one of them judged twice, and one that nobody judged."""
    path = conversations_path(tmp_path / "store")
    conversations = Conversations(path)
    told: list[tuple[str, VerifiedAnswer, bool | None, str]] = [
        ("Where was the icebreaker?", answer(RIGHT, confidence=0.9), False, "too short"),
        ("Where was the icebreaker?", answer(RIGHT, confidence=0.9), True, ""),
        ("Who came?", answer(WRONG, confidence=0.6), False, "nobody did,\nread it"),
        ("Где стоял ледокол?", replace(answer(RIGHT), filters=Filters(lang="en")), True, ""),
        ("Who was the king of Spain?", SILENCE, True, ""),
        ("Why?", answer(RIGHT), None, ""),
    ]
    for n, (question, given, good, reason) in enumerate(told):
        exchange = Exchange(1, question, None, asked=float(n), filters=given.filters)
        conversation = conversations.ask("someone", None, exchange)
        conversations.settle(conversation, replace(exchange, answer=given))
        if good is not None:
            conversations.judge("someone", conversation, 1, good, reason)
    conversations.close()
    return path


def test_the_last_verdict_counts(kept: Path) -> None:
    found = {v.question: v.good for v in verdicts.read(kept)}
    assert found == {
        "Where was the icebreaker?": True,
        "Who came?": False,
        "Где стоял ледокол?": True,
        "Who was the king of Spain?": True,
    }


def test_figures_of_verdicts(kept: Path) -> None:
    lines = {x["measure"]: x for x in verdicts.figures(verdicts.read(kept))}
    assert (lines["good"]["value"], lines["good"]["n"]) == (0.75, 4)
    assert lines["good, of answers"]["value"] == pytest.approx(2 / 3)
    assert lines["good, of silences"]["value"] == 1.0
    assert lines["AUROC of confidence"]["value"] == 1.0
    assert all(x["low"] <= x["value"] <= x["high"] for x in lines.values())
    told = verdicts.as_markdown(verdicts.read(kept))
    assert "- Who came? (confidence 0.60, answered): nobody did, read it" in told
    assert verdicts.figures([]) == []


def test_approved_answers_become_a_suite(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "letters"
    corpus.mkdir()
    given = ["eval", "verdicts", "--file", str(kept), "--suite", str(tmp_path / "readers")]
    monkeypatch.setattr(sys, "argv", [*given, "--corpus", str(corpus)])
    assert command.main() == 0
    suite = load(tmp_path / "readers")
    assert suite.corpus == (corpus,)
    by_text = {q.text: q for q in suite.questions}
    assert set(by_text) == {
        "Where was the icebreaker?", "Где стоял ледокол?", "Who was the king of Spain?",
    }  # fmt: skip
    assert by_text["Where was the icebreaker?"].spans == (("a", RIGHT.start, RIGHT.end),)
    assert by_text["Где стоял ледокол?"].filters.lang == "en"
    assert not by_text["Who was the king of Spain?"].answerable
    monkeypatch.setattr(sys, "argv", given)
    assert command.main() == 2, "a suite needs its files"


def test_no_file_and_nothing_approved(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--file"):
        verdicts.read(tmp_path / "none.sqlite")
    with pytest.raises(UsageError, match="no answer was approved"):
        verdicts.write([], [tmp_path], tmp_path / "suite")
