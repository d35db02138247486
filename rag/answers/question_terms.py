"""What a question asks for: its stems with weights, its names, the kind of its answer.

Each stem weighs its inverse frequency in the passages of this archive, so that "Mexico" counts and
"write" hardly does; a stem that is nowhere in the archive weighs most. A stem of the other language
counts for one of the question's by the probability that the lexicon gives, and the same word as
documents in any language have it counts in full.

Not here: how a sentence is scored by it (`evidence`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index_store.analysis.folding import fold
from index_store.analysis.rarity import idf, idf_of_each
from index_store.analysis.stemming import is_stop_word, query_stems, stems
from index_store.store import IndexStore
from rag import dates, names
from rag.models.lexicon import Lexicon
from rag.questions.parsed import ParsedQuestion
from rag.retrieval import archive_terms
from rag.retrieval.query_expansion import expand_stem as stand_ins
from rag.retrieval.query_expansion import translates
from rag.text.languages import either, union

IMAGINARY_PASSAGES = 100
"""Smoothing: imaginary passages without the word, added before computing rarity."""

MIN_SEEN = 0.5
"""Passages, counted by weight, below which the archive does not have a word."""

MIN_COVERED = 0.5
"""Credit from which a text has a stem of the question."""

SURE_WEIGHT = 0.4
"""Weight of a translation from which it counts in full; a word with weaker ones counts less."""


_KINDS = ("person", "time", "number", "place", "reason")


def _asking(kind: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{either(lambda x: x.answers.kinds[kind])})\b", re.I)


_ASKS = {kind: _asking(kind) for kind in _KINDS}
_REASON = re.compile(rf"\b(?:{either(lambda x: x.answers.reason)})\b", re.I)
_SAYS = union(lambda x: x.verbs.say)
"""Folded words by which a question says that somebody said something. They are not stop words,
since they are still searched for."""

_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile(r"^\W*\d+\W{0,2}[.)]\s|\[\d+\]")
_NUMBER = re.compile(rf"\d|\b(?:{either(lambda x: x.answers.quantity)})\b", re.I)


class QuestionTerms:
    """What a question asks for: its stems with weights, its names, its answer type."""

    def __init__(self, question: ParsedQuestion, store: IndexStore) -> None:
        text = question.text
        total = len(store) + IMAGINARY_PASSAGES
        self.weights: dict[str, float] = {}
        self._credits: dict[str, dict[str, float]] = {}
        unseen = 0.0
        langs, lexicon = store.values("lang"), archive_terms.lexicon(store)
        self._lang = question.written_in
        content = _content_words(text, self._lang)
        for stem, word in self._by_stem([word[0] for word in content]).items():
            frequency, credits = _frequency_and_credits(word, langs, lexicon, store)
            self._credits[stem] = {stem: 1.0} | credits
            weight = idf(frequency, total)
            self.weights[stem] = weight
            unseen += weight if frequency < MIN_SEEN else 0.0
        self.mass = sum(self.weights.values()) or 1.0
        # Words of a language that is not translated are nowhere, whatever the archive tells.
        met = any(translates(self._lang, lang) for lang in langs)
        self.unseen = unseen / self.mass if met else 0.0
        self.names = [word for name in question.names for word in long_words(name)]
        self.types = [name for name, pattern in _ASKS.items() if pattern.search(text)]

    def _by_stem(self, words: Sequence[str]) -> dict[str, str]:
        """The stems that carry meaning, in order, each with a word that has it."""
        found: dict[str, str] = {}
        for word in words:
            for stem in stems(word, self._lang):
                found.setdefault(stem, word)
        asked = query_stems(" ".join(words), self._lang, self._lang)
        return {stem: found.get(stem, stem) for stem in asked}

    def cover(self, present: frozenset[str]) -> float:
        """The share of the question's weight that a text with these stems has."""
        return sum(w * self._credit(stem, present) for stem, w in self.weights.items()) / self.mass

    def rare(self, sentences: Sequence[frozenset[str]]) -> list[float]:
        """How much each sentence of a passage, given by its stems, has of the question that the
        others lack: the mean inverse frequency, among them, of the question's stems in it."""
        credits = [[self._credit(stem, present) for stem in self.weights] for present in sentences]
        found = np.array(credits).reshape(len(sentences), len(self.weights))
        frequency = found.sum(axis=0)
        weights = idf_of_each(frequency, len(sentences))
        return [float(value) for value in found @ weights / max(1, len(weights))]

    def share_of_names(self, text: str, lang: str = "en") -> float | None:
        """The share of the question's names that stand in a text stemmed as `lang`, in either
        alphabet; None where it has no names."""
        if not self.names:
            return None
        words = set(long_words(text))
        known = {names.skeleton(word) for word in words}
        unmatched = [name for name in self.names if names.skeleton(name) not in known]
        present = frozenset(stems(" ".join(words), lang)) if unmatched else frozenset()
        missing = [name for name in unmatched if not self.stands(name, present)]
        return 1 - len(missing) / len(self.names)

    def covered(self, present: frozenset[str]) -> frozenset[str]:
        """The question's stems that such a text more likely has than not."""
        return frozenset(s for s in self.weights if self._credit(s, present) >= MIN_COVERED)

    def stands(self, word: str, present: frozenset[str]) -> bool:
        """Whether a text with these stems more likely than not has a word of the question."""
        own = [stem for stem in stems(word, self._lang) if stem in self.weights]
        return any(self._credit(stem, present) >= MIN_COVERED for stem in own)

    def _credit(self, stem: str, present: frozenset[str]) -> float:
        credits = self._credits[stem]
        return max((credits[other] for other in credits.keys() & present), default=0.0)

    def answers_type(self, sentence: str) -> float | None:
        """The share of the kinds of thing asked for that the sentence has; None where nothing
        particular is."""
        if not self.types:
            return None
        known = {names.skeleton(name) for name in self.names}
        tests = {
            "person": lambda: any(
                names.skeleton(word) not in known
                for name in names.names_in(sentence)
                for word in long_words(name)
            ),
            "place": lambda: bool(names.names_in(sentence)),
            "time": lambda: bool(dates.find(sentence)),
            "number": lambda: _has_number(sentence),
            "reason": lambda: bool(_REASON.search(sentence)),
        }
        return sum(tests[name]() for name in self.types) / len(self.types)


def _content_words(text: str, lang: str) -> list[re.Match[str]]:
    """The words of a question that say what it is about; none where it only asks."""
    words = [word for word in _WORD.finditer(text) if not is_stop_word(word[0], lang)]
    return [word for word in words if fold(word[0]) not in _SAYS] or words


def _frequency_and_credits(
    word: str, langs: Sequence[str], lexicon: Lexicon, store: IndexStore
) -> tuple[float, dict[str, float]]:
    """How many passages have a word of a question or its translations, and the credit of each stem
    of these, in documents of any of the languages.

    A translation's passages count by its weight. The likeliest stem that the store has gets full
    credit, the others in proportion to it.
    """
    total, credits = 0.0, dict[str, float]()
    for lang in langs:
        known: dict[str, float] = {}
        expanded: dict[str, float] = {}
        for stem in stems(word, store.stem_language(lang)):
            expanded |= stand_ins(stem, lang, lexicon, store.stems_from)
        for other, weight in expanded.items():
            if frequency := store.stem_frequency(other):
                known[other] = weight
                total += weight * frequency
        best = max(known.values(), default=1.0)
        for other, weight in known.items():
            sure = min(1.0, best / SURE_WEIGHT)
            credits[other] = max(credits.get(other, 0.0), sure * weight / best)
    return min(total, float(len(store))), credits


def _has_number(sentence: str) -> bool:
    """Whether the sentence has a number other than a date or list mark."""
    return _NUMBER.search(_MARK.sub(" ", dates.without_dates(sentence, " "))) is not None


def long_words(text: str) -> list[str]:
    """The words of more than two letters."""
    return [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 2]
