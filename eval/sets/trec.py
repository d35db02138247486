"""Run and qrels files in TREC's form. White space in ids is percent-encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from rag.errors import UsageError

Ranking = Sequence[str]

_SPACE = re.compile(r"\s")


def write_run(path: Path, rankings: Mapping[str, Ranking], tag: str) -> None:
    """Writes a line for each question and rank. Scores fall with rank, so that no tool reorders."""
    with path.open("w", encoding="utf-8") as file:
        for question, ranking in rankings.items():
            for rank, name in enumerate(ranking, 1):
                score = len(ranking) + 1 - rank
                file.write(f"{_id(question)} Q0 {_id(name)} {rank} {score} {tag}\n")


def write_qrels(path: Path, grades: Iterable[tuple[str, Mapping[str, int]]]) -> None:
    """Writes a line for each question and judged document, from (question, grades)."""
    with path.open("w", encoding="utf-8") as file:
        for question, judged in grades:
            file.writelines(f"{_id(question)} 0 {_id(d)} {g}\n" for d, g in judged.items())


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Grades by question and document, from TREC's four columns or BEIR's three.

    Raises UsageError naming the line that is neither.
    """
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        columns = line.split()
        if not columns or (number == 1 and columns[-1] == "score"):
            continue
        try:
            question, document, grade = columns[0], columns[-2], int(columns[-1])
        except (IndexError, ValueError) as error:
            raise UsageError(
                f"{path}:{number}: expected question, document and a whole grade"
            ) from error
        grades.setdefault(question, {})[document] = grade
    return grades


def _id(name: str) -> str:
    return _SPACE.sub(lambda match: quote(match.group()), name)
