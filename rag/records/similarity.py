"""Whether two texts are copies of one text: misread, respelled, cut short or with a heading added.

Words are compared in their order. One text may be longer than the other; but where each has
another number or name in the same place, the texts are about two things, even if all else is
alike. So two copies of one printed form, filled in differently, are not copies of each other. The
result is symmetrical and depends on the two texts alone. The thresholds were chosen on published
letters and papers in English and Russian (docs/evaluation.md).

Not here: which pairs to compare (`rag.records.minhash`); a text that is part of a much longer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import Indel, Levenshtein

from index_store.analysis.folding import fold

MIN_SHARED_WORDS = 0.8
"""Share of the words of both texts that copies have in common."""

MIN_WORDS, MAX_WORDS = 40, 100_000
"""Words of a text: fewer prove nothing, more take too long."""

MAX_OTHER_WORDS = 0.02
"""Share of the shorter text's words in whose place the other may have other words."""

MAX_OTHER_NAMES = 0.001
"""The same where both have a name in that place."""

MAX_OTHER_NUMBERS = 0.05
"""Share of the numbers that may differ: slips, but not another date or sum."""

MISREAD_NUMBER_FACTOR = 4
"""A number is misread in one figure this many times as often as a word is misread. Where words
are misread, as many numbers may differ in addition."""

_MAX_MISREAD_LETTERS = 0.5
"""Share of a word's letters that may differ where it was misread or is spelled differently."""

_LINE_END_HYPHEN = re.compile(r"(?<=\w)[-¬\xad]\s*\n\s*(?=\w)")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<=[\w,;:] )[^\W\d_a-zа-яё]\w{2,}")
_NO_DIGITS = re.compile(r"\D+")

Tokens = list[str]


@dataclass(frozen=True, slots=True)
class Worded:
    """The folded words of a text, and those of them that have a capital inside a sentence."""

    words: Tokens
    names: frozenset[str]


def worded(text: str) -> Worded:
    """The words of a text; those divided at the end of a line are joined."""
    text = _SPACE.sub(" ", _LINE_END_HYPHEN.sub("", text))
    return Worded(_words(text), frozenset(_words(" ".join(_NAME.findall(text)))))


def _words(text: str) -> Tokens:
    return _WORD.findall(fold(text))


def alike(one: Worded, other: Worded) -> float:
    """The share of their words that two copies have in common, 0 to 1; 0 for texts that are no
    copies of each other."""
    short, long = sorted((one, other), key=lambda text: (len(text.words), text.words))
    return _share(short.words, long.words, short.names | long.names)


def _share(short: Tokens, long: Tokens, names: frozenset[str]) -> float:
    both = len(short) + len(long)
    if len(short) < MIN_WORDS or len(long) > MAX_WORDS or 2 * len(short) < MIN_SHARED_WORDS * both:
        return 0.0
    if not Indel.normalized_similarity(short, long, score_cutoff=MIN_SHARED_WORDS / 2):
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
    changed += max(0, slips - int(MISREAD_NUMBER_FACTOR * numbers * misread / len(short)))
    share = 2 * (same + misread) / both
    kept = (
        unlike <= MAX_OTHER_WORDS * len(short)
        and named <= MAX_OTHER_NAMES * len(short)
        and changed <= MAX_OTHER_NUMBERS * numbers
    )
    return share if kept and share >= MIN_SHARED_WORDS else 0.0


def _blocks(one: Tokens, other: Tokens) -> Iterator[tuple[Tokens, Tokens]]:
    """Aligned parts of both texts: equal words, and the words of each between equal ones."""
    steps = Levenshtein.opcodes(one, other)
    for _, run in groupby(steps, key=lambda step: step.tag == "equal"):
        pieces = list(run)
        first, last = pieces[0], pieces[-1]
        yield one[first.src_start : last.src_end], other[first.dest_start : last.dest_end]


def _changed(one: Tokens, other: Tokens) -> int:
    """By how many figures the numbers in two aligned parts differ; 0 if one part has none."""
    left, right = (_NO_DIGITS.sub("", "".join(words)) for words in (one, other))
    return Levenshtein.distance(left, right) if left and right else 0


def _same_words(one: Tokens, other: Tokens) -> bool:
    """Whether these are the same words misread, perhaps with words added before or after them."""
    short, long = sorted((one, other), key=len)
    n = len(short)
    return any(_misread(short, words) for words in (long, long[:n], long[-n:]))


def _misread(one: Tokens, other: Tokens) -> bool:
    left, right = "".join(one), "".join(other)
    most = max(1, int(_MAX_MISREAD_LETTERS * max(len(left), len(right))))
    return Levenshtein.distance(left, right, score_cutoff=most) <= most
