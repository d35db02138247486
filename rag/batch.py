"""Batches: JSON Lines of questions in, JSON Lines of answers out, in the same order.

A line that fails is answered with its error and the run goes on. Not here: what an answer is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.errors import FondsError, UsageError
from rag.types import Filters, Question, Turn


class BatchFailed(FondsError):
    """The run came to its end, but some lines failed."""


def run_batch(
    source: Path, target: Path, filters: Filters, answer: Callable[[Question], dict[str, Any]]
) -> int:
    """Answer every line; the number of lines. `filters` hold for lines that give none.

    Raises UsageError when the input cannot be opened and BatchFailed at the end of a run in
    which lines failed.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise UsageError(f"--out {target} is the input itself; name another file")
    failed = total = 0
    try:
        lines = source.open(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--batch {source}: {error.strerror}") from error
    with lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            total += 1
            identity: Any = str(number)
            try:
                data = _object(line, number)
                identity = data.get("id", identity)
                result = {"id": identity, **answer(_question(data, filters))}
            except FondsError as error:
                failed += 1
                result = {"id": identity, "error": str(error)}
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
            out.flush()
    if failed:
        raise BatchFailed(f"{failed} of {total} lines of {source} failed; {target} tells why")
    return total


def _object(line: str, number: int) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
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
