"""Folding of text before it is indexed or searched: forms that a reader would call the same word.

What is folded here is never shown to anyone and has other offsets than the text.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u0301"
_LETTERS = {"ё": "е", "ѣ": "е", "і": "и", "ѳ": "ф", "ѵ": "и"} | dict.fromkeys("’‘ʼʹ`´", "'")
_FINAL_HARD_SIGN = re.compile(r"(?<=[бвгджзклмнпрстфхцчшщ])ъ(?!\w)")


def fold(text: str) -> str:
    """Lower case, ё as е, pre-reform letters as modern ones, without invisible marks.

    Composed first: a stress mark that remains stands on a Russian vowel and is dropped, while
    é is the same letter in either composition.
    """
    text = unicodedata.normalize("NFC", text)
    for mark in _INVISIBLE:  # looking for each is many times faster than str.translate
        text = text.replace(mark, "")
    text = text.lower()
    for letter, modern in _LETTERS.items():
        text = text.replace(letter, modern)
    return _FINAL_HARD_SIGN.sub("", text)
