"""Wording that asks for a field of a document, as patterns.

The words come from `rag.text.languages`; `rag.questions.field_questions` decides what they mean
together.
"""

from __future__ import annotations

import re

from rag.records.document_types import ANY_DOCUMENT_WORD
from rag.text.english import ENGLISH
from rag.text.languages import LANGUAGES, either, union

_WRITE = either(lambda language: language.verbs.writes)
NAMES_A_DOCUMENT = re.compile(rf"\b(?:{ANY_DOCUMENT_WORD}|{_WRITE})\b", re.I)


def _asks_for(field: str) -> re.Pattern[str]:
    forms = "|".join(form for language in LANGUAGES for form in language.questions.field[field])
    filled = forms.replace("DOCUMENT", ANY_DOCUMENT_WORD).replace("WRITE", _WRITE)
    return re.compile(filled, re.I)


FIELDS = {field: _asks_for(field) for field in ENGLISH.questions.field}
"""The field of a document, and the wording that asks for it."""

OVERVIEW = re.compile(rf"\b(?:{either(lambda language: language.questions.overview)})\b", re.I)
"""Wording that asks what a document is about."""

ASKING = union(lambda language: language.questions.asking)
"""Words that ask for a field and do not tell which document is meant."""
