"""Writes suites over a folder of development sets: `python -m eval make DATA OUT`.

Each set becomes a folder with `suite.toml`, `questions.jsonl` and, where `fonds ingest` does not
read the set's own file, `corpus.jsonl`. Not here: what is in them (`builders`), and the data, which
has licences of its own and is not part of the project.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from eval.sets.anchors import ANCHORS
from eval.sets.builders import BUILDERS
from eval.sets.made import Made
from rag.errors import UsageError


def make(data: Path, out: Path) -> list[str]:
    """Writes every suite whose sets are in `data` to `out`; returns the suites' names.

    Raises UsageError where `data` has none of the sets.
    """
    made = []
    for build, needed in BUILDERS:
        if all((data / name).is_dir() for name in needed):
            for suite in build(data):
                write_suite(suite, out / suite.name)
                made.append(suite.name)
    if not made:
        wanted = sorted({name for _, needed in BUILDERS for name in needed})
        raise UsageError(f"{data} has none of the sets {', '.join(wanted)}; name their folder")
    return made


def write_suite(suite: Made, folder: Path) -> None:
    """Writes `suite.toml` and `questions.jsonl`, and `corpus.jsonl` where documents are given."""
    folder.mkdir(parents=True, exist_ok=True)
    if suite.corpus and isinstance(suite.corpus[0], Path):
        corpus = [os.path.relpath(str(path), folder) for path in suite.corpus]
    else:
        corpus = ["corpus.jsonl"]
        _write_rows(folder / "corpus.jsonl", suite.corpus)
    _write_rows(folder / "questions.jsonl", suite.questions)
    lines = [f"{key} = {_toml(getattr(suite, key))}" for key in ("name", "description", "licence")]
    lines += [f"corpus = {_toml(corpus)}", 'questions = "questions.jsonl"']
    lines += [f"tasks = {_toml(list(suite.tasks))}"]
    if suite.trained:
        lines.append("trained = true")
    if suite.limits:
        lines += ["", "[limit]", *(f"{task} = {n}" for task, n in suite.limits.items())]
    for anchor in ANCHORS.get(suite.name, ()):
        lines += ["", "[[anchors]]", *(f"{key} = {_toml(value)}" for key, value in anchor.items())]
    (folder / "suite.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: object) -> str:
    """A string, number or list as TOML, which writes them as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _write_rows(path: Path, rows: Iterable[object]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
