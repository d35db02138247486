"""Training examples of the finder: questions with the passages that answer them.

They come from the development halves of suites, from what `suite.is_learned` gives to training; a
passage that any suite keeps for something else is left out. Where a question has gold spans or
quotations, its passages are those that hold them; where it has gold documents alone, only documents
of one passage are taken. A suite that asks across languages gives pairs across languages.

Not here: the training (`finder`).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.measures.retrieval import gold_passages
from eval.sets.spans import gold_spans, sources
from eval.sets.suite import EvalQuestion, Suite
from eval.training.corpus import load
from index_store.types import Passage

MOST = 3000
"""Pairs of one suite; of a suite with more, as many are drawn."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, and a passage as the archive splits it, which answers it.

    Pairs of one `group` are about one document, or about translations of one.
    """

    question: str
    passage: str
    group: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Pairs to learn from, in random order; `positives` are all known passages of a question.

    `passages` are the different passages of the documents that the pairs are about.
    """

    pairs: tuple[Pair, ...]
    positives: Mapping[str, frozenset[str]]
    passages: tuple[str, ...]


def examples(suites: Sequence[Suite], seed: int = 0, most: int = MOST) -> Examples:
    """The examples of the suites, of each `most` pairs at most.

    Raises FondsError for a file that cannot be read.
    """
    kept = {text for suite in suites for text in _kept(suite)}
    draw, found, passages = random.Random(seed), dict[Pair, None](), dict[str, None]()
    positives = defaultdict(set)
    for suite in suites:
        own = [pair for pair in dict.fromkeys(_pairs(suite)) if pair.passage.strip() not in kept]
        for pair in own:
            positives[pair.question].add(pair.passage)
        found |= dict.fromkeys(draw.sample(own, min(most, len(own))))
        passages |= dict.fromkeys(p for p in _learned(suite) if p.strip() not in kept)
    known = {question: frozenset(texts) for question, texts in positives.items()}
    return Examples(tuple(draw.sample(list(found), len(found))), known, tuple(passages))


def _kept(suite: Suite) -> set[str]:
    """The passages of the documents that the questions not learned from ask about."""
    return {text.strip() for text in _about(suite, learned=False)}


def _learned(suite: Suite) -> dict[str, None]:
    """The passages of the documents that the learned questions ask about."""
    return dict.fromkeys(_about(suite, learned=True))


def _about(suite: Suite, learned: bool) -> Iterator[str]:
    passages = load(suite.corpus).passages
    asked = [question for question in suite.questions if question.learned == learned]
    for document in dict.fromkeys(name for q in asked for name in (*q.gold, q.key, q.cluster)):
        yield from (passage.text for passage in passages.get(document, ()))


def _pairs(suite: Suite) -> Iterator[Pair]:
    passages, texts = load(suite.corpus).passages, sources(suite.corpus)
    for question in suite.questions:
        if question.answerable and question.learned:
            gold = gold_passages(gold_spans(question, texts), passages) or _only(question, passages)
            text = {p.passage_id: p.text for d in question.gold for p in passages.get(d, ())}
            yield from (
                Pair(question.text, text[name], question.key) for name in gold if name in text
            )


def _only(question: EvalQuestion, passages: Mapping[str, Sequence[Passage]]) -> list[str]:
    """The passages of the gold documents that have one alone."""
    own = (passages.get(document, ()) for document in question.gold)
    return [only[0].passage_id for only in own if len(only) == 1]
