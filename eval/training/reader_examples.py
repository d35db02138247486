"""Training examples of the reader: questions with passages that answer them or do not.

A question of a development half is read with

- the passages that answer it, and where in them the answer stands;
- passages that a trained finder takes for answers and that are none (`hard_negatives`);
- near misses that are made of the first (`made_examples`);
- where it is not answered: the passages of its own document that come nearest.

Not here: the training (`reader`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.measures.retrieval import gold_passages
from eval.sets.spans import Span, gold_spans, sources
from eval.sets.suite import EvalQuestion, Suite
from eval.training import finder_examples
from eval.training.corpus import Corpus, load
from eval.training.hard_negatives import hard_negatives
from eval.training.made_examples import (
    SUBJECTS,
    Example,
    Offsets,
    subject_questions,
    swapped,
    without_evidence,
)
from index_store.types import Passage, Vectors
from rag.models.encoder import Encoder
from rag.text.sentences import sentences

MOST = 2000
"""Pairs of a question and a passage that answers it, taken from one suite."""

NEGATIVES = 3
"""Passages that do not answer, read with each such pair; made near misses first."""

NEAR_MISSES = 2
"""Passages of its document that are read with a question that the document does not answer."""


def examples(suites: Sequence[Suite], finder: Encoder, seed: int = 0) -> list[Example]:
    """The examples of the suites in random order. Raises FondsError for an unread file."""
    headers = {
        passage.text: corpus.headers[name]
        for corpus in (load(suite.corpus) for suite in suites)
        for name, passages in corpus.passages.items()
        for passage in passages
    }
    draw, found = random.Random(seed), list[Example]()
    pairs = finder_examples.examples(suites, seed, MOST)
    marked = {(e.question, e.passage): e for suite in suites for e in _answered(suite)}
    for pair, others in zip(
        pairs.pairs, hard_negatives(pairs, finder, NEGATIVES, seed), strict=True
    ):
        answered = marked[pair.question, pair.passage]
        made = [e for e in (without_evidence(answered), swapped(answered, draw)) if e is not None]
        others = others[: NEGATIVES - len(made)]
        found += [answered, *made]
        found += [Example(pair.question, headers[text], text, False) for text in others]
    found += [e for suite in suites for e in _near_misses(suite, finder)]
    read = [(headers[text], text) for text in pairs.passages]
    found += subject_questions(read, SUBJECTS, draw)
    return draw.sample(found, len(found))


def _answered(suite: Suite) -> Iterator[Example]:
    corpus, texts = load(suite.corpus), sources(suite.corpus)
    for question in suite.questions:
        if question.answerable and question.learned:
            spans = gold_spans(question, texts)
            gold = gold_passages(spans, corpus.passages)
            for document in question.gold:
                for passage in corpus.passages.get(document, ()):
                    own = [_within(span, passage) for span in spans if span.document == document]
                    held = passage.passage_id in gold or len(corpus.passages[document]) == 1
                    if held:
                        yield _marked(question, corpus.headers[document], passage.text, own)


def _within(span: Span, passage: Passage) -> Offsets:
    """The part of the span in the passage, as offsets there; empty where there is none."""
    start = min(max(span.start, passage.start), passage.end) - passage.start
    return start, max(start, min(span.end, passage.end) - passage.start)


def _marked(question: EvalQuestion, header: str, passage: str, spans: Sequence[Offsets]) -> Example:
    """The example; the answer is the first span that is one of the answer strings."""
    example = Example(question.text, header, passage, True)
    known = [span for span in spans if span[0] < span[1]]
    if not known:
        return example
    short = [span for span in known if passage[slice(*span)] in question.answers]
    if not short:
        return replace(example, evidence=max(known, key=lambda span: span[1] - span[0]))
    first, last = short[0]
    around = [s for s in sentences(passage) if s[0] < last and first < s[1]]
    return replace(example, answer=short[0], evidence=(around[0][0], around[-1][1]))


def _near_misses(suite: Suite, finder: Encoder) -> Iterator[Example]:
    """Questions that their document does not answer, with its passages that come nearest."""
    corpus = load(suite.corpus)
    asked = [
        question
        for question in suite.questions
        if not question.answerable and question.learned and _about(question, corpus)
    ]
    if not asked:
        return
    vectors = finder.encode_queries([question.text for question in asked])
    known: dict[str, Vectors] = {}
    for question, vector in zip(asked, vectors, strict=True):
        document = _about(question, corpus)
        texts = [passage.text for passage in corpus.passages[document]]
        if document not in known:
            known[document] = finder.encode_passages(texts)
        cosines = known[document] @ vector
        for i in sorted(range(len(texts)), key=lambda i: -cosines[i])[:NEAR_MISSES]:
            yield Example(question.text, corpus.headers[document], texts[i], False)


def _about(question: EvalQuestion, corpus: Corpus) -> str:
    """The document that an unanswered question is about, "" for none."""
    known = (name for name in (question.key, question.cluster) if name in corpus.passages)
    return next(known, "")
