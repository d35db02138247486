"""Trains the translation lexicon from pairs of sentences: `python -m eval train-lexicon DATA`.

Pairs are split into stems, the stems aligned, and the likeliest translations of each kept. The same
pairs give the same bytes. It takes about a minute and a gigabyte of memory.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.training.lexicon.ibm1 import Sides, Table, likeliest, translation_tables
from eval.training.lexicon.inflect import other_forms
from eval.training.lexicon.packing import make_side, save
from eval.training.lexicon.pairs import Pair, read_pairs
from index_store.analysis.folding import fold
from index_store.analysis.stemming import stems
from rag.errors import UsageError
from rag.models.lexicon import FILE, Lexicon, PackedWordList, Side

LEMMA_WEIGHT = 3.0
"""How often a form must occur for its own translations to weigh as much as those of its lemma."""

_WORD = re.compile(r"[^\W_]+")


class _Vocabulary:
    """Stems, numbered in order of appearance, with weighted frequencies and surface forms."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.seen: list[float] = []
        self.forms: dict[tuple[int, str], float] = {}
        self._known: dict[str, int | None] = {}

    def sentence(self, text: str, weight: float) -> list[int]:
        """The numbers of a text's stems, in order; counts them with this weight."""
        out = []
        for word in _WORD.findall(fold(text)):
            number = self.number(word)
            if number is not None:
                out.append(number)
                self.forms[number, word] = self.forms.get((number, word), 0.0) + weight
        for number in set(out):
            self.seen[number] += weight
        return out

    def number(self, word: str) -> int | None:
        """The number of a word's stem, a new one if need be; None where it has no stem."""
        if word not in self._known:
            found = stems(word)
            if found:
                self._known[word] = self.numbers.setdefault(found[0], len(self.numbers))
                if len(self.seen) < len(self.numbers):
                    self.seen.append(0.0)
            else:
                self._known[word] = None
        return self._known[word]

    def commonest(self) -> dict[int, str]:
        """Each stem's most frequent form, by its number; of equals the first in the alphabet."""
        best: dict[int, tuple[float, str]] = {}
        for (number, word), weight in self.forms.items():
            rank = (-weight, word)
            if number not in best or rank < best[number]:
                best[number] = rank
        return {number: word for number, (_, word) in best.items()}


def learn(pairs: Iterable[Pair]) -> Lexicon:
    """The lexicon of these pairs. Raises UsageError when there are none."""
    english, russian = _Vocabulary(), _Vocabulary()
    en, ru, weights = [], [], []
    entries: dict[str, None] = {}
    for pair in pairs:
        if pair.entry:
            entries[pair.ru] = None
        en.append(english.sentence(pair.en, pair.weight))
        ru.append(russian.sentence(pair.ru, pair.weight))
        weights.append(pair.weight)
    if not weights:
        raise UsageError("there are no sentence pairs to learn from")
    to_en, to_ru = translation_tables(
        Sides.of(en, len(english.numbers)), Sides.of(ru, len(russian.numbers)), np.array(weights)
    )
    to_en = _with_lemmas(to_en, russian, entries)
    english_words = _kept(english, to_ru, to_en)
    russian_words = _kept(russian, to_en, to_ru)
    forms = english.commonest()
    return Lexicon(
        {
            "en": _side(english, english_words, to_ru, russian, russian_words),
            "ru": _side(russian, russian_words, to_en, english, english_words),
        },
        PackedWordList(forms[english.numbers[word]] for word in english_words),
    )


def _with_lemmas(table: Table, russian: _Vocabulary, entries: Iterable[str]) -> Table:
    """The table in which the forms of dictionary words also have the translations of the word.

    A form's own translations have its frequency as their weight, those of the word `LEMMA_WEIGHT`.
    """
    known: dict[int, dict[int, float]] = {}
    for source, target, p in zip(table.source, table.target, table.p, strict=True):
        known.setdefault(int(source), {})[int(target)] = float(p)
    lent: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for entry in entries:
        lemma = russian.number(fold(entry))
        if lemma is None or lemma not in known:
            continue
        for form in other_forms(entry):
            number = russian.number(fold(form))
            if number is not None:
                for target, p in known[lemma].items():
                    lent[number][target] += p
    for number, shared in lent.items():
        for target, p in known.get(number, {}).items():
            shared[target] += p * russian.seen[number] / LEMMA_WEIGHT
        total = sum(shared.values())
        known[number] = {target: p / total for target, p in shared.items()}
    links = [(source, target, p) for source, own in known.items() for target, p in own.items()]
    source, target, p = (np.array(column) for column in zip(*links, strict=True))
    return likeliest(source, target, p, len(russian.seen))


def _kept(vocabulary: _Vocabulary, as_source: Table, as_target: Table) -> list[str]:
    """The words that either table has, sorted."""
    used = np.zeros(len(vocabulary.numbers), bool)
    used[as_source.source] = used[as_target.target] = True
    return sorted(word for word, number in vocabulary.numbers.items() if used[number])


def _side(
    own: _Vocabulary, words: list[str], table: Table, other: _Vocabulary, others: list[str]
) -> Side:
    """One side of the lexicon, with words and translations numbered by their order."""
    rank = _renumbered(own, words)
    order = np.argsort(rank[table.source], kind="stable")
    ranked = Table(rank[table.source][order], table.target[order], table.p[order])
    seen = [own.seen[own.numbers[word]] for word in words]
    return make_side(words, seen, ranked, _renumbered(other, others))


def _renumbered(vocabulary: _Vocabulary, words: list[str]) -> NDArray[np.int64]:
    """The place of each stem in `words`, by its number; -1 for those left out."""
    out = np.full(len(vocabulary.numbers), -1, np.int64)
    out[[vocabulary.numbers[word] for word in words]] = np.arange(len(words))
    return out


def train(data: Path, out: Path = FILE) -> dict[str, Any]:
    """Learns the lexicon from the pairs under `data` and writes it to `out`.

    Returns a record of the file, as JSON. Raises UsageError for data that cannot be used.
    """
    lexicon = learn(read_pairs(data))
    save(lexicon, out)
    content = out.read_bytes()
    return {
        "file": str(out),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "translations": {lang: len(side.targets) for lang, side in lexicon.sides.items()},
    }
