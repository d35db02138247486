"""Wording by which a question depends on the turns before it, as patterns.

The words come from `rag.text.languages`; `rag.questions.followups` decides what they point to.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.records.document_types import ANY_DOCUMENT_WORD
from rag.text.english import ENGLISH
from rag.text.language import FollowupWords
from rag.text.languages import either, union


def _either(pattern: Callable[[FollowupWords], str]) -> str:
    forms = either(lambda language: pattern(language.followups))
    return forms.replace("DOCUMENT", ANY_DOCUMENT_WORD)


def _word(pattern: Callable[[FollowupWords], str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_either(pattern)})\b", re.I)


OPENING = re.compile(rf"^\W*(?:{_either(lambda words: words.joins)})\b[\s,]*", re.I)
"""A conjunction that joins a question to the one before."""

HE = _word(lambda words: words.he)
SHE = _word(lambda words: words.she)
THEY = _word(lambda words: words.they)
IT = _word(lambda words: words.it)

SUBJECTS = union(lambda language: language.followups.subjects)
"""The pronouns of `HE` and `SHE` that are subjects, in lower case."""

_DOCUMENT = ANY_DOCUMENT_WORD
_SOURCE = _either(lambda words: words.source)
_CITATION = _either(lambda words: words.citation)
_ONE = _either(lambda words: words.one)


def _ordinal(n: int) -> str:
    number = _either(lambda words: words.ordinals[n])
    return rf"(?P<n{n}>\b(?:{number})\s+(?:{_DOCUMENT}|{_SOURCE}|{_CITATION}|{_ONE})\b)"


ORDINAL = re.compile(
    "|".join(_ordinal(n) for n in range(5))
    + rf"|\b(?P<last>{_either(lambda words: words.last)})\s+(?:{_DOCUMENT}|{_SOURCE}|{_ONE})\b"
    + rf"|\b(?:{_DOCUMENT}|{_SOURCE}|{_CITATION})\s+(?:no\.?\s?|№\s?)?\[?"
    r"(?P<n>[1-9])\]?(?!\d)",
    re.I,
)
"""One of the documents cited, by its number."""

_SAYS = union(lambda language: language.verbs.say | language.verbs.reporting)
SAYS = re.compile(rf"\b(?:{'|'.join(sorted(_SAYS))})\b", re.I)
"""Words by which a question is about what somebody writes or says."""

MORE = _word(lambda words: words.more)
REPLY = _word(lambda words: words.reply)

_IT_OR_DOCUMENT = f"(?:{_either(lambda words: words.it_or_document)})"


def _asks_for(field: str) -> re.Pattern[str]:
    forms = _either(lambda words: words.field[field]).replace("THIS", _IT_OR_DOCUMENT)
    return re.compile(rf"^\W*(?:{forms})\W*$", re.I)


FIELD = {field: _asks_for(field) for field in ENGLISH.followups.field}
"""Questions for a field of the document that was last cited."""
