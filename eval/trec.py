"""Run and qrels files in TREC's form. Ids have no white space; what has is percent-encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

Ranking = Sequence[str]

_SPACE = re.compile(r"\s")


def write_run(path: Path, rankings: Mapping[str, Ranking], tag: str) -> None:
    """A line for each question and rank; scores only fall, so no tool reorders ties."""
    with path.open("w", encoding="utf-8") as file:
        for question, ranking in rankings.items():
            for rank, name in enumerate(ranking, 1):
                score = len(ranking) + 1 - rank
                file.write(f"{_id(question)} Q0 {_id(name)} {rank} {score} {tag}\n")


def write_qrels(path: Path, grades: Iterable[tuple[str, Mapping[str, int]]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for question, judged in grades:
            file.writelines(f"{_id(question)} 0 {_id(d)} {g}\n" for d, g in judged.items())


def _id(name: str) -> str:
    return _SPACE.sub(lambda match: quote(match.group()), name)
