"""How well a sentence answers a question: features, a score and a calibrated confidence.

Lexical features say how much of the question's weight (`asked`) a sentence covers, by its words
or their translations. Dense features, and how well the sentence answers as `comprehension` reads
it in its passage, take part only where the encoder reads the question's language. Some features
compare a sentence with the others found: they tell which answers, and not whether one does.
The weights are plain JSON beside this module, made by `python -m eval fit` from development
data named in the file.

Not here: which sentences are shown (`extract`), or how silence is worded (`ask`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from index_store.analysis.stemming import stems
from index_store.store import IndexStore
from index_store.types import Hit, Vectors
from rag.answers.keywords import QuestionTerms
from rag.models import reader
from rag.models.encoder import EncodedText, Encoder
from rag.models.word_similarity import max_similarity, nearness
from rag.questions.query import Query
from rag.records.boilerplate import is_boilerplate
from rag.records.description import header_of
from rag.text.sentences import sentences

ENCODED = 16
"""Sentences compared by the encoder for one question; more cost time and rarely change the best."""

CLEAR = 10.0
"""Log-odds of an answer beyond which more make no difference."""

WEIGHTS_FILE = Path(__file__).with_name("evidence.json")
FEATURES = (
    "sentence_cover",
    "context_cover",
    "unseen",
    "names_missing",
    "names_here",
    "answer_type",
    "type_missing",
    "rare",
    "cosine",
    "passage_cosine",
    "words",
    "nearest",
    "answer",
)
_NOTHING = dict.fromkeys(FEATURES, 0.0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of a hit with what speaks for it; offsets are of the document's text."""

    hit: Hit
    start: int
    end: int
    score: float
    features: dict[str, float]
    covered: frozenset[str]

    @property
    def text(self) -> str:
        return self.hit.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Weights:
    """Linear weights for ranking sentences and a logistic model of "this answers"."""

    rank: dict[str, float]
    passage: float
    confidence: dict[str, float]
    intercept: float
    threshold: float


@cache
def weights(dense: bool) -> Weights:
    """The weights with or without the encoder. Raises KeyError if the file is not whole."""
    data = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))["dense" if dense else "lexical"]
    return Weights(**data)


def gather(
    query: Query, hits: Sequence[Hit], vector: Vectors | None, store: IndexStore, encoder: Encoder
) -> list[Evidence]:
    """The sentences of the hits' passages that may answer, best first; ties by place.

    `vector` is the question's (None where the encoder does not read it). Sentences are first
    ranked by words alone, and the best `ENCODED` of them encoded, in one call; their passages are
    read whole.
    """
    asked = QuestionTerms(query.text, store)
    if not asked.weights:
        return []
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    found = []
    for hit in hits:
        spans = _telling(hit)
        context = _Context(asked, hit, [hit.document.text[start:end] for start, end in spans])
        for (start, end), (covered, features) in zip(spans, context.features(), strict=True):
            found.append(Evidence(hit, start, end, 0.0, features, covered))
    ranked = _ranked(found, weights(dense=False), best)
    if vector is None:
        return ranked
    likely = ranked[:ENCODED]
    question, *read = _readings(encoder, (query.text, *(e.text for e in likely)))
    passages = {e.hit.passage.passage_id: e.hit.passage for e in likely}
    marks = _marks(query.text, tuple(p.text for p in passages.values()))
    marked = dict(zip(passages, marks, strict=True))
    near = np.array([nearness(asked.words, question, reading) for reading in read])
    shares = max_similarity(near)
    seen = []
    for n, (e, reading) in enumerate(zip(likely, read, strict=True)):
        passage = e.hit.passage
        answer = marked[passage.passage_id].best(e.start - passage.start, e.end - passage.start)
        features = {"cosine": float(reading.vector @ vector), "words": asked.near(near[n])}
        features["nearest"] = float(shares[n])
        features["passage_cosine"] = e.hit.origins["dense"].score if "dense" in e.hit.origins else 0
        features["answer"] = max(-CLEAR, min(CLEAR, answer))
        exact = {name: round(value, 6) for name, value in features.items()}
        seen.append(replace(e, features={**e.features, **exact}))
    return _ranked(seen, weights(dense=True), best)


# A question is often asked again, with a source left out or another filter. Calls are remembered
# whole, for the last digits of a vector depend on what is read with it.
@lru_cache(maxsize=16)
def _readings(encoder: Encoder, texts: tuple[str, ...]) -> Sequence[EncodedText]:
    return encoder.read(texts)


@lru_cache(maxsize=64)
def _marks(question: str, passages: tuple[str, ...]) -> Sequence[reader.Marks]:
    return reader.bundled().read(question, passages)


def _telling(hit: Hit) -> list[tuple[int, int]]:
    """The sentences of a passage, as offsets in the document, without a letter's frame.

    A heading, date line, signature or salutation shares words with many questions and answers
    none; it stays only where the passage has nothing else.
    """
    begin = hit.passage.start
    spans = [(begin + first, begin + last) for first, last in sentences(hit.passage.text)]
    return [span for span in spans if not is_boilerplate(hit.document, *span)] or spans


def _ranked(evidence: Sequence[Evidence], model: Weights, best: float) -> list[Evidence]:
    """With scores, highest first; `best` is the best hit's score."""
    scored = [
        replace(
            e,
            score=sum(weight * e.features[name] for name, weight in model.rank.items())
            + model.passage * e.hit.score / best,
        )
        for e in evidence
    ]
    return sorted(scored, key=lambda e: (-e.score, e.hit.document.document_id, e.start))


def confidence(evidence: Sequence[Evidence], dense: bool) -> float:
    """Calibrated probability that the best evidence answers; 0 with no evidence."""
    if not evidence:
        return 0.0
    model = weights(dense)
    best = evidence[0]
    log_odds = model.intercept + sum(
        weight * best.features[name] for name, weight in model.confidence.items()
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


class _Context:
    """A hit's passage, of these sentences, and its header, seen from the question."""

    def __init__(self, asked: QuestionTerms, hit: Hit, texts: Sequence[str]) -> None:
        self.asked, self.texts = asked, texts
        header = header_of(hit.document)
        self.cover = asked.cover(frozenset(stems(f"{header} {hit.passage.text}")))
        known = asked.share_of_names(f"{header} {hit.document.text}")
        self.names_missing = 0.0 if known is None else 1 - known

    def features(self) -> Iterator[tuple[frozenset[str], dict[str, float]]]:
        """Each sentence's stems that the question has, and its features."""
        asked = self.asked
        present = [frozenset(stems(text)) for text in self.texts]
        for text, own, rare in zip(self.texts, present, asked.rare(present), strict=True):
            named = asked.share_of_names(text)
            met = asked.answers_type(text)
            lexical = {
                "sentence_cover": asked.cover(own),
                "context_cover": self.cover,
                "unseen": asked.unseen,
                "names_missing": self.names_missing,
                "names_here": 0.5 if named is None else named,
                "answer_type": 0.5 if met is None else met,
                "type_missing": 0.0 if met is None else 1 - met,
                "rare": rare,
            }
            yield asked.covered(own), {**_NOTHING, **lexical}
