"""What the builders of suites share: a suite to be written, and the lines of a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.sets.jsonl import read_lines
from rag.errors import UsageError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A suite to be written; `corpus` is a list of files, or of documents.

    `trained`: the bundled models are trained on it.
    """

    name: str
    description: str
    licence: str
    tasks: tuple[str, ...]
    questions: list[Row]
    corpus: Sequence[Path] | list[Row]
    limits: Mapping[str, int] = field(default_factory=dict)
    trained: bool = False


def rows(path: Path) -> list[Row]:
    """The lines of a JSON Lines file of a set. Raises UsageError where it is not there."""
    try:
        return read_lines(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; the set is not whole") from error
