"""Questions for a list or a number of documents, as patterns.

The words come from `rag.text.languages`; `rag.questions.list_questions` decides what they
mean together.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.records.document_types import ANY_DOCUMENT_WORD
from rag.text.language import ListWords
from rag.text.languages import either


def _either(pattern: Callable[[ListWords], str]) -> str:
    forms = either(lambda language: pattern(language.lists))
    return forms.replace("DOCUMENT", ANY_DOCUMENT_WORD)


_DOCUMENT = ANY_DOCUMENT_WORD
_PLURAL = either(lambda language: language.documents.plural)
_PLURAL_AFTER_VERB = either(lambda language: language.documents.plural_after_verb)
_EACH = _either(lambda words: words.each)
_ASK = _either(lambda words: words.ask)
_EVERYTHING = _either(lambda words: words.everything)
_START = rf"^\W*(?:{_either(lambda words: words.please)})?"
_FEW = r"(?:[\w'’.-]+\s){0,3}?"  # words between

ASKS_COUNT = re.compile(
    rf"\b(?:{_either(lambda words: words.how_many)})\s(?:[\w-]+\s){{0,2}}?(?:{_DOCUMENT})\b",
    re.I,
)
ASKS_LIST = re.compile(
    rf"{_START}(?:(?:{_ASK})\s{_FEW})?(?:{_EACH})\s{_FEW}(?:{_DOCUMENT})\b"
    rf"|{_START}(?:{_ASK})\s{_FEW}(?:{_PLURAL}|{_PLURAL_AFTER_VERB})\b"
    rf"|{_START}(?:{_either(lambda words: words.which)})\s(?:{_PLURAL})\b"
    rf"|{_START}(?:{_ASK})\s{_FEW}(?:{_EVERYTHING})\b"
    rf"|{_START}(?:{_either(lambda words: words.exists)})\s{_FEW}(?:{_DOCUMENT})\b",
    re.I,
)

_OF_DOCUMENTS = (
    rf"(?:\b(?:{_EACH}|{_either(lambda words: words.which_or_how_many)}|{_ASK})\s{_FEW}|^\W*)"
    rf"(?:{_DOCUMENT})\b"
    rf"|^\W*(?:{_ASK})\s{_FEW}(?:{_EVERYTHING})\b"
)
_IN_THEM = rf"\b(?:{_either(lambda words: words.in_them)})\s"
_ARE = rf"(?:(?:{_either(lambda words: words.are)})\s)?"
_EVER = rf"(?:{_either(lambda words: words.ever)})?"
_MENTIONED = rf"(?:{_either(lambda words: words.mentioned)})"
_TARGET = r"(?P<target>[^?!;]+)"
MENTIONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_IN_THEM}{_ARE}{_MENTIONED}\s{_TARGET}",
        rf"{_IN_THEM}{_ARE}(?P<target>[^?!;]{{1,80}}?)\s{_ARE}{_EVER}{_MENTIONED}\b",
        rf"(?:{_OF_DOCUMENTS})[^?!;]{{0,60}}?\b(?:{_either(lambda words: words.mention)})"
        rf"\s(?!about\b){_TARGET}",
    )
)
"""What documents mention, as the group `target`; the first pattern that fits counts."""

ABOUT = re.compile(rf"\b(?:{_either(lambda words: words.about)})\s{_TARGET}", re.I)
"""What documents are about, as the group `target`."""

TRAILING = re.compile(
    rf"^\W*(?:{_either(lambda words: words.before_target)})\s"
    rf"|\s(?:{_either(lambda words: words.inside)})\s(?:{_either(lambda words: words.this)})?"
    rf"(?:{_either(lambda words: words.archive)}|{_DOCUMENT})\b.*$"
    rf"|\s(?:{_either(lambda words: words.loose_preposition)})\W*$",
    re.I,
)
"""Words at the edges of a target that do not belong to it."""

FOR_THEM = re.compile(_either(lambda words: words.for_them), re.I)
"""Wording that asks for documents and not for what they say."""
