"""The translation lexicon: probabilities between English and Russian stems, with frequencies.

One numpy file, read in a fraction of a second without torch. Words are stems as the lexical
index makes them, so that a translation is something that can be looked up there.

Not here: how it is learned (`ibm1`, `train`), how a question uses it (`terms`).
"""

from __future__ import annotations

import hashlib
import io
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rag.errors import FondsError

FILE = Path(__file__).with_name("lexicon.npz")
LANGUAGES = ("en", "ru")
PIVOT_WEIGHT = 0.5
PIVOT_LEAST = 0.03
_STEPS = 255  # probabilities are stored in as many steps


class Words:
    """A list of words in one piece of memory: nothing is made of it before it is looked up."""

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
        """The number of a word in a list that is in order; None when it is not there."""
        number = bisect_left(range(len(self)), word, key=self.__getitem__)
        return number if number < len(self) and self[number] == word else None


@dataclass(frozen=True, slots=True)
class Side:
    """One language: its words in order, how often each was seen, its translations.

    `starts[i]:starts[i + 1]` are the translations of word i in `targets` (numbers of words of
    the other side) and `p` (probabilities, falling).
    """

    words: Words
    seen: NDArray[np.uint16]
    starts: NDArray[np.int64]
    targets: NDArray[np.int32]
    p: NDArray[np.float64]

    def of(self, number: int) -> Iterator[tuple[int, float]]:
        """Translations of a word, by numbers of the other side, with their probabilities."""
        span = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return zip(self.targets[span].tolist(), self.p[span].tolist(), strict=True)


class Lexicon:
    """Translations of stems. Pure look-ups; safe to share between threads."""

    def __init__(self, sides: Mapping[str, Side], forms: Words, digest: str = "") -> None:
        self.sides = sides
        self.forms = forms
        self.digest = digest
        self._own: Mapping[str, Mapping[str, Mapping[str, float]]] = {}

    def taught(self, own: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Lexicon:
        """This lexicon with an archive's own terms beside its translations (see `own`)."""
        copy = Lexicon(self.sides, self.forms, self.digest)
        copy._own = own
        return copy

    def translations(self, stem: str, lang: str) -> dict[str, float]:
        """Stems of the other language with their probabilities, the likeliest first.

        `lang` is the language of `stem`. Empty for a stem never seen.
        """
        found = dict(self._own.get(lang, {}).get(stem, {}))
        number = self.sides[lang].words.find(stem)
        if number is not None:
            other = self.sides[other_language(lang)].words
            for target, p in self.sides[lang].of(number):
                found[other[target]] = max(p, found.get(other[target], 0.0))
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def synonyms(self, stem: str, lang: str) -> dict[str, float]:
        """Stems of the same language that share translations: through the other and back.

        Half of p(e'|e) = Σ p(f|e)·p(e'|f) where that is at least .03.
        """
        side, other = self.sides[lang], self.sides[other_language(lang)]
        number = side.words.find(stem)
        if number is None:
            return {}
        found: dict[int, float] = {}
        for middle, p in side.of(number):
            for back, q in other.of(middle):
                found[back] = found.get(back, 0.0) + PIVOT_WEIGHT * p * q
        found.pop(number, None)
        return {side.words[back]: p for back, p in found.items() if p >= PIVOT_LEAST}

    def seen(self, stem: str, lang: str) -> int:
        """In how many training pairs the stem stood (weighted, rounded); 0 if in none."""
        side = self.sides[lang]
        number = side.words.find(stem)
        return 0 if number is None else int(side.seen[number])

    def form(self, stem: str) -> str:
        """The commonest English word of a stem; the stem itself if it was never seen."""
        number = self.sides["en"].words.find(stem)
        return stem if number is None else self.forms[number]


def other_language(lang: str) -> str:
    """ "ru" for "en" and the reverse."""
    return LANGUAGES[lang == LANGUAGES[0]]


def load(path: Path = FILE) -> Lexicon:
    """Reads the file. Raises FondsError when it is missing or not whole."""
    try:
        content = path.read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            sides = {
                lang: Side(
                    _unpacked(arrays[f"{lang}_words"]),
                    arrays[f"{lang}_seen"],
                    np.concatenate([[0], np.cumsum(arrays[f"{lang}_counts"], dtype=np.int64)]),
                    arrays[f"{lang}_targets"],
                    arrays[f"{lang}_p"] / _STEPS,
                )
                for lang in LANGUAGES
            }
            forms = _unpacked(arrays["forms"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise FondsError(
            f"the translation lexicon {path} cannot be read ({error}); install Fonds again"
        ) from error
    return Lexicon(sides, forms, hashlib.sha256(content).hexdigest())


@cache
def bundled() -> Lexicon:
    """The lexicon that comes with Fonds, read once."""
    return load()


def _unpacked(array: NDArray[np.uint8]) -> Words:
    return Words(array.tobytes())
