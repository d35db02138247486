"""Numbers of a text, in digits and in English and Russian words, as plain digits.

Not here: dates, fractions in words, numbers put together of several words ("twenty-one" is 20
and 1). "One" and "один" are left out, which are seldom numbers.
"""

from __future__ import annotations

import re

_DIGITS = re.compile(r"\d{1,3}(?:[ \xa0\u202f,.]\d{3})+(?!\d)|\d+")
_ENGLISH = [
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_VALUES = {word: str(n) for n, word in enumerate(_ENGLISH, 2)}
_VALUES |= {
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
    "eighty": "80", "ninety": "90", "hundred": "100", "hundreds": "100", "thousand": "1000",
    "thousands": "1000", "million": "1000000", "millions": "1000000", "dozen": "12",
}  # fmt: skip
_RUSSIAN = (
    (r"дв(?:а|е|ух|ум|умя)", "2"), (r"тр(?:и|[её]х|[её]м|емя)", "3"),
    (r"четыр(?:е|[её]х|[её]м|ьмя)", "4"), (r"пят(?:ь|и|ью)", "5"), (r"шест(?:ь|и|ью)", "6"),
    (r"сем(?:ь|и|ью)", "7"), (r"вос(?:емь|ьми|емью)", "8"), (r"девят(?:ь|и|ью)", "9"),
    (r"десят(?:ь|и|ью)", "10"), (r"одиннадцат(?:ь|и|ью)", "11"), (r"двенадцат(?:ь|и|ью)", "12"),
    (r"тринадцат(?:ь|и|ью)", "13"), (r"четырнадцат(?:ь|и|ью)", "14"),
    (r"пятнадцат(?:ь|и|ью)", "15"), (r"шестнадцат(?:ь|и|ью)", "16"),
    (r"семнадцат(?:ь|и|ью)", "17"), (r"восемнадцат(?:ь|и|ью)", "18"),
    (r"девятнадцат(?:ь|и|ью)", "19"), (r"двадцат(?:ь|и|ью)", "20"), (r"тридцат(?:ь|и|ью)", "30"),
    (r"сорока?", "40"), (r"пят(?:ьдесят|идесяти)", "50"), (r"шест(?:ьдесят|идесяти)", "60"),
    (r"сем(?:ьдесят|идесяти)", "70"), (r"вос(?:емьдесят|ьмидесяти)", "80"),
    (r"девяност[оа]", "90"), (r"ст[оа]", "100"), (r"двести|двухсот", "200"), (r"триста", "300"),
    (r"тысяч\w{0,3}", "1000"), (r"миллион\w{0,3}", "1000000"), (r"дюжин\w{0,2}", "12"),
)  # fmt: skip
_RUSSIAN_WORDS = re.compile("|".join(f"({form})" for form, _ in _RUSSIAN))
_WORD = re.compile(r"[^\W\d_]+")


def numbers(text: str) -> set[str]:
    """The numbers as digits without separators and leading zeros. Takes linear time."""
    found = {
        re.sub(r"\D", "", match.group()).lstrip("0") or "0" for match in _DIGITS.finditer(text)
    }
    for match in _WORD.finditer(text.lower()):
        word = match.group()
        if word in _VALUES:
            found.add(_VALUES[word])
        elif russian := _RUSSIAN_WORDS.fullmatch(word):
            found.add(_RUSSIAN[(russian.lastindex or 1) - 1][1])
    return found
