"""Folding of text before it is indexed or searched, so that spellings of one word become equal.

Folded text is never shown and has other offsets than the text.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u0301"

MODERN_LETTERS = {"ё": "е", "ѣ": "е", "і": "и", "ѳ": "ф", "ѵ": "и"}
"""Lower-case Cyrillic letters and what they are folded to."""

_LETTERS = MODERN_LETTERS | dict.fromkeys("’‘ʼʹ`´", "'")
_FINAL_HARD_SIGN = re.compile(r"(?<=[бвгджзклмнпрстфхцчшщ])ъ(?!\w)")


def fold(text: str) -> str:
    """The text in lower case, with ё as е, pre-reform letters as modern ones, no invisible marks.

    It is composed (NFC) first, so that é is one letter in either composition; a stress mark that
    then remains stands on a Russian vowel and is dropped.
    """
    text = unicodedata.normalize("NFC", text)
    for mark in _INVISIBLE:  # looking for each is many times faster than str.translate
        text = text.replace(mark, "")
    text = text.lower()
    for letter, modern in _LETTERS.items():
        text = text.replace(letter, modern)
    return _FINAL_HARD_SIGN.sub("", text)
