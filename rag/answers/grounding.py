"""Does a passage support a statement? Checked by code; the language model has no part in it.

Numbers, dates and names of the statement must stand in the passage or its document's heading, and
negation must agree. Then the statement's words, and those of each clause, must be covered by a few
sentences, and the encoder must find them similar where it reads both languages. The level is a
logistic model in `rag.models.calibration`, fitted on human answers and the passages they rest on. A
cross-encoder for natural language inference, where one is set, decides.

It does not notice swapped roles ("A told B" for "B told A"), unless an inference model is set, nor
errors that need world knowledge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index_store.analysis.folding import fold
from index_store.analysis.stemming import query_stems, stems
from index_store.analysis.stopwords import STOP_WORDS
from index_store.store import IndexStore
from index_store.types import Hit
from rag import dates, names
from rag.models import calibration
from rag.models.bundle import Models
from rag.records.description import header_of
from rag.retrieval import metonyms
from rag.text.detection import language_of
from rag.text.languages import either, union
from rag.text.numbers import numbers
from rag.text.sentences import sentences
from rag.types import Support

MAX_SENTENCES = 3
"""Sentences that may support one statement together."""

BOTH = ("en", "ru")
"""The languages whose words for a country are known."""

_LONGER = 0.03  # what each further sentence of a window must add to the share covered

Missing = Literal["number", "date", "name", "negation", "level", "contradicted"]

_NOT = re.compile(rf"\b(?:{either(lambda x: x.answers.negation)})\b|n[’']t\b", re.I)
_CLAUSE = re.compile(rf"[,;:()—–]|\b(?:{either(lambda x: x.answers.clause)})\b", re.I)
_REPORTING = frozenset(stems(" ".join(sorted(union(lambda x: x.verbs.reporting)))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one passage supports a statement, the sentences that do, and what is missing.

    `start` and `end` are offsets of the document's text.
    """

    support: Support
    start: int
    end: int
    score: float
    missing: Missing | None = None


class Checker:
    """Checks the statements of one answer against passages of one store."""

    def __init__(self, store: IndexStore, models: Models) -> None:
        self._store, self._models = store, models
        self._rarity: dict[str, float] = {}

    def check(self, statement: str, prose: str, hit: Hit) -> Verdict:
        """`prose` is the statement without words whose quotation has been placed in the passage."""
        text, offset = hit.passage.text, hit.passage.start
        heading = header_of(hit.document)
        start, end = self._window(statement, text)
        premise = text[start:end]
        missing = _missing(prose, premise, f"{heading}\n{text}", heading)
        if missing:
            return Verdict("unsupported", offset + start, offset + end, 0.0, missing)
        if self._models.judge is not None:
            entailed, contradicted = self._models.judge.entails(f"{heading}. {premise}", statement)
            if contradicted > max(entailed, 0.5):
                return Verdict("unsupported", offset + start, offset + end, 0.0, "contradicted")
            if entailed > 0.5:
                return Verdict("verified", offset + start, offset + end, entailed)
        asked = _content(prose)
        if not set(asked) - set(stems(hit.document.author or "")):
            return Verdict("verified", offset + start, offset + end, 1.0)
        score, threshold = self.score(prose, premise, heading, hit.document.lang)
        least = calibration.words().min_clause_coverage
        if score < threshold or self.least_clause_coverage(prose, premise, heading) < least:
            return Verdict("unsupported", offset + start, offset + end, score, "level")
        verbatim = _in_order(asked, stems(premise))
        support: Support = "verified" if verbatim else "supported"
        return Verdict(support, offset + start, offset + end, score)

    def compare(self, statement: str, hit: Hit) -> tuple[float, float | None, float]:
        """`features` and `least_clause_coverage` for the sentences of a hit that cover it best."""
        start, end = self._window(statement, hit.passage.text)
        premise, heading = hit.passage.text[start:end], header_of(hit.document)
        features = self.features(statement, premise, heading, hit.document.lang)
        return *features, self.least_clause_coverage(statement, premise, heading)

    def least_clause_coverage(self, prose: str, premise: str, heading: str) -> float:
        """Share covered of the clause that is covered least; 1.0 where there is none."""
        present = frozenset(stems(f"{premise} {heading}"))
        covered = (self._cover(_content(clause), present) for clause in clauses(prose))
        return min(covered, default=1.0)

    def score(self, prose: str, premise: str, heading: str, lang: str) -> tuple[float, float]:
        """Probability that the premise supports the prose, and the probability that is enough."""
        cover, cosine = self.features(prose, premise, heading, lang)
        level = self._models.grounding_level(dense=cosine is not None)
        log_odds = level.intercept + level.cover * cover + level.cosine * (cosine or 0.0)
        return 1 / (1 + math.exp(-log_odds)), level.threshold

    def features(
        self, prose: str, premise: str, heading: str, lang: str
    ) -> tuple[float, float | None]:
        """Share covered, and cosine where the encoder reads both languages and is calibrated."""
        cover = self._cover(_content(prose), frozenset(stems(f"{premise} {heading}")))
        models = self._models
        if not (
            models.calibration.grounding and models.reads(language_of(prose))
        ) or not models.reads(lang):
            return cover, None
        a, b = models.encoder.encode_passages([prose, premise])
        return cover, round(float(a @ b), 6)

    def _cover(self, asked: Sequence[str], present: frozenset[str]) -> float:
        """Share of the stems, weighed by rarity, that are present."""
        weights = {stem: self._weight(stem) for stem in dict.fromkeys(asked)}
        mass = sum(weights.values())
        held = sum(w for stem, w in weights.items() if present & {stem, *_countries(stem)})
        return held / mass if mass else 1.0

    def _weight(self, stem: str) -> float:
        """The rarity of a stem, asked of the index once."""
        if stem not in self._rarity:
            frequency = self._store.stem_frequency(stem)
            self._rarity[stem] = math.log(1 + (len(self._store) + 1) / (frequency + 0.5))
        return self._rarity[stem]

    def _window(self, statement: str, text: str) -> tuple[int, int]:
        """The neighbouring sentences that cover most of the statement; offsets of the text."""
        spans = sentences(text)
        held = [frozenset(stems(text[a:b])) for a, b in spans]
        asked = _content(statement)
        best = spans[0]
        most = -1.0
        for first in range(len(spans)):
            present: frozenset[str] = frozenset()
            for last in range(first, min(first + MAX_SENTENCES, len(spans))):
                present |= held[last]
                worth = self._cover(asked, present) - _LONGER * (last - first)
                if worth > most + 1e-9:
                    most, best = worth, (spans[first][0], spans[last][1])
        return best


def says_something(text: str, least: int = 2) -> bool:
    """Whether the text has so many words at least that carry meaning."""
    words = {fold(word) for word in re.findall(r"[^\W_]+", text)}
    return sum(bool(_content(word)) for word in words) >= least


def clauses(text: str) -> list[str]:
    """The clauses that have two stems at least that carry meaning."""
    return [clause for clause in _CLAUSE.split(text) if says_something(clause)]


def _content(text: str) -> list[str]:
    """Stems that carry meaning, in order."""
    if all(fold(word) in STOP_WORDS for word in re.findall(r"[^\W_]+", text)):
        return []
    return [stem for stem in query_stems(text) if stem not in _REPORTING]


def _in_order(asked: Sequence[str], stored: Sequence[str]) -> bool:
    """Whether the stems stand in the stored ones in the same order."""
    following: Iterator[str] = iter(stored)
    return all(stem in following for stem in asked)


def _missing(prose: str, premise: str, context: str, heading: str) -> Missing | None:
    """The first thing of the statement that is missing in the passage.

    Numbers must stand in the sentences themselves or the heading, dates and names anywhere in
    the passage.
    """
    stated = [mention.date for mention in dates.find(prose)]
    known = [mention.date for mention in dates.find(context)]
    for date in stated:
        if not any(_within(other, date) for other in known):
            return "date"
    if numbers(prose) - numbers(f"{premise}\n{heading}"):
        return "number"
    if _unknown_names(prose, context):
        return "name"
    return None if _negation_agrees(prose, premise) else "negation"


def _within(known: dates.HistoricalDate, stated: dates.HistoricalDate) -> bool:
    """The date stated is the known one or a span around it."""
    if known.first is None or known.last is None or stated.first is None or stated.last is None:
        return known.edtf == stated.edtf
    return stated.first <= known.first and known.last <= stated.last


def _unknown_names(prose: str, context: str) -> bool:
    """Whether a name of the statement, or the word that opens it, is nowhere in the passage, or
    stands in the statement twice and in the passage once: then one is in somebody else's place."""
    # A word before it makes the opening word count as a name if it is capitalised.
    named = [
        word
        for name in names.names_in(f"x {prose}")
        for word in re.findall(r"[^\W\d_]{3,}", name)
        if fold(word) not in STOP_WORDS and not _REPORTING & set(stems(word))
    ]
    if not named:
        return False
    said, held = (re.findall(r"[^\W\d_]+", text) for text in (prose, context))
    return any(_times(name, held) < min(2, _times(name, said)) for name in dict.fromkeys(named))


def _times(name: str, words: Sequence[str]) -> int:
    """How often a name stands among the words, in any form, or the country that it stands for."""
    own = {other for stem in stems(name) for other in (stem, *_countries(stem))}
    return sum(bool(own & set(stems(word))) or names.same_word(name, word) for word in words)


def _countries(stem: str) -> set[str]:
    """Stems of the country that a capital stands for, as in "Tokyo refused"; else none."""
    own = language_of(stem)
    return {other for lang in BOTH for other in metonyms.country_stems(stem, own, lang)}


def _negation_agrees(prose: str, premise: str) -> bool:
    """Whether the clauses that the statement draws on are negated if and only if it is."""
    asked = set(_content(_NOT.sub(" ", prose)))
    if not asked:
        return True
    negated = False
    for clause in _CLAUSE.split(premise):
        held = set(_content(_NOT.sub(" ", clause)))
        if held and len(held & asked) >= len(held) / 2:
            negated = negated or _NOT.search(clause) is not None
    return negated == (_NOT.search(prose) is not None)
