"""The parts of a question that asks for several things: "who wrote it, and what did he ask for?".

Not here: several fields of a record, which one answer gives (`rag.answers.fields`).
"""

from __future__ import annotations

import re

from index_store.analysis.stemming import is_stop_word
from rag.text.detection import language_of
from rag.text.languages import either
from rag.text.words import WORD

MAX_PARTS = 3
_ASKS = either(lambda language: language.questions.interrogatives)
_JOINS = either(lambda language: language.followups.joins)
_BORDER = re.compile(
    rf"[?;]\s+|,\s+(?:(?:{_JOINS})\s+)?(?=(?:\w{{1,4}}\s+)?(?:{_ASKS})\b)"
    rf"|\s+(?:{_JOINS})\s+(?=(?:\w{{1,4}}\s+)?(?:{_ASKS})\b)",
    re.I,
)
_OPENS = re.compile(rf"\W*(?:\w{{1,4}}\s+)?(?:{_ASKS})\b", re.I)


def parts_of(question: str) -> list[str]:
    """The parts, each with a word that asks and something of its own; none where it has but one."""
    found = [part.strip() for part in _BORDER.split(question)]
    asking = [part for part in found if _OPENS.match(part) and _says_something(part)]
    return asking[:MAX_PARTS] if len(asking) > 1 else []


def _says_something(part: str) -> bool:
    """Whether it has a word that is no stop word; "and why?" has none."""
    return any(not is_stop_word(word, language_of(part)) for word in WORD.findall(part))
