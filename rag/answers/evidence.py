"""How well a sentence answers a question: features, a score and a calibrated confidence.

Lexical features say how much of the question's weight (`question_terms`) a sentence covers, by
its words or translations. Dense features, and the score of the reader model for the sentence in its
passage, take part only where the encoder reads the question's language and has a calibration. Some
features compare a sentence with the others found: they say which one answers, not whether one does.
The weights are in `rag.models.calibration`, fitted by `python -m eval fit`.

Not here: which sentences are shown (`selection`), how an abstention is worded (`messages`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index_store.analysis.stemming import stems
from index_store.store import IndexStore
from index_store.types import Hit, Vectors
from rag.answers.question_terms import QuestionTerms
from rag.models.bundle import Models
from rag.models.calibration import EvidenceWeights
from rag.models.reader import Marks
from rag.models.word_similarity import max_similarity, word_similarity
from rag.questions.parsed import ParsedQuestion
from rag.records.boilerplate import is_boilerplate
from rag.records.description import header_of
from rag.text.sentences import sentences

MAX_ENCODED = 16
"""Sentences that the encoder reads for one question; more cost time and rarely change the best."""

MAX_LOG_ODDS = 10.0
"""Log-odds of an answer beyond which more make no difference."""

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
    """One sentence of a hit with its features and score; offsets are of the document's text."""

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
class Findings:
    """The sentences that may answer, best first; the calibrated probability that the best does,
    and from what probability on that is enough for an answer."""

    sentences: tuple[Evidence, ...]
    confidence: float
    threshold: float


def gather(
    question: ParsedQuestion,
    hits: Sequence[Hit],
    vector: Vectors | None,
    store: IndexStore,
    models: Models,
) -> Findings:
    """The sentences of the hits' passages that may answer, best first; ties by place.

    `vector` is the question's, None where the encoder does not read its language. Sentences are
    first ranked by words alone; the best `MAX_ENCODED` of them are then encoded, in one call, and
    their passages read together with the question. Raises EncoderError.
    """
    dense = vector is not None and models.calibration.evidence is not None
    weights = models.evidence_weights(dense)
    terms = QuestionTerms(question, store)
    if not terms.weights:
        return Findings((), 0.0, weights.threshold)
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    found = []
    for hit in hits:
        spans = _content_sentences(hit)
        texts = [hit.document.text[start:end] for start, end in spans]
        context = _Context(terms, hit, texts, store.stem_language(hit.document.lang))
        for (start, end), (covered, features) in zip(spans, context.features(), strict=True):
            found.append(Evidence(hit, start, end, 0.0, features, covered))
    ranked = _ranked(found, models.evidence_weights(dense=False), best)
    if dense and vector is not None:
        encoded = _encoded(question.text, terms, ranked[:MAX_ENCODED], vector, models)
        ranked = _ranked(encoded, weights, best)
    return Findings(tuple(ranked), confidence(ranked, weights), weights.threshold)


def _encoded(
    question: str,
    terms: QuestionTerms,
    likely: Sequence[Evidence],
    vector: Vectors,
    models: Models,
) -> list[Evidence]:
    """The sentences with the features that the encoder and the reader give."""
    asked, read = models.read(question, tuple(e.text for e in likely))
    passages = {e.hit.passage.passage_id: e.hit.passage for e in likely}
    marked: Mapping[str, Marks] = {}
    if models.reader is not None:
        marks = models.marks(question, tuple(p.text for p in passages.values()))
        marked = dict(zip(passages, marks, strict=True))
    similarity = np.array([word_similarity(terms.words, asked, text) for text in read])
    shares = max_similarity(similarity)
    seen = []
    for n, (e, text) in enumerate(zip(likely, read, strict=True)):
        passage = e.hit.passage
        origin = e.hit.origins.get("dense")
        features = {
            "cosine": float(text.vector @ vector),
            "words": terms.weighted(similarity[n]),
            "nearest": float(shares[n]),
            "passage_cosine": origin.score if origin else 0.0,
        }
        if passage.passage_id in marked:
            span = e.start - passage.start, e.end - passage.start
            answer = marked[passage.passage_id].best(*span)
            features["answer"] = max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, answer))
        exact = {name: round(value, 6) for name, value in features.items()}
        seen.append(replace(e, features={**e.features, **exact}))
    return seen


def _content_sentences(hit: Hit) -> list[tuple[int, int]]:
    """The sentences of a passage, as offsets in the document, without boilerplate.

    A heading, date line, signature or salutation shares words with many questions and answers
    none; it stays only where the passage has nothing else.
    """
    begin = hit.passage.start
    spans = [(begin + first, begin + last) for first, last in sentences(hit.passage.text)]
    return [span for span in spans if not is_boilerplate(hit.document, *span)] or spans


def _ranked(evidence: Sequence[Evidence], weights: EvidenceWeights, best: float) -> list[Evidence]:
    """With scores, highest first; `best` is the best hit's score."""
    scored = [
        replace(
            e,
            score=sum(weight * e.features[name] for name, weight in weights.rank.items())
            + weights.passage * e.hit.score / best,
        )
        for e in evidence
    ]
    return sorted(scored, key=lambda e: (-e.score, e.hit.document.document_id, e.start))


def confidence(evidence: Sequence[Evidence], weights: EvidenceWeights) -> float:
    """Calibrated probability that the best evidence answers; 0 with no evidence."""
    if not evidence:
        return 0.0
    best = evidence[0]
    log_odds = weights.intercept + sum(
        weight * best.features[name] for name, weight in weights.confidence.items()
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


class _Context:
    """A hit's passage with its sentences and its header, compared with the question.

    `lang` is the language by whose rules the document is stemmed.
    """

    def __init__(self, terms: QuestionTerms, hit: Hit, texts: Sequence[str], lang: str) -> None:
        self.terms, self.texts, self.lang = terms, texts, lang
        header = header_of(hit.document)
        self.cover = terms.cover(frozenset(stems(f"{header} {hit.passage.text}", lang)))
        known = terms.share_of_names(f"{header} {hit.document.text}", lang)
        self.names_missing = 0.0 if known is None else 1 - known

    def features(self) -> Iterator[tuple[frozenset[str], dict[str, float]]]:
        """Each sentence's stems that the question has, and its features."""
        terms = self.terms
        present = [frozenset(stems(text, self.lang)) for text in self.texts]
        for text, own, rare in zip(self.texts, present, terms.rare(present), strict=True):
            named = terms.share_of_names(text, self.lang)
            met = terms.answers_type(text)
            lexical = {
                "sentence_cover": terms.cover(own),
                "context_cover": self.cover,
                "unseen": terms.unseen,
                "names_missing": self.names_missing,
                "names_here": 0.5 if named is None else named,
                "answer_type": 0.5 if met is None else met,
                "type_missing": 0.0 if met is None else 1 - met,
                "rare": rare,
            }
            yield terms.covered(own), {**_NOTHING, **lexical}
