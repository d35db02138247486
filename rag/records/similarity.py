"""Whether two texts are one text: copied, misread, respelled, cut short or given a head.

Judged by the words in their order, not by their stock. Where one text is only longer, the other
may still be its copy; where each has another number or name in the same place, they tell of two
things, however much of a form they share. So the texts of one form, filled in twice, are no copies.
Symmetrical, and true of the two texts alone. The shares were chosen on published letters and
papers in English and Russian (docs/evaluation.md).

Not here: which pairs to compare (`sketches`); a text that stands inside a much longer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import Indel, Levenshtein

from index_store.analysis.folding import fold

LEAST = 0.8
"""Share of the words of both texts that copies have in common."""

FEWEST, MOST = 40, 100_000
"""Words that a text must have, and may have: fewer prove nothing, more take too long."""

UNLIKE = 0.02
"""Share of the shorter text's words in whose place the other may have other words."""

NAMES = 0.001
"""The same, where both have a name there."""

NUMBERS = 0.05
"""Share of the numbers that may be others: a slip of the pen, but not another date or sum."""

SLIPS = 4
"""How many times likelier than a word a number is to be misread in one figure: where words are
misread, so many numbers may be too."""

_MISREAD = 0.5
"""Share of a word's letters that may be others where it was misread or is spelled otherwise."""

_LINE_END_HYPHEN = re.compile(r"(?<=\w)[-¬\xad]\s*\n\s*(?=\w)")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<=[\w,;:] )[^\W\d_a-zа-яё]\w{2,}")
_NO_DIGITS = re.compile(r"\D+")

Words = list[str]


@dataclass(frozen=True, slots=True)
class Worded:
    """A text as it is compared: its words, and which of them have a capital inside a sentence."""

    words: Words
    names: frozenset[str]


def worded(text: str) -> Worded:
    """The folded words of a text, whole where a line's end parts them."""
    text = _SPACE.sub(" ", _LINE_END_HYPHEN.sub("", text))
    return Worded(_words(text), frozenset(_words(" ".join(_NAME.findall(text)))))


def _words(text: str) -> Words:
    return _WORD.findall(fold(text))


def alike(one: Worded, other: Worded) -> float:
    """The share of their words that two texts have in common; 0 where they are no copies."""
    short, long = sorted((one, other), key=lambda text: (len(text.words), text.words))
    return _share(short.words, long.words, short.names | long.names)


def _share(short: Words, long: Words, names: frozenset[str]) -> float:
    both = len(short) + len(long)
    if len(short) < FEWEST or len(long) > MOST or 2 * len(short) < LEAST * both:
        return 0.0
    if not Indel.normalized_similarity(short, long, score_cutoff=LEAST / 2):
        return 0.0
    same = misread = unlike = named = slips = changed = 0
    for one, other in _blocks(short, long):
        n = min(len(one), len(other))
        if one == other:
            same += n
        elif n and (figures := _changed(one, other)):
            slips += figures == 1
            changed += figures > 1
        elif n and _same_words(one, other):
            misread += n
        else:
            unlike += n
            named += n and not (names.isdisjoint(one) or names.isdisjoint(other))
    numbers = min(sum(word.isdecimal() for word in words) for words in (short, long))
    changed += max(0, slips - int(SLIPS * numbers * misread / len(short)))
    share = 2 * (same + misread) / both
    kept = (
        unlike <= UNLIKE * len(short)
        and named <= NAMES * len(short)
        and changed <= NUMBERS * numbers
    )
    return share if kept and share >= LEAST else 0.0


def _blocks(one: Words, other: Words) -> Iterator[tuple[Words, Words]]:
    """Both texts in pieces that face each other: equal ones, and what stands between them."""
    steps = Levenshtein.opcodes(one, other)
    for _, run in groupby(steps, key=lambda step: step.tag == "equal"):
        pieces = list(run)
        first, last = pieces[0], pieces[-1]
        yield one[first.src_start : last.src_end], other[first.dest_start : last.dest_end]


def _changed(one: Words, other: Words) -> int:
    """By how many figures the numbers of facing words differ; 0 where one side has none."""
    left, right = (_NO_DIGITS.sub("", "".join(words)) for words in (one, other))
    return Levenshtein.distance(left, right) if left and right else 0


def _same_words(one: Words, other: Words) -> bool:
    """Whether these are the same words misread, perhaps before or behind words that were added."""
    short, long = sorted((one, other), key=len)
    n = len(short)
    return any(_misread(short, words) for words in (long, long[:n], long[-n:]))


def _misread(one: Words, other: Words) -> bool:
    left, right = "".join(one), "".join(other)
    most = max(1, int(_MISREAD * max(len(left), len(right))))
    return Levenshtein.distance(left, right, score_cutoff=most) <= most
