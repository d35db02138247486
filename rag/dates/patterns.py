"""The forms of dates as regular expressions, and the numbers of months and seasons.

Each form is a pattern over text in lower case, with named groups and a bounded length, so that
searching takes time linear in the text. The words come from `rag.text.languages`;
`rag.dates.parsing` gives the forms their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from rag.dates.edtf import YEAR
from rag.text.language import DateWords
from rag.text.languages import LANGUAGES, either

S = r"\s{0,3}"
G = r"\s{1,3}"
DASH = r"[-–—]"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_I, _X = "[iі]", "[xх]"  # typed with Latin or Cyrillic letters
_ROMAN = rf"(?:{_I}{{1,3}}|{_I}?v|v{_I}{{1,3}}|{_I}?{_X}|{_X}{_I}{{1,2}})"


def _either(pattern: Callable[[DateWords], str]) -> str:
    """The alternatives of every language; a space in them is a gap between words."""
    return either(lambda language: pattern(language.dates)).replace(" ", G)


def _group(pattern: Callable[[DateWords], str]) -> str:
    return f"(?:{_either(pattern)})"


MONTH = _group(lambda words: words.month)
SEASON = _group(lambda words: words.season)
_ORDINAL = _group(lambda words: words.ordinal) + "?"
_YEAR_WORD = rf"(?:{S}(?:{_either(lambda words: words.year)})\b\.?)?"
_WEEKDAY = _group(lambda words: words.weekday)

# Qualifiers that stand before a date.
BEFORE = _group(lambda words: words.before)
NOT_AFTER = _group(lambda words: words.not_after)
AFTER = _group(lambda words: words.after)
NOT_BEFORE = _group(lambda words: words.not_before)
CIRCA = _group(lambda words: words.circa)
ONWARD = rf"(?:{G}{_group(lambda words: words.onward)})"
EARLY = _group(lambda words: words.early)
MIDDLE = _group(lambda words: words.middle)
LATE = _group(lambda words: words.late)
_FIRST = _group(lambda words: words.first_half)
_SECOND = _group(lambda words: words.second_half)
_PART = (
    rf"(?:(?P<early>{EARLY})|(?P<middle>{MIDDLE})|(?P<late>{LATE})"
    rf"|(?P<first>{_FIRST})|(?P<second>{_SECOND}))(?:{G}|-)(?:the{G})?"
)
_SEP = rf"(?:{S}{DASH}{S}|{G}{_group(lambda words: words.joiner)}{G})"

# One date, from the most to the least particular; each is a whole form.
_FORMS = {
    "iso": rf"(?P<y>{YEAR})-(?P<n>0[1-9]|1[0-2])(?:-(?P<d>0[1-9]|[12]\d|3[01]))?(?![-\d])",
    # Both calendars: the other day (and month) in `do`, `mo`.
    "new_style": rf"(?P<do>{DAY}){S}(?:\({S}|/)(?P<d>{DAY}){S}\)?{S}(?P<m>{MONTH})"
    rf",?{S}(?P<y>{YEAR})",
    "new_style_months": rf"(?P<do>{DAY}){S}(?P<mo>{MONTH})(?:{G}(?P<yo>{YEAR}){_YEAR_WORD})?{S}"
    rf"(?:\({S}|/)(?P<d>{DAY}){S}(?P<m>{MONTH})(?:{S}\)?{S}(?P<y>{YEAR}){_YEAR_WORD}{S}\)?)",
    "new_style_english": rf"(?P<m>{MONTH}){S}(?P<do>{DAY}){S}(?:\({S}|/)(?P<d>{DAY}){S}\)?"
    rf",?{S}(?P<y>{YEAR})",
    "new_style_english_months": rf"(?P<mo>{MONTH}){S}(?P<do>{DAY}){S}(?:\({S}|/)(?P<m>{MONTH})"
    rf"{S}(?P<d>{DAY}){S}\)?,?{S}(?P<y>{YEAR})",
    "new_style_numeric": rf"(?P<do>{DAY}){S}\({S}(?P<d>{DAY}){S}\){S}[./-]?{S}"
    rf"(?:(?P<r>{_ROMAN})|(?P<n2>1[0-2]|0?[1-9]))[./-](?P<y>{YEAR})(?!\d)",
    "new_style_full": rf"(?P<do>{DAY})\.(?P<no>1[0-2]|0?[1-9])\.(?P<yo>{YEAR}){S}"
    rf"\({S}(?P<d>{DAY})\.(?P<n2>1[0-2]|0?[1-9])\.(?P<y>{YEAR}){S}\)",
    "numeric": rf"(?P<d>{DAY})(?:{S}[./–—-]{S}|{G})(?P<r>{_ROMAN})(?:{S}[./–—-]{S}|{G})"
    rf"(?P<y>{YEAR}|\d\d)(?!\d)"
    rf"|(?P<d2>{DAY})(?P<sep>[./-])(?P<n2>1[0-2]|0?[1-9])[./-](?P<y2>{YEAR}|\d\d)(?![\d./])"
    rf"|(?P<d3>{DAY})[./](?P<n3>1[0-2]|0?[1-9]){G}(?P<y3>{YEAR})(?!\d)",
    "day_month": rf"(?P<d>{DAY}){_ORDINAL}{S}(?:of{G})?(?P<m>{MONTH}),?{S}(?P<y>{YEAR})",
    "month_day": rf"(?P<m>{MONTH}){S}(?:the{G})?(?P<d>{DAY}){_ORDINAL}(?:{S},{S}|{G})(?P<y>{YEAR})",
    "month": rf"(?P<m>{MONTH}),?{S}(?:of{G})?(?P<y>{YEAR})",
    "season": rf"(?P<s>{SEASON})(?:{G}of)?{G}(?P<y>{YEAR})"
    rf"(?:{S}(?:/|{DASH}){S}(?P<y2>{YEAR}|\d\d)(?!\d))?",
    "decade": rf"(?:the{G})?(?P<decade>(?:1\d|20)\d)0{_group(lambda words: words.decade)}\b",
    "short_range": rf"(?P<y>{YEAR})(?:/|{DASH})(?P<y2>\d\d)(?!\d)",
    "year": rf"(?P<y>{YEAR})(?!\d)",
}


def _bare(pattern: str) -> str:
    """The pattern with its named groups made anonymous, so that it can be used many times."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _one_of(*names: str) -> str:
    return "|".join(_bare(_FORMS[name]) for name in names)


_BOTH_STYLES = ("new_style", "new_style_months", "new_style_numeric", "new_style_full")
# Sorted by how they begin, so that most are ruled out by one look ahead; atomic, since what one
# form has matched need not be tried as another.
_DATE = (
    rf"(?>(?:(?={YEAR})(?:{_one_of('iso', 'decade', 'short_range', 'year')})"
    rf"|(?=\d)(?:{_one_of(*_BOTH_STYLES)}"
    rf"|{_one_of('numeric', 'day_month')})"
    rf"|(?!\d)(?:{_one_of('new_style_english', 'new_style_english_months', 'month_day', 'month')}"
    rf"|{_one_of('season', 'decade')}))"
    rf"{_YEAR_WORD})"
)
_PARTED = rf"(?>(?!\d)(?:{_bare(_PART)})?{_DATE}|{_DATE})"
# The left side of a range may borrow its month and year from the right side.
_PARTIAL = rf"(?>{DAY}{_ORDINAL}(?:{G}{MONTH})?|{MONTH}(?:{G}{DAY}{_ORDINAL})?)(?!\d)"
_RIGHT = rf"(?:{_PARTED}|{DAY}{_ORDINAL},?{G}{YEAR}{_YEAR_WORD})"
_OPENER = rf"(?:(?:{_either(lambda words: words.range_opener)}|{NOT_BEFORE}){G})"
_CLOSER = rf"(?:{NOT_AFTER}{G})"
_JOIN = rf"(?:{_SEP}{_CLOSER}?|,?{G}{_CLOSER})"
_QUALIFIER = rf"(?:(?:{NOT_AFTER}|{BEFORE}|{NOT_BEFORE}|{AFTER}|{CIRCA})(?:{G}|(?<=\.)))"

FORMS = {name: re.compile(f"(?:{form}){_YEAR_WORD}") for name, form in _FORMS.items()}
PART = re.compile(rf"{_PART}(?P<rest>.+)", re.S)
PARTIAL = re.compile(
    rf"(?:(?P<m0>{MONTH}){G})?(?P<d>{DAY}){_ORDINAL}(?:{G}(?P<m1>{MONTH}))?|(?P<m2>{MONTH})", re.I
)
DAY_YEAR = re.compile(rf"(?P<d>{DAY}){_ORDINAL},?{G}(?P<y>{YEAR}){_YEAR_WORD}")
QUALIFIED = re.compile(
    rf"(?:(?P<not_after>{NOT_AFTER})|(?P<before>{BEFORE})|(?P<not_before>{NOT_BEFORE})"
    rf"|(?P<after>{AFTER})|(?P<circa>{CIRCA}))(?:{G}|(?<=\.))(?P<rest>.+)",
    re.S,
)
FROM = re.compile(rf"{_OPENER}?(?P<rest>.+){ONWARD}", re.S)
WEEKDAY = re.compile(rf"{_WEEKDAY},?{G}")
_MONTH_NUMBERS = {k: v for language in LANGUAGES for k, v in language.dates.month_numbers.items()}
_SEASON_NUMBERS = {k: v for language in LANGUAGES for k, v in language.dates.season_numbers.items()}
_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii"
_ROMAN_NUMBERS = {numeral: n for n, numeral in enumerate(_NUMERALS.split(), start=1)}


# The two largest patterns take a tenth of a second to compile, which not every command needs.
@cache
def date_range() -> re.Pattern[str]:
    """Two dates with a word or dash between them."""
    return re.compile(rf"{_OPENER}?(?P<left>(?>{_PARTED}|{_PARTIAL})){_JOIN}(?P<right>{_RIGHT})")


@cache
def date_in_text() -> re.Pattern[str]:
    """A date or a range of dates anywhere in a text."""
    return re.compile(
        rf"(?=\w)(?<![\w/-])(?<!\d[.,])"
        rf"(?:{_OPENER}{_PARTED}{_JOIN}{_RIGHT}|{_QUALIFIER}?{_PARTED}(?:{_JOIN}{_RIGHT}|{ONWARD})?"
        rf"|{_OPENER}?{_PARTIAL}{_JOIN}{_RIGHT})(?!\w)",
    )


def month_number(word: str) -> int:
    """1 to 12 for a word that matches `MONTH`."""
    return _MONTH_NUMBERS[word[:3].replace("і", "и")]


def season_number(word: str) -> int:
    """1 (spring) to 4 (winter) for a word that matches `SEASON`."""
    return _SEASON_NUMBERS[word[:2]]


def roman_number(numeral: str) -> int:
    """1 to 12 for a Roman month."""
    return _ROMAN_NUMBERS[numeral.replace("і", "i").replace("х", "x")]
