"""Reading the figures of finished runs.

Not here: how they are made (`summary`) and shown (`report`, `docs_tables`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import UsageError

Result = Mapping[str, Any]
"""The figures of one suite, as `NAME.json` holds them."""

QUESTIONS_SUFFIX = ".questions.jsonl"


def suite_names(folder: Path) -> list[str]:
    """The names of the suites whose runs are in a folder, in the order of their files."""
    paths = sorted(folder.glob(f"*{QUESTIONS_SUFFIX}"))
    return [path.name.removesuffix(QUESTIONS_SUFFIX) for path in paths]


def read_results(folder: Path) -> list[Result]:
    """The figures of the runs in a folder. Raises UsageError where there are none."""
    names = suite_names(folder)
    if not names:
        raise UsageError(
            f"{folder} has no finished runs; `python -m eval run SUITE --out {folder}`"
        )
    return [json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in names]
