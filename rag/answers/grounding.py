"""Does a passage bear a statement out? Checked by code, the language model has no say.

Numbers, dates and names of the statement must stand in the passage or its document's heading,
and negation must agree; then the statement's words, and those of each clause, must be covered by
a few sentences, and the encoder must find them near where it reads both languages. The level is a
logistic model in `support.json`, fitted by `python -m eval.fit_support` on human answers and the
passages they rest on. A cross-encoder for natural language inference, where one is set, has the
last word.

What it does not see: roles exchanged in words that all stand in the passage ("A told B" for
"B told A", unless an inference model is set), and what only the world's knowledge would tell.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from index_store.analysis.folding import fold
from index_store.analysis.stemming import query_stems, stems
from index_store.analysis.stopwords import STOP_WORDS
from index_store.store import IndexStore
from index_store.types import Hit
from rag import dates, names
from rag.models.encoder import Encoder
from rag.records.description import header_of
from rag.text.detection import language_of
from rag.text.numbers import numbers
from rag.text.sentences import sentences
from rag.types import Support

LEVELS_FILE = Path(__file__).with_name("support.json")
WINDOW = 3
"""Sentences that may bear out one statement together."""

_LONGER = 0.03  # what each further sentence of a window must add to the share covered

Missing = Literal["number", "date", "name", "negation", "level", "contradicted"]

_NOT = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|without|не|ни|нет|никогда|"
    r"никто|никого|никому|ничто|ничего|нигде|нельзя|без)\b|n[’']t\b",
    re.I,
)
_CLAUSE = re.compile(r"[,;:()—–]|\b(?:and|but|while|although|because|и|а|но|хотя|потому)\b", re.I)
_REPORTING = frozenset(
    stem
    for stem in stems(
        "write wrote written writes state stated states report reported reports note noted notes "
        "say said tell told inform informed letter telegram document passage according mention "
        "mentioned написал пишет писал сообщил сообщает говорит сказал сказано письмо письме "
        "телеграмма "
        "телеграмме документ документе согласно отмечает указывает указал упоминает"
    )
)


class Judge(Protocol):
    """A model of natural language inference."""

    @property
    def name(self) -> str: ...
    def entails(self, premise: str, statement: str) -> tuple[float, float]:
        """Probabilities that the premise entails and that it contradicts the statement."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far one passage bears a statement out, the sentences that do, and what is lacking.

    `start` and `end` are offsets of the document's text.
    """

    support: Support
    start: int
    end: int
    score: float
    lack: Missing | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A logistic model of "borne out" over the share covered and the cosine."""

    intercept: float
    cover: float
    cosine: float
    enough: float
    clause: float
    """Share that must be covered of each clause, lest an invented one ride on a true one."""


@cache
def level(dense: bool) -> Level:
    """The fitted level with or without the encoder."""
    data = json.loads(LEVELS_FILE.read_text(encoding="utf-8"))
    return Level(**data["dense" if dense else "lexical"])


class Checker:
    """Checks statements against passages of one store."""

    def __init__(self, store: IndexStore, encoder: Encoder, judge: Judge | None = None) -> None:
        self._store, self._encoder, self._judge = store, encoder, judge

    def check(self, statement: str, prose: str, hit: Hit) -> Verdict:
        """`prose` is the statement without words whose quotation has been placed in the passage."""
        text, offset = hit.passage.text, hit.passage.start
        heading = header_of(hit.document)
        start, end = self._window(statement, text)
        premise = text[start:end]
        lack = _lacking(prose, premise, f"{heading}\n{text}", heading)
        if lack:
            return Verdict("unsupported", offset + start, offset + end, 0.0, lack)
        if self._judge is not None:
            entailed, contradicted = self._judge.entails(f"{heading}. {premise}", statement)
            if contradicted > max(entailed, 0.5):
                return Verdict("unsupported", offset + start, offset + end, 0.0, "contradicted")
            if entailed > 0.5:
                return Verdict("verified", offset + start, offset + end, entailed)
        asked = _content(prose)
        if not set(asked) - set(stems(hit.document.author or "")):
            return Verdict("verified", offset + start, offset + end, 1.0)
        score, enough = self.score(prose, premise, heading, hit.document.lang)
        if score < enough or self.least(prose, premise, heading) < level(dense=False).clause:
            return Verdict("unsupported", offset + start, offset + end, score, "level")
        verbatim = _in_order(asked, stems(premise))
        support: Support = "verified" if verbatim else "supported"
        return Verdict(support, offset + start, offset + end, score)

    def compare(self, statement: str, hit: Hit) -> tuple[float, float | None, float]:
        """`features` and `least` of a statement, of the sentences of a hit that cover it best."""
        start, end = self._window(statement, hit.passage.text)
        premise, heading = hit.passage.text[start:end], header_of(hit.document)
        features = self.features(statement, premise, heading, hit.document.lang)
        return *features, self.least(statement, premise, heading)

    def least(self, prose: str, premise: str, heading: str) -> float:
        """Share covered of the clause that is covered least; 1.0 where there is none."""
        present = frozenset(stems(f"{premise} {heading}"))
        covered = (self._cover(_content(clause), present) for clause in clauses(prose))
        return min(covered, default=1.0)

    def score(self, prose: str, premise: str, heading: str, lang: str) -> tuple[float, float]:
        """Probability that the premise bears the prose out, and the level that is enough."""
        cover, cosine = self.features(prose, premise, heading, lang)
        model = level(dense=cosine is not None)
        log_odds = model.intercept + model.cover * cover + model.cosine * (cosine or 0.0)
        return 1 / (1 + math.exp(-log_odds)), model.enough

    def features(
        self, prose: str, premise: str, heading: str, lang: str
    ) -> tuple[float, float | None]:
        """Share covered, and cosine where the encoder reads both languages."""
        from rag.models.encoder import reads

        cover = self._cover(_content(prose), frozenset(stems(f"{premise} {heading}")))
        if not reads(self._encoder, language_of(prose)) or not reads(self._encoder, lang):
            return cover, None
        a, b = self._encoder.encode([prose, premise])
        return cover, round(float(a @ b), 6)

    def _cover(self, asked: Sequence[str], present: frozenset[str]) -> float:
        """Share of the stems, weighed by rarity, that are present."""
        total = len(self._store)
        weights = {
            stem: math.log(1 + (total + 1) / (self._store.stem_frequency(stem) + 0.5))
            for stem in dict.fromkeys(asked)
        }
        mass = sum(weights.values())
        return sum(w for stem, w in weights.items() if stem in present) / mass if mass else 1.0

    def _window(self, statement: str, text: str) -> tuple[int, int]:
        """The neighbouring sentences that cover most of the statement; offsets of the text."""
        spans = sentences(text)
        held = [frozenset(stems(text[a:b])) for a, b in spans]
        asked = _content(statement)
        best = spans[0]
        most = -1.0
        for first in range(len(spans)):
            present: frozenset[str] = frozenset()
            for last in range(first, min(first + WINDOW, len(spans))):
                present |= held[last]
                worth = self._cover(asked, present) - _LONGER * (last - first)
                if worth > most + 1e-9:
                    most, best = worth, (spans[first][0], spans[last][1])
        return best


def clauses(text: str) -> list[str]:
    """The clauses that have two stems at least that carry meaning."""
    return [clause for clause in _CLAUSE.split(text) if len(set(_content(clause))) > 1]


def _content(text: str) -> list[str]:
    """Stems that carry meaning, in order."""
    if all(fold(word) in STOP_WORDS for word in re.findall(r"[^\W_]+", text)):
        return []
    return [stem for stem in query_stems(text) if stem not in _REPORTING]


def _in_order(asked: Sequence[str], stored: Sequence[str]) -> bool:
    """Whether the stems stand in the stored ones in the same order."""
    following: Iterator[str] = iter(stored)
    return all(stem in following for stem in asked)


def _lacking(prose: str, premise: str, context: str, heading: str) -> Missing | None:
    """The first thing of the statement that the passage lacks.

    Numbers must stand in the sentences themselves or the heading, dates and names anywhere in
    the passage.
    """
    told = [mention.date for mention in dates.find(prose)]
    known = [mention.date for mention in dates.find(context)]
    for date in told:
        if not any(_within(other, date) for other in known):
            return "date"
    if numbers(prose) - numbers(f"{premise}\n{heading}"):
        return "number"
    if _unknown_names(prose, context):
        return "name"
    return None if _negation_agrees(prose, premise) else "negation"


def _within(known: dates.HistoricalDate, told: dates.HistoricalDate) -> bool:
    """The date told is the known one or a span around it."""
    if known.first is None or known.last is None or told.first is None or told.last is None:
        return known.edtf == told.edtf
    return told.first <= known.first and known.last <= told.last


def _unknown_names(prose: str, context: str) -> bool:
    """Whether a name of the statement, or the word that opens it, is nowhere in the passage."""
    # A word before it makes the opening word count as a name if it is capitalised.
    told = [
        word
        for name in names.names_in(f"x {prose}")
        for word in re.findall(r"[^\W\d_]{3,}", name)
        if fold(word) not in STOP_WORDS and not _REPORTING & set(stems(word))
    ]
    if not told:
        return False
    words = dict.fromkeys(re.findall(r"[^\W\d_]+", context))
    held = frozenset(stems(context))
    return any(
        not held & set(stems(name)) and not any(names.same_word(name, word) for word in words)
        for name in told
    )


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
