"""Batches: JSON Lines of questions in, JSON Lines of answers out, in the same order.

One question per core is answered at a time. For a line that fails, for any reason, its error is
written, and the run goes on. Not here: answering a question.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import FondsError, UsageError
from rag.types import Filters, Question, Turn


class BatchFailed(FondsError):
    """The batch is complete, but some lines failed."""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The numbers of questions and of failed ones, and the file with the answers."""

    lines: int
    failed: int
    out: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def is_batch(given: str | None, options: Mapping[str, Any]) -> bool:
    """Whether a batch is asked for. Raises UsageError unless it is either a text or a batch."""
    if options["batch"] is None and options["out"] is None:
        if given is None:
            raise UsageError("no text: give a text, or --batch IN.jsonl --out OUT.jsonl")
        return False
    if given is not None or options["batch"] is None or options["out"] is None:
        raise UsageError("give either one text, or both --batch IN.jsonl and --out OUT.jsonl")
    return True


def run_batch(
    source: Path, target: Path, filters: Filters, answer: Callable[[Question], dict[str, Any]]
) -> BatchReport:
    """Answers every line of `source` and writes the results to `target`.

    `filters` apply to lines without filters of their own. Raises UsageError when a file cannot be
    opened or `target` is `source`.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise UsageError(f"--out {target} is the input itself; name another file")
    failed = total = 0
    try:
        lines = source.open("rb")
    except OSError as error:
        raise UsageError(f"--batch {source}: {error.strerror}; check the path") from error
    try:
        # A lone surrogate (\ud800) cannot be encoded; JSON can hold its escape.
        out = target.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        lines.close()
        raise UsageError(f"--out {target}: {error.strerror}; check the path") from error
    with lines, out:
        for answered, result in _results(lines, lambda data: answer(_question(data, filters))):
            total += 1
            failed += not answered
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
            out.flush()
    return BatchReport(total, failed, str(target))


Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
Result = tuple[bool, dict[str, Any]]
"""Whether a line was answered, and the object written for it."""


def _results(lines: Iterable[bytes], answer: Answer) -> Iterator[Result]:
    """The result of each line that is not empty, in order; few lines are read ahead."""
    pending: deque[Future[Result]] = deque()
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        for number, line in enumerate(lines, 1):
            if line.strip():
                pending.append(pool.submit(_result, line, number, answer))
            if len(pending) > cores:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _result(line: bytes, number: int, answer: Answer) -> Result:
    identity: Any = str(number)
    try:
        data = _object(line, number)
        identity = data.get("id", identity)
        return True, {"id": identity, **answer(data)}
    except FondsError as error:
        return False, {"id": identity, "error": str(error)}
    except Exception as error:  # noqa: BLE001 - the other questions are still answered
        cause = f"unexpected error ({type(error).__name__}: {error})"
        return False, {"id": identity, "error": cause}


def _object(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"line {number} is not UTF-8; save the file as UTF-8") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"line {number} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise UsageError(f'line {number}: expected an object with "id" and "text"')
    return data


def _question(data: Mapping[str, Any], filters: Filters) -> Question:
    text = data.get("text")
    if not isinstance(text, str):
        raise UsageError('"text" is missing; expected the question as a string')
    given = {name: data[name] for name in ("date_from", "date_to", "lang") if data.get(name)}
    for name, value in given.items():
        if not isinstance(value, str):
            raise UsageError(f'"{name}" is {value!r}; expected a string')
    history = data.get("history") or []
    try:
        turns = tuple(Turn(str(t["question"]), str(t.get("answer", ""))) for t in history)
    except (TypeError, KeyError, AttributeError) as error:
        raise UsageError('"history": expected a list of {"question", "answer"}') from error
    return Question(str(data.get("id")), text, replace(filters, **given), turns)
