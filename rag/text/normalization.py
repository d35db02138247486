"""Normalization of quotations: which differences are typography and which are of words.

`key` is the coarse search key: letters and digits alone. `equal_ignoring_typography` decides: two
strings are equal if they differ only in Unicode composition (NFC, NFD), white space, soft hyphens,
hyphenation at line ends, quotation marks or dashes. Differences in case, letters, digits, ё and е,
brackets, commas and stops count. There is no compatibility folding: № is not No, ½ is not 1/2.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

QUOTES = "\"'«»„“”‟‘’‚‛‹›`´′″"
_DASHES = "-‐‑‒–—―−⸺⸻"
_INVISIBLE = "\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
)
_BREAK = "\x00"  # marks a hyphen at a line end, which may belong to the word or not
_CLASSES = {ord(c): "'" for c in QUOTES} | {ord(c): "-" for c in _DASHES}
_VISIBLE = str.maketrans("", "", _INVISIBLE)

_NOT_KEY = re.compile(r"[\W_]+")
_RUN = re.compile(r"[^\W_]+")
_LINE_END_HYPHEN = re.compile(
    r"(?<=[^\W\d_])[-‐¬\xad][ \t]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])[ \t]*"
)
_SPACE = re.compile(r"\s+")
_DASH_RUN = re.compile(r"-{2,}")


def key(text: str) -> str:
    """The NFC letters and digits of the text, case kept; marks that do not compose are dropped.

    Texts that differ only in typography have equal keys; texts with equal keys may differ in more.
    """
    return _NOT_KEY.sub("", unicodedata.normalize("NFC", text))


class Keyed:
    """The key of a text, with the offsets of the text for each place in the key."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._in_key: list[int] = []
        self._in_text: list[int] = []
        parts: list[str] = []
        if unicodedata.is_normalized("NFC", text):
            length = 0
            for match in _RUN.finditer(text):
                self._in_key.append(length)
                self._in_text.append(match.start())
                parts.append(match.group())
                length += len(parts[-1])
        else:
            self._add_clusters(parts)
        self.key = "".join(parts)

    def _add_clusters(self, parts: list[str]) -> None:
        """Adds each letter with its marks separately, because composition may change them."""
        text, length, start = self.text, 0, 0
        while start < len(text):
            end = _cluster_end(text, start + 1)
            letters = key(text[start:end])
            for letter in letters:
                self._in_key.append(length)
                self._in_text.append(start)
                parts.append(letter)
                length += 1
            start = end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the text of the key's [start:end], `end` > `start`, with the marks of the last
        letter."""
        return self._offset(start), _cluster_end(self.text, self._offset(end - 1) + 1)

    def _offset(self, place: int) -> int:
        run = bisect_right(self._in_key, place) - 1
        return self._in_text[run] + place - self._in_key[run]


def _cluster_end(text: str, position: int) -> int:
    """The offset after the marks (and Hangul vowels and finals) of the letter before."""
    while position < len(text) and is_mark(text[position]):
        position += 1
    return position


def is_mark(character: str) -> bool:
    """Whether the character belongs to the letter before it."""
    return character > "\u02ff" and (
        unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"
    )


def is_letter(character: str) -> bool:
    """Whether the character is part of a word: a letter, a digit or a mark on one."""
    return character.isalnum() or is_mark(character)


def canonical(text: str) -> str:
    """The normalized text: composed, with one kind of space, quotation mark and dash, spaces only
    between words, and a sign that may be skipped for a hyphen at a line end."""
    text = unicodedata.normalize("NFC", text.replace(_BREAK, "\ufffd"))
    text = _LINE_END_HYPHEN.sub(_BREAK, text).translate(_VISIBLE).translate(_CLASSES)
    # Before the spaces go: "--" is a dash, "— —" are two.
    text = _SPACE.sub(" ", _DASH_RUN.sub("-", text)).strip(" ")
    kept = [
        character
        for i, character in enumerate(text)
        if character != " " or (_is_wordy(text[i - 1]) and _is_wordy(text[i + 1]))
    ]
    return "".join(kept)


def _is_wordy(character: str) -> bool:
    return character == _BREAK or is_letter(character)


def equal_ignoring_typography(quoted: str, stored: str) -> bool:
    """Whether the quotation differs from the stored text only in typography.

    At its edges the quotation may have other quotation marks or none, and no final full stop.
    """
    left, right = canonical(quoted).strip("'"), canonical(stored).strip("'")
    if right.endswith(".") and not right.endswith("..") and not left.endswith("."):
        right = right[:-1].rstrip("'")
    return _equal(left, right)


def agree(quoted: str, stored: str) -> bool:
    """Whether two texts differ only in typography, at the edges too."""
    return _equal(canonical(quoted), canonical(stored))


def _equal(left: str, right: str) -> bool:
    """Equality in which a line-end hyphen equals a hyphen or, inside a word, nothing."""
    if left == right:
        return True
    if _BREAK not in left and _BREAK not in right:
        return False
    i = j = 0
    while i < len(left) or j < len(right):
        a, b = left[i : i + 1], right[j : j + 1]
        if a == b or {a, b} == {_BREAK, "-"}:
            i, j = i + 1, j + 1
        elif a == _BREAK and _one_word(left, i):
            i += 1
        elif b == _BREAK and _one_word(right, j):
            j += 1
        else:
            return False
    return True


def _one_word(text: str, position: int) -> bool:
    """Whether the line-end hyphen may be no part of the word. It is part of it between a small
    letter and a capital."""
    following = text[position + 1 : position + 2]
    return following.isalpha() and not (following.isupper() and text[position - 1].islower())
