"""Whether two language versions of a record are versions of one text.

Compares what needs no dictionary: names and cognates across alphabets, numbers, length, and in
titles and metadata the people and the kind of document. Each finding has a weight in log-odds,
positive if it indicates different texts; the pair is different if the sum exceeds `LIMIT`. The
weights come from a logistic regression over parallel and shuffled passages, rounded. Texts
without names and numbers differ only if their lengths do by far.

Not here: the quality of a translation, and languages other than English and Russian beyond
numbers and length.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from index_store.types import Document
from rag.names.matching import MIN_CONSONANTS, same_name
from rag.names.mentions import like_surname, names_in
from rag.names.parsing import has_initials
from rag.records.document_types import types_in_title
from rag.text.languages import LANGUAGES
from rag.text.phonetics import consonants, phonetic_variants

LIMIT = 3.0
"""Chosen so that no true pair of passages on the development data exceeds it."""

_MAX_REASONS = 3  # in the warning, those with most weight first
_PRIOR = -3.0
_FOUND, _RUSSIAN_ABSENT, _ENGLISH_ABSENT = -2.0, 1.6, 0.5  # per log1p(names)
_COMMON_NUMBERS, _BOTH_HAVE_OTHERS, _ONE_HAS_OTHERS = -2.5, 2.5, 1.0  # per log1p(numbers)
_COGNATES, _COGNATE_CANDIDATES = -1.5, 0.7  # per log1p(words)
_MAX_COGNATE_WEIGHT = 2.5  # old prose may have no cognates
_PERSON_DIFFERS, _TYPE_DIFFERS = 2.0, 1.5
_PER_LOG_RATIO, _FREE_LOG_RATIO, _MAX_LOG_RATIO = 4.5, 0.3, 3.0
_ENGLISH_TO_RUSSIAN = 0.95  # usual ratio of lengths
_LENGTH_SMOOTHING = 100  # characters added to both: lengths of short texts prove little
_MAX_CHARS = 100_000  # of each text, in which words are compared

_CAPITALISED = re.compile(r"[A-ZА-ЯЁ][^\W\d_]{2,40}")
_LONG_WORD = re.compile(r"[^\W\d_]{6,40}")
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u2009.,]\d{3})+(?!\d)|\d+")
_LETTER = re.compile("[A-Za-z\u00c0-\u024f\u0400-\u04ff]")
_NAMES = {language.code: language.name for language in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: its weight in log-odds, and what differs, in words (or "")."""

    weight: float
    words: str = ""


def difference(a: Document, b: Document) -> str | None:
    """A sentence on what differs between two texts; None if they are versions of one text."""
    findings = list(compare(a, b))
    if sum(finding.weight for finding in findings) <= LIMIT:
        return None
    against = sorted((f for f in findings if f.words), key=lambda f: -f.weight)
    reasons = "; ".join(finding.words for finding in against[:_MAX_REASONS])
    return (
        f"The {_language(a)} and {_language(b)} texts of this record do not seem to be versions of"
        f" one text: {reasons}."
    )


def compare(a: Document, b: Document) -> Iterator[Finding]:
    """Every finding on two documents of different languages."""
    yield Finding(_PRIOR)
    yield _length(a, b)
    yield from _numbers(a, b)
    for field in ("author", "recipient"):
        x, y = getattr(a, field), getattr(b, field)
        if x and y and not same_name(x, y) and not same_name(y, x):
            yield Finding(_PERSON_DIFFERS, f"the {field} is {x} in one and {y} in the other")
    if {a.lang, b.lang} == {"en", "ru"}:
        english, russian = (a, b) if a.lang == "en" else (b, a)
        yield from _titles(english, russian)
        signed = {key for d in (a, b) for w in (d.author or "").split() for key in _keys(w)}
        yield from _words(_TextWords(english.text, signed), _TextWords(russian.text, signed))


def _language(document: Document) -> str:
    return _NAMES.get(document.lang, document.lang)


def _length(a: Document, b: Document) -> Finding:
    if not (_is_alphabetic(a.text) and _is_alphabetic(b.text)):
        return Finding(0.0)
    usual = {"en": _ENGLISH_TO_RUSSIAN, "ru": 1.0}
    log_ratio = math.log((len(a.text) + _LENGTH_SMOOTHING) / (len(b.text) + _LENGTH_SMOOTHING))
    if a.lang in usual and b.lang in usual:
        log_ratio -= math.log(usual[a.lang] / usual[b.lang])
    excess = min(_MAX_LOG_RATIO, abs(log_ratio)) - _FREE_LOG_RATIO
    if excess <= 0:
        return Finding(0.0)
    longer, shorter = (a, b) if len(a.text) > len(b.text) else (b, a)
    times = len(longer.text) / max(1, len(shorter.text))
    return Finding(
        _PER_LOG_RATIO * excess,
        f"the {_language(longer)} text is {times:.1f} times as long as the {_language(shorter)}",
    )


def _is_alphabetic(text: str) -> bool:
    """Whether the text is Latin or Cyrillic, so that lengths can be compared, or empty."""
    sample = "".join(text[:2000].split())
    return 2 * len(_LETTER.findall(sample)) >= len(sample)


def _numbers(a: Document, b: Document) -> Iterator[Finding]:
    first, second = _number_keys(a.text), _number_keys(b.text)
    only_first = [written for key, written in first.items() if key not in second]
    only_second = [written for key, written in second.items() if key not in first]
    yield Finding(_COMMON_NUMBERS * math.log1p(len(first.keys() & second.keys())))
    fewer, more = sorted((len(only_first), len(only_second)))
    weight = _BOTH_HAVE_OTHERS * math.log1p(fewer) + _ONE_HAS_OTHERS * math.log1p(more - fewer)
    if weight:
        texts = ((a, only_first), (b, only_second))
        parts = [f"{_listed(found)} only in the {_language(d)}" for d, found in texts if found]
        yield Finding(weight, f"numbers: {' and '.join(parts)}")


def _number_keys(text: str) -> dict[str, str]:
    """Numbers of two digits or more as written, by their digits without final zeros, so that
    "24,000" and "24 тысячи" agree."""
    keyed = ((re.sub(r"\D", "", n), n) for n in _NUMBER.findall(text[:_MAX_CHARS]))
    return {digits.rstrip("0"): n for digits, n in keyed if len(digits) >= 2}


def _titles(english: Document, russian: Document) -> Iterator[Finding]:
    a, b = (_people(d.title) for d in (english, russian))
    if a and b and not any(_keys(x) & _keys(y) for x in a for y in b):
        yield Finding(
            _PERSON_DIFFERS, f"the titles name {_listed(a)} (English) and {_listed(b)} (Russian)"
        )
    x, y = (types_in_title(d.title) for d in (english, russian))
    if x and y and not x & y:
        yield Finding(
            _TYPE_DIFFERS,
            f"the titles speak of a {min(x)} (English) and of a {min(y)} (Russian)",
        )


def _people(title: str) -> list[str]:
    """Surnames in a title; other capitalised words may be translated by meaning."""
    names = (name for name in names_in(title) if has_initials(name) or like_surname(name))
    return [word for name in names for word in _CAPITALISED.findall(name)]


class _TextWords:
    """The words of a text that can be compared across alphabets, by the keys of their sounds.

    Names with a key in `signed` do not count: all letters of one author have them.
    """

    def __init__(self, text: str, signed: set[str]) -> None:
        self._text = text[:_MAX_CHARS]
        self._signed = signed

    @cached_property
    def names(self) -> list[str]:
        """The words of names, without initials and acronyms, each once in any inflection."""
        words = (w for name in names_in(self._text) for w in _CAPITALISED.findall(name))
        keyed = {w: _keys(w) for w in words if not w.isupper()}
        counted = {w: keys for w, keys in keyed.items() if keys and not keys & self._signed}
        return list({min(keys): w for w, keys in counted.items()}.values())

    @cached_property
    def name_keys(self) -> set[str]:
        return {key for w in set(_CAPITALISED.findall(self._text)) for key in _keys(w)}

    @cached_property
    def long_words(self) -> dict[str, set[str]]:
        """Words of six letters with four consonants or more, and their keys."""
        words = {w.lower() for w in _LONG_WORD.findall(self._text)}
        keyed = {w: {key for key in _keys(w) if len(key) >= 4} for w in words}
        return {w: keys for w, keys in keyed.items() if keys}


def _words(english: _TextWords, russian: _TextWords) -> Iterator[Finding]:
    not_in_english = [w for w in russian.names if not _keys(w) & english.name_keys]
    not_in_russian = [w for w in english.names if not _keys(w) & russian.name_keys]
    absent = len(not_in_english) + len(not_in_russian)
    found = len(russian.names) + len(english.names) - absent
    yield Finding(_FOUND * math.log1p(found))
    if not_in_english:
        weight = _RUSSIAN_ABSENT * math.log1p(len(not_in_english))
        yield Finding(weight, f"the English lacks {_listed(not_in_english)} of the Russian")
    if not_in_russian:
        weight = _ENGLISH_ABSENT * math.log1p(len(not_in_russian))
        yield Finding(weight, f"the Russian lacks {_listed(not_in_russian)} of the English")
    known = set().union(*english.long_words.values())
    cognates = sum(bool(keys & known) for keys in russian.long_words.values())
    candidates = len(russian.long_words)
    weight = _COGNATES * math.log1p(cognates) + _COGNATE_CANDIDATES * math.log1p(candidates)
    yield Finding(min(weight, _MAX_COGNATE_WEIGHT))


def _keys(word: str) -> set[str]:
    return {key for r in phonetic_variants(word) if len(key := consonants(r)) >= MIN_CONSONANTS}


def _listed(items: list[str]) -> str:
    """The first few, "Литвинов, Патек and 3 others"."""
    shown = items[:4]
    rest = len(items) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} other{'s' if rest > 1 else ''}"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
