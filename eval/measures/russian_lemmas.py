"""Whether an answer string occurs in a text; Russian words are also compared as lemmas.

Whole words are compared, in lower case with ё as е, without punctuation and spaces. Not here:
synonyms, numerals in words, transliteration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_WORD = re.compile(r"[^\W_]+")


def contains(text: str, answer: str) -> bool:
    """Whether the words of `answer` occur in `text` one after the other."""
    wanted, words = _words(answer), _words(text)
    if not wanted:
        return False
    if _occurs(wanted, words):
        return True
    if not any("а" <= letter <= "я" for word in wanted for letter in word):
        return False
    return _occurs([_lemma(w) for w in wanted], [_lemma(w) for w in words])


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFC", text).lower().replace("ё", "е")
    return _WORD.findall(folded)


def _occurs(wanted: Sequence[str], words: Sequence[str]) -> bool:
    joined = " ".join(words)
    return f" {' '.join(wanted)} " in f" {joined} "


@cache
def _lemma(word: str) -> str:
    parsed = _analyzer().parse(word)
    return str(parsed[0].normal_form).replace("ё", "е")


@cache
def _analyzer() -> MorphAnalyzer:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")
