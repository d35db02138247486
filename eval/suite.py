"""A suite: a folder whose `suite.toml` names a corpus, questions and where their gold is.

    name, licence
    corpus       files or folders that `fonds ingest` reads
    questions    JSON Lines with `id`, the question under `text`, and gold document ids
    text         name of the question's field (default "text")
    gold         name of the gold field: a list of document ids, or an object of them by language
    filter_lang  restrict each search to this language (optional)
    lang         use only questions of this language (optional)

Paths are relative to the folder. Not here: running and measuring.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import UsageError


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with its gold; no gold documents means that the archive does not answer it."""

    id: str
    text: str
    gold: tuple[str, ...]
    quotes: tuple[str, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Suite:
    name: str
    corpus: tuple[Path, ...]
    questions: tuple[EvalQuestion, ...]
    filter_lang: str | None


def load(folder: Path) -> Suite:
    """Raises UsageError naming the file and what is missing."""
    path = folder / "suite.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        corpus = tuple((folder / name).resolve() for name in data["corpus"])
        questions = _questions((folder / data["questions"]).resolve(), data)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    except KeyError as error:
        raise UsageError(f"{path}: {error} is missing") from error
    return Suite(data.get("name", folder.name), corpus, tuple(questions), data.get("filter_lang"))


def _questions(path: Path, data: dict[str, Any]) -> list[EvalQuestion]:
    questions = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if data.get("lang") and row.get("lang") != data["lang"]:
            continue
        gold = row.get(data.get("gold", "gold_docs")) or ()
        if isinstance(gold, dict):
            gold = (gold[data["filter_lang"]],)
        questions.append(
            EvalQuestion(
                str(row["id"]),
                row[data.get("text", "text")],
                tuple(gold),
                tuple(row.get("gold_quotes", ())),
                bool(row.get("answerable", bool(gold))),
            )
        )
    return questions


def half(question: EvalQuestion) -> Literal["development", "reporting"]:
    """The half of its set that a question belongs to, by its first gold document."""
    key = question.gold[0] if question.gold else question.id
    return "development" if is_development(key) else "reporting"


def is_development(key: str) -> bool:
    """The one split of all sets: whether the SHA-1 of an id is even."""
    return hashlib.sha1(key.encode(), usedforsecurity=False).digest()[-1] % 2 == 0
