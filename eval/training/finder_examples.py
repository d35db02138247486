"""Training examples of the finder: questions with the passages that answer them.

They come from the development halves of suites. Where a question has gold spans or quotations, its
passages are those that hold them; where it has gold documents alone, only documents of one passage
are taken. A suite that asks across languages gives pairs across languages.

Not here: the training (`finder`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.measures.retrieval import gold_passages
from eval.sets.spans import gold_spans, sources
from eval.sets.suite import EvalQuestion, Suite
from index_store.types import Passage
from rag.errors import FondsError
from rag.readers.discovery import find_files
from rag.readers.registry import read
from rag.text.chunking import split
from rag.types import Failure


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, and a passage as the archive splits it, which answers it."""

    question: str
    passage: str


def pairs(suites: Sequence[Suite], seed: int = 0) -> list[Pair]:
    """The different pairs of the suites in random order. Raises FondsError for an unread file."""
    found = dict.fromkeys(pair for suite in suites for pair in _pairs(suite))
    return random.Random(seed).sample(list(found), len(found))


def _pairs(suite: Suite) -> Iterator[Pair]:
    passages, texts = passages_of(suite.corpus), sources(suite.corpus)
    for question in suite.questions:
        if question.answerable and question.half == "development":
            gold = gold_passages(gold_spans(question, texts), passages) or _only(question, passages)
            text = {p.passage_id: p.text for d in question.gold for p in passages.get(d, ())}
            yield from (Pair(question.text, text[name]) for name in gold if name in text)


def _only(question: EvalQuestion, passages: Mapping[str, Sequence[Passage]]) -> list[str]:
    """The passages of the gold documents that have one alone."""
    own = (passages.get(document, ()) for document in question.gold)
    return [only[0].passage_id for only in own if len(only) == 1]


def passages_of(corpus: Sequence[Path]) -> dict[str, list[Passage]]:
    """Document id → its passages. Raises FondsError for a file that cannot be read."""
    found: dict[str, list[Passage]] = {}
    for path in find_files(corpus):
        for item in (path,) if isinstance(path, Failure) else read(path):
            if isinstance(item, Failure):
                raise FondsError(f"{item.path}: {item.error}; a suite's corpus must read whole")
            found.setdefault(item.document_id, split(item))
    return found
