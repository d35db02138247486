"""A suite: a folder whose `suite.toml` names a corpus, questions with gold, and tasks.

    name, description, licence
    corpus       files or folders that `fonds ingest` reads
    questions    JSON Lines, see below
    qrels        TREC qrels that replace the questions' `gold_docs` (optional)
    tasks        of "retrieval", "sentences", "answers", "abstention", "verify"
    trained      whether the bundled models were trained on it: four fifths of its development half
    split        the half that is asked, "reporting" or "development"; all where it is not given
    [limit]      most questions of a task, drawn by hash: the same ones on any machine
    [[anchors]]  a figure of another system to show: task, measure, group, value, what

A question has `id` and `text`, and where there are any: `lang`, `group` (the direction, such as
en→ru), `gold_docs`, `gold_groups` (all are needed, any document of each will do), `gold_quotes`
(substrings of the gold documents) or `gold_spans` (document id, start, end), `answer_strings`,
`answerable`, `parallel` (ids of the same evidence in two languages), `filters`, `cluster` (the
unit that the bootstrap draws), `split_key` (the id that decides its half), `history` (the turns
before: question and answer). A line with `turns` instead is a dialogue: each turn is a question. A
folder in BEIR's form (`corpus.jsonl`, `queries.jsonl`, `qrels/`) is a suite as it is. Paths are
relative to the folder. Not here: making suites, running and measuring.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from eval.sets.trec import read_qrels
from rag.errors import UsageError
from rag.text.detection import language_of
from rag.types import Filters, Turn

TASKS = ("retrieval", "sentences", "answers", "abstention", "verify")
Half = Literal["development", "reporting"]
Split = Literal["development", "reporting", "all"]


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with its gold; `grades` maps gold documents to their relevance, 1 or more."""

    id: str
    text: str
    lang: str
    group: str
    grades: Mapping[str, int] = field(default_factory=dict)
    gold_groups: tuple[tuple[str, ...], ...] = ()
    quotes: tuple[str, ...] = ()
    spans: tuple[tuple[str, int, int], ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True
    parallel: tuple[str, ...] = ()
    filters: Filters = Filters()
    history: tuple[Turn, ...] = ()
    cluster: str = ""
    key: str = ""

    @property
    def gold(self) -> tuple[str, ...]:
        """The gold documents."""
        return tuple(self.grades)

    @property
    def half(self) -> Half:
        """The half of its set that the question belongs to."""
        return half_of(self.key)

    @property
    def learned(self) -> bool:
        """Whether it is for training models; see `is_learned`."""
        return self.half == "development" and is_learned(self.cluster)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A figure of another system, shown beside a measure."""

    measure: str
    value: float
    what: str
    task: str = "retrieval"
    group: str = "all"


@dataclass(frozen=True, slots=True)
class Suite:
    """A corpus, the questions to ask of it and their gold."""

    name: str
    corpus: tuple[Path, ...]
    questions: tuple[EvalQuestion, ...]
    tasks: tuple[str, ...] = ("retrieval",)
    split: Split = "all"
    limits: Mapping[str, int] = field(default_factory=dict)
    anchors: tuple[Anchor, ...] = ()
    description: str = ""
    licence: str = ""
    trained: bool = False

    def fitting(self) -> list[EvalQuestion]:
        """The questions to fit weights on: of the development half, those not trained on."""
        own = [q for q in self.questions if q.half == "development"]
        return [q for q in own if not (self.trained and q.learned)]

    def asked(self, task: str) -> list[EvalQuestion]:
        """The questions of a task in the suite's order; where there is a limit, those drawn."""
        questions = [
            q
            for q in self.questions
            if self.split in ("all", q.half) and (q.gold or task not in ("retrieval", "sentences"))
        ]
        limit = self.limits.get(task, 0)
        if not limit or limit >= len(questions):
            return questions
        drawn = set(sorted((q.id for q in questions), key=_draw_order)[:limit])
        return [q for q in questions if q.id in drawn]


def is_development(key: str) -> bool:
    """Whether the id is in the development half: its SHA-1 is even."""
    return hashlib.sha1(key.encode(), usedforsecurity=False).digest()[-1] % 2 == 0


def is_learned(cluster: str) -> bool:
    """Whether models are trained on this article or document of a development half.

    The others, one in five, are for what is fitted to the trained models: weights and confidences.
    """
    fold = f"fold {cluster.replace('_', ' ')}"
    return hashlib.sha1(fold.encode(), usedforsecurity=False).digest()[-1] % 5 != 0


def half_of(key: str) -> Half:
    """The half to which the id belongs."""
    return "development" if is_development(key) else "reporting"


def _draw_order(question_id: str) -> str:
    return hashlib.sha1(f"lot {question_id}".encode(), usedforsecurity=False).hexdigest()


def load(folder: Path) -> Suite:
    """The suite in a folder. Raises UsageError naming the file and what is missing or wrong."""
    path = folder / "suite.toml"
    try:
        if not path.is_file() and (folder / "corpus.jsonl").is_file():
            return _beir(folder)
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        grades = read_qrels(folder / data["qrels"]) if "qrels" in data else None
        questions = _unique(
            _question(row, grades, where)
            for line, where in _rows(folder / data["questions"])
            for row in _turns(line, where)
        )
        return Suite(
            name=_name(data.get("name", folder.name), path),
            corpus=tuple((folder / name).resolve() for name in data["corpus"]),
            questions=questions,
            tasks=_tasks(data.get("tasks", ["retrieval", "answers"]), path),
            split=_split(data.get("split", "all"), path),
            limits={str(task): int(limit) for task, limit in data.get("limit", {}).items()},
            anchors=tuple(Anchor(**anchor) for anchor in data.get("anchors", ())),
            description=data.get("description", ""),
            licence=data.get("licence", ""),
            trained=data.get("trained", False),
        )
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; name a suite's folder") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
    except KeyError as error:
        raise UsageError(f"{path}: {error} is missing") from error


def _name(name: str, path: Path) -> str:
    if not name or any(c in "/\\" or c.isspace() for c in name):
        raise UsageError(f"{path}: name is {name!r}; it names files, so no spaces and slashes")
    return name


def _tasks(tasks: Sequence[str], path: Path) -> tuple[str, ...]:
    unknown = sorted(set(tasks) - set(TASKS))
    if unknown or not tasks:
        raise UsageError(f"{path}: tasks {unknown}; known are {', '.join(TASKS)}")
    return tuple(task for task in TASKS if task in tasks)


def _split(split: str, path: Path) -> Split:
    if split not in get_args(Split):
        raise UsageError(f"{path}: split is {split!r}; known are {', '.join(get_args(Split))}")
    return cast(Split, split)


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a JSON Lines file, each with its file and line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            try:
                yield json.loads(line), f"{path}:{number}"
            except json.JSONDecodeError as error:
                raise UsageError(f"{path}:{number}: {error.msg}; one object a line") from error


def _turns(row: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
    """The line itself, or a question for each turn of a dialogue.

    A turn's history is the turns before it, answered by their gold quotations. All turns are in one
    cluster and in one half.
    """
    if "turns" not in row:
        yield row
        return
    try:
        key = next((d for turn in row["turns"] for d in turn["gold_documents"]), row["id"])
        history: list[dict[str, str]] = []
        for n, turn in enumerate(row["turns"], 1):
            quote = turn.get("gold_quote")
            yield {
                "id": f"{row['id']}-{n}",
                "text": turn["question"],
                "lang": row.get("lang"),
                "group": f"turn {n}",
                "gold_docs": turn["gold_documents"],
                "gold_quotes": [quote] if quote else [],
                "history": list(history),
                "cluster": row["id"],
                "split_key": key,
            }
            history.append({"question": turn["question"], "answer": quote or ""})
    except (KeyError, TypeError) as error:
        raise UsageError(f"{where}: {error} is missing or of the wrong kind") from error


def _question(
    row: Mapping[str, Any], qrels: Mapping[str, Mapping[str, int]] | None, where: str
) -> EvalQuestion:
    try:
        question_id, text = str(row.get("_id", row.get("id", ""))), row["text"]
        grades = dict.fromkeys(row.get("gold_docs") or (), 1)
        if qrels is not None:
            grades = {d: g for d, g in qrels.get(question_id, {}).items() if g > 0}
        if not question_id or any(c.isspace() for c in question_id):
            raise UsageError(f"{where}: id is {question_id!r}; TREC files need one without spaces")
        lang = row.get("lang") or language_of(text)
        first = next(iter(grades), question_id)
        return EvalQuestion(
            id=question_id,
            text=text,
            lang=lang,
            group=row.get("group") or lang,
            grades=grades,
            gold_groups=tuple(tuple(g) for g in row.get("gold_groups") or ()),
            quotes=tuple(row.get("gold_quotes") or ()),
            spans=tuple((str(d), int(s), int(e)) for d, s, e in row.get("gold_spans") or ()),
            answers=tuple(row.get("answer_strings") or ()),
            answerable=bool(row.get("answerable", bool(grades))),
            parallel=tuple(row.get("parallel") or ()),
            filters=_filters(row.get("filters", {})),
            history=tuple(Turn(t["question"], t["answer"]) for t in row.get("history") or ()),
            cluster=row.get("cluster") or first,
            key=row.get("split_key") or first,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{where}: {error} is missing or of the wrong kind") from error


def _filters(given: Mapping[str, Any]) -> Filters:
    return Filters(**{**given, "exclude": tuple(given.get("exclude", ()))})


def _unique(questions: Iterator[EvalQuestion]) -> tuple[EvalQuestion, ...]:
    by_id: dict[str, EvalQuestion] = {}
    for question in questions:
        if question.id in by_id:
            raise UsageError(f"question {question.id} is there twice; ids must be unique")
        by_id[question.id] = question
    return tuple(by_id.values())


def _beir(folder: Path) -> Suite:
    """A suite of the judged questions: of the test part where there is one, else of all qrels."""
    parts = [folder / "qrels" / "test.tsv"]
    if not parts[0].is_file():
        parts = sorted((folder / "qrels").glob("*.tsv"))
    if not parts:
        raise UsageError(f"{folder / 'qrels'}: no *.tsv; a BEIR folder has its judgements there")
    grades: dict[str, dict[str, int]] = {}
    for part in parts:
        grades |= read_qrels(part)
    rows = _rows(folder / "queries.jsonl")
    questions = _unique(_question(row, grades, where) for row, where in rows)
    return Suite(
        name=_name(folder.resolve().name, folder),
        corpus=((folder / "corpus.jsonl").resolve(),),
        questions=tuple(q for q in questions if q.gold),
        description="a folder in BEIR's form",
    )


def limited(suite: Suite, limit: int | None) -> Suite:
    """The suite with one limit for every task. None leaves its own limits, 0 removes them."""
    return suite if limit is None else replace(suite, limits=dict.fromkeys(TASKS, limit))
