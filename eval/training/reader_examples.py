"""Training examples of the reader: questions with passages that answer them or do not.

They are the questions of SQuAD2's development half with the passage that they were asked of,
answered there or not, and each answered one with the most similar other passage of its article,
which does not answer it; and the development half of XQuAD in every pair of its languages. Passages
of XQuAD are left out of SQuAD2, so that XQuAD's other half measures what was learned.

Only articles for which `suite.is_learned` is true are used: `python -m eval fit` needs others.

Not here: the training (`reader`).
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.sets.jsonl import read_lines
from eval.sets.suite import is_development, is_learned

OTHERS = 12
"""Passages of an article among which the most similar is looked for."""

SQUAD, XQUAD = "squad2_dev", "xquad"
FILES = tuple(
    f"{name}/{kind}.jsonl" for name in (SQUAD, XQUAD) for kind in ("passages", "questions")
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a passage of an article; `span` is the answer there, None without one."""

    question: str
    passage: str
    span: tuple[int, int] | None
    article: str


def examples(data: Path) -> list[Example]:
    """All examples, in the order of the files."""
    crossed = {p["id"]: p for p in read_lines(data / XQUAD / "passages.jsonl")}
    left_out = {p["text"].strip() for p in crossed.values()}
    found = (*_squad(data, left_out), *_xquad(data, crossed))
    return [example for example in found if is_learned(example.article)]


def _squad(data: Path, left_out: set[str]) -> Iterator[Example]:
    passages = {
        p["id"]: p
        for p in read_lines(data / SQUAD / "passages.jsonl")
        if is_development(p["id"]) and p["text"].strip() not in left_out
    }
    articles = defaultdict(list)
    for passage in passages.values():
        articles[passage["title"]].append(passage)
    draw = random.Random(7)
    for question in read_lines(data / SQUAD / "questions.jsonl"):
        if question["source_passage"] not in passages:
            continue
        passage = passages[question["source_passage"]]
        text, asked, article = passage["text"], question["text"], passage["title"]
        if not question["answerable"]:
            yield Example(asked, text, None, article)
            continue
        answer = max(question["answers"], key=question["answers"].count)
        start = text.find(answer)
        if start < 0:
            continue
        yield Example(asked, text, (start, start + len(answer)), article)
        others = [p for p in articles[article] if p["id"] != passage["id"]]
        if others:
            drawn = draw.sample(others, min(OTHERS, len(others)))
            similar = max(drawn, key=lambda p: len(_words(asked) & _words(p["text"])))["text"]
            if not any(answer in similar for answer in question["answers"]):
                yield Example(asked, similar, None, article)


def _xquad(data: Path, passages: Mapping[str, Any]) -> Iterator[Example]:
    pairs: dict[str, dict[str, Any]] = defaultdict(dict)
    for question in read_lines(data / XQUAD / "questions.jsonl"):
        pairs[question["pair_id"]][question["lang"]] = question
    for pair in pairs.values():
        gold = [passages[question["gold_passages"][lang]] for lang, question in pair.items()]
        if not all(is_development(p["id"]) and is_development(p["title"]) for p in gold):
            continue
        for asked in pair.values():
            for lang, of_passage in pair.items():
                passage = passages[of_passage["gold_passages"][lang]]
                text = passage["text"]
                start = of_passage["answer_start"]
                end = start + len(of_passage["answer"])
                if text[start:end] == of_passage["answer"]:
                    yield Example(asked["text"], text, (start, end), passage["title"])


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
