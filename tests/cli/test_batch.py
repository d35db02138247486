"""Batches: order, an answer for every line, errors and their number."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from rag.cli.batch import BatchReport, run_batch
from rag.errors import UsageError
from rag.types import Filters, Question, Turn


def echo(question: Question) -> dict[str, Any]:
    if question.text == "fail":
        raise UsageError("as asked")
    return {
        "question": question.text,
        "lang": question.filters.lang,
        "turns": len(question.history),
    }


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return path


def test_good_lines_in_order(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in.jsonl",
        {"id": "b", "text": "two", "lang": "ru"},
        "",
        {"id": 7, "text": "one", "history": [{"question": "q", "answer": "a"}]},
    )
    target = tmp_path / "out.jsonl"
    report = run_batch(source, target, Filters(lang="en"), echo)
    assert report == BatchReport(2, 0, str(target))
    assert [json.loads(line) for line in target.read_text().splitlines()] == [
        {"id": "b", "question": "two", "lang": "ru", "turns": 0},
        {"id": 7, "question": "one", "lang": "en", "turns": 1},
    ]


def test_failures_are_reported_and_the_run_goes_on(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in.jsonl",
        {"id": "1", "text": "fail"},
        "{not json",
        [1],
        {"id": "4"},
        {"id": "5", "text": "x", "date_from": 1931},
        {"id": "6", "text": "x", "history": ["?"]},
        {"id": "7", "text": "fine"},
    )
    target = tmp_path / "out.jsonl"
    assert run_batch(source, target, Filters(), echo) == BatchReport(7, 6, str(target))
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert ["error" in line for line in lines] == [True] * 6 + [False]
    assert [line["id"] for line in lines] == ["1", "2", "3", "4", "5", "6", "7"]


def test_lines_answered_in_parallel_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    source = write(tmp_path / "in.jsonl", *({"id": n, "text": str(n)} for n in range(12)))
    meeting = Barrier(2)

    def answer(question: Question) -> dict[str, Any]:
        meeting.wait(timeout=30)  # needs a second line in parallel
        return echo(question)

    target = tmp_path / "out.jsonl"
    assert run_batch(source, target, Filters(), answer) == BatchReport(12, 0, str(target))
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == [*range(12)]


def test_no_line_stops_the_rest(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(
        b'\xef\xbb\xbf{"id": "a", "text": "begins with a byte order mark"}\n'
        b'{"id": "b", "text": "caf\xe9"}\n'
        b'{"id": "c", "text": "half a character \\ud800"}\n'
        b'{"id": "d", "text": "crash"}\n'
        b'{"id": "e", "text": "fine"}\n'
    )

    def answer(question: Question) -> dict[str, Any]:
        if question.text == "crash":
            raise ZeroDivisionError("by nothing")
        return echo(question)

    assert run_batch(source, target, Filters(), answer).failed == 2
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["a", "2", "c", "d", "e"]
    assert "not UTF-8" in lines[1]["error"] and "ZeroDivisionError" in lines[3]["error"]
    assert lines[2]["question"] == "half a character \ud800"


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", {"id": "1", "text": "x"})
    with pytest.raises(UsageError, match="is the input itself"):
        run_batch(source, source, Filters(), echo)
    with pytest.raises(UsageError, match=r"missing\.jsonl"):
        run_batch(tmp_path / "missing.jsonl", tmp_path / "out.jsonl", Filters(), echo)
    with pytest.raises(UsageError, match="--out"):
        run_batch(source, tmp_path / "no" / "out.jsonl", Filters(), echo)


def test_filters_and_history_of_a_line_reach_the_question(tmp_path: Path) -> None:
    line = {
        "id": 1,
        "text": "And when?",
        "date_from": "1931",
        "history": [{"question": "Who wrote?", "answer": "Sazhin"}, {"question": "To whom?"}],
    }
    source = write(tmp_path / "in.jsonl", line)
    asked: list[Question] = []

    def answer(question: Question) -> dict[str, Any]:
        asked.append(question)
        return {}

    run_batch(source, tmp_path / "out.jsonl", Filters(lang="en", date_to="1932"), answer)
    filters = Filters(lang="en", date_from="1931", date_to="1932")
    history = (Turn("Who wrote?", "Sazhin"), Turn("To whom?", ""))
    assert asked == [Question("1", "And when?", filters, history)]
