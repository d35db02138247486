"""How well a sentence answers a question: features, a score and a calibrated confidence.

The reader says of each passage whether it answers, and how much of what answers stands in each of
its sentences. Lexical features say how much of the question's weight (`question_terms`) a sentence
covers, by its words or translations; they see the question's names, and are all there is without a
reader. The weights are in `rag.models.calibration`, fitted by `python -m eval fit`.

Not here: which sentences are shown (`selection`), how an abstention is worded (`messages`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index_store.analysis.stemming import stems
from index_store.store import IndexStore
from index_store.types import Hit
from rag.answers.question_terms import QuestionTerms
from rag.models.bundle import Models
from rag.models.calibration import EvidenceWeights
from rag.models.reader import Reading
from rag.questions.parsed import ParsedQuestion
from rag.records.boilerplate import is_boilerplate
from rag.records.description import header_of
from rag.retrieval.search import to_read
from rag.text.sentences import sentences

MAX_LOG_ODDS = 6.0
"""Log-odds of an answer beyond which more make no difference."""

MIN_SHARE = 1e-4
"""Share of the evidence below which less makes no difference."""

NAMELESS = 0.5
"""Share of the question's names that the best document lacks, from which no answer is clear."""

UNCLEAR = 0.01
"""How far below a clear answer's confidence such a one stays."""

FEATURES = (
    "sentence_cover",
    "context_cover",
    "unseen",
    "names_missing",
    "names_here",
    "answer_type",
    "type_missing",
    "rare",
    "answers",
    "share",
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
    question: ParsedQuestion, hits: Sequence[Hit], store: IndexStore, models: Models
) -> Findings:
    """The sentences of the hits' passages that may answer, best first; ties by place.

    Raises EncoderError.
    """
    weights, terms = models.evidence, QuestionTerms(question, store)
    if not terms.weights:
        return Findings((), 0.0, weights.threshold)
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    found = []
    readings: Sequence[Reading | None] = [None] * len(hits)
    if models.reader is not None:
        readings = models.read(question.text, [to_read(hit) for hit in hits])
    for hit, reading in zip(hits, readings, strict=True):
        spans = _content_sentences(hit)
        texts = [hit.document.text[start:end] for start, end in spans]
        context = _Context(terms, hit, texts, store.stem_language(hit.document.lang))
        for (start, end), (covered, features) in zip(spans, context.features(), strict=True):
            own = Evidence(hit, start, end, 0.0, features, covered)
            found.append(own if reading is None else _with_reading(own, reading))
    ranked = _ranked(found, weights, best)
    return Findings(tuple(ranked), confidence(ranked, weights), weights.threshold)


def _with_reading(evidence: Evidence, reading: Reading) -> Evidence:
    """The sentence with the features that the reader gives."""
    begin = evidence.hit.passage.start
    share = reading.share(evidence.start - begin, evidence.end - begin)
    features = {
        "answers": max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, reading.answers)),
        "share": math.log(max(MIN_SHARE, share)),
    }
    exact = {name: round(value, 5) for name, value in features.items()}
    return replace(evidence, features={**evidence.features, **exact})


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
    """Calibrated probability that the best evidence answers; 0 with no evidence.

    It stays below that of a clear answer where the document does not name whom the question names:
    what is asked of one person is often told of another.
    """
    if not evidence:
        return 0.0
    best = evidence[0]
    log_odds = weights.intercept + sum(
        weight * best.features[name] for name, weight in weights.confidence.items()
    )
    likely = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))
    nameless = best.features["names_missing"] >= NAMELESS
    return min(likely, weights.clear - UNCLEAR) if nameless else likely


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
