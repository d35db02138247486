"""The translation lexicon: translation probabilities between English and Russian stems.

It is one numpy file, loaded in a fraction of a second without torch. Its stems are those of the
lexical index, so that a translation can be looked up there directly.

Not here: how the lexicon is trained (`eval.training.lexicon`), how a question is expanded with it
(`rag.retrieval.query_expansion`).
"""

from __future__ import annotations

import hashlib
import io
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rag.errors import FondsError
from rag.models.once import once

FILE = Path(__file__).with_name("lexicon.npz")
LANGUAGES = ("en", "ru")

PROBABILITY_STEPS = 255
"""Probabilities are stored as whole multiples of 1 / PROBABILITY_STEPS."""

TermTranslations = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Language → stem → stems of the other language, each with its weight, at most 1."""


class PackedWordList:
    """A list of words kept as one byte string; a word is decoded only when it is looked up."""

    def __init__(self, words: Iterable[str] | bytes) -> None:
        self.joined = words if isinstance(words, bytes) else "\n".join(words).encode()
        ends = np.flatnonzero(np.frombuffer(self.joined, np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1])
        self._ends = np.append(ends, len(self.joined))

    def __len__(self) -> int:
        return len(self._starts) if self.joined else 0

    def __getitem__(self, number: int) -> str:
        return self.joined[self._starts[number] : self._ends[number]].decode()

    def find(self, word: str) -> int | None:
        """The index of a word; None when it is not in the list. The list must be sorted."""
        number = bisect_left(range(len(self)), word, key=self.__getitem__)
        return number if number < len(self) and self[number] == word else None


@dataclass(frozen=True, slots=True)
class Side:
    """One language of the lexicon: sorted stems, their frequencies and their translations.

    `frequencies[i]` is the number of training pairs with stem i (weighted, rounded).
    `starts[i]:starts[i + 1]` is the range of its translations in `targets` (indices of stems of the
    other side) and in `p` (their probabilities, in descending order).
    """

    words: PackedWordList
    frequencies: NDArray[np.uint16]
    starts: NDArray[np.int64]
    targets: NDArray[np.int32]
    p: NDArray[np.float64]

    def translations(self, number: int) -> Iterator[tuple[int, float]]:
        """The translations of stem `number`: indices of stems of the other side, probabilities."""
        span = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return zip(self.targets[span].tolist(), self.p[span].tolist(), strict=True)


class Lexicon:
    """Translations of stems. Read-only; safe to share between threads."""

    def __init__(self, sides: Mapping[str, Side], forms: PackedWordList, digest: str = "") -> None:
        self.sides = sides
        self.forms = forms
        self.digest = digest
        self._archive_terms: TermTranslations = {}

    def with_archive_terms(self, terms: TermTranslations) -> Lexicon:
        """A copy that also knows an archive's own terms; see `rag.retrieval.term_mining`."""
        copy = Lexicon(self.sides, self.forms, self.digest)
        copy._archive_terms = terms
        return copy

    def translations(self, stem: str, lang: str) -> dict[str, float]:
        """Stems of the other language with their probabilities, in descending order.

        `lang` is the language of `stem`. Empty for an unknown stem.
        """
        found = dict(self._archive_terms.get(lang, {}).get(stem, {}))
        number = self.sides[lang].words.find(stem)
        if number is not None:
            other = self.sides[other_language(lang)].words
            for target, p in self.sides[lang].translations(number):
                found[other[target]] = max(p, found.get(other[target], 0.0))
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def frequency(self, stem: str, lang: str) -> int:
        """The number of training pairs with the stem (weighted, rounded); 0 if unknown."""
        side = self.sides[lang]
        number = side.words.find(stem)
        return 0 if number is None else int(side.frequencies[number])

    def surface_form(self, stem: str) -> str:
        """The most frequent English word with this stem; the stem itself if unknown."""
        number = self.sides["en"].words.find(stem)
        return stem if number is None else self.forms[number]


def other_language(lang: str) -> str:
    """ "ru" for "en" and the reverse."""
    return LANGUAGES[lang == LANGUAGES[0]]


def load(path: Path = FILE) -> Lexicon:
    """Reads a lexicon file. Raises FondsError when it is missing or damaged."""
    try:
        content = path.read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            sides = {
                lang: Side(
                    _unpacked(arrays[f"{lang}_words"]),
                    arrays[f"{lang}_seen"],
                    np.concatenate([[0], np.cumsum(arrays[f"{lang}_counts"], dtype=np.int64)]),
                    arrays[f"{lang}_targets"],
                    arrays[f"{lang}_p"] / PROBABILITY_STEPS,
                )
                for lang in LANGUAGES
            }
            forms = _unpacked(arrays["forms"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise FondsError(
            f"the translation lexicon {path} cannot be read ({error}); install Fonds again"
        ) from error
    return Lexicon(sides, forms, hashlib.sha256(content).hexdigest())


@once
def bundled() -> Lexicon:
    """The lexicon that ships with Fonds, read once per process."""
    return load()


def _unpacked(array: NDArray[np.uint8]) -> PackedWordList:
    return PackedWordList(array.tobytes())
