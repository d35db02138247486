"""Numbers of a text, in digits and in words, as plain digits.

Not here: dates, fractions in words, numbers made of several words ("twenty-one" is 20 and 1).
"One" and "один" are left out, because they are rarely numbers.
"""

from __future__ import annotations

import re

from rag.text.languages import LANGUAGES

_DIGITS = re.compile(r"\d{1,3}(?:[ \xa0\u202f,.]\d{3})+(?!\d)|\d+")
_WORD = re.compile(r"[^\W\d_]+")

_NUMBERS = {form: digits for language in LANGUAGES for form, digits in language.numbers.items()}
_VALUES = {form: digits for form, digits in _NUMBERS.items() if form.isalpha()}
_INFLECTED = [(form, digits) for form, digits in _NUMBERS.items() if not form.isalpha()]
_INFLECTED_WORD = re.compile("|".join(f"({form})" for form, _ in _INFLECTED))


def numbers(text: str) -> set[str]:
    """The numbers as digits without separators and leading zeros. Takes linear time."""
    found = {
        re.sub(r"\D", "", match.group()).lstrip("0") or "0" for match in _DIGITS.finditer(text)
    }
    for match in _WORD.finditer(text.lower()):
        word = match.group()
        if word in _VALUES:
            found.add(_VALUES[word])
        elif inflected := _INFLECTED_WORD.fullmatch(word):
            found.add(_INFLECTED[(inflected.lastindex or 1) - 1][1])
    return found
