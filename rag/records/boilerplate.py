"""Boilerplate of a document: headings, date lines, signatures, salutations, names of speakers.

It shares words with many questions and answers none. Not here: finding sentences
(`rag.text.sentences`).
"""

from __future__ import annotations

import re

from index_store.types import Document
from rag import dates

MAX_SALUTATION_WORDS = 4
"""Of a salutation at the top of a letter: "Most respected Arseny Pavlovich!"."""

MAX_LABEL_WORDS = 5
"""Of a signature, a place before a date or the name of a speaker."""

_MAX_SMALL_WORD_LETTERS = 3  # "of", "the", "p.m." may stand in lower case in a label
_REACH = 200  # characters on either side that show whether all is in capitals
_ASIDE = re.compile(r"\[[^\]]*\]|\([^)]*\)")  # "(extract)", the number of a note
_BESIDE_DATES = {"unnumbered", "noon", "midnight"}


def is_boilerplate(document: Document, start: int, end: int) -> bool:
    """Whether the document's text at [start:end], one sentence, is boilerplate."""
    text = document.text[start:end].strip()
    if start == 0 and text.endswith(("!", ",")) and len(text.split()) <= MAX_SALUTATION_WORDS:
        return True
    signed = re.findall(r"\w+", document.author or "")
    words = re.findall(r"\w+", text)
    is_title = text.lstrip("# ") == document.title
    around = document.text[max(0, start - _REACH) : end + _REACH]
    own = {word.lower() for word in words} <= {word.lower() for word in signed}
    return is_title or own or _is_label(text, capitals_tell=not around.isupper())


def _is_label(text: str, capitals_tell: bool = True) -> bool:
    """A date, alone or after a place; or a few words that all begin with a capital.

    In a telegram that is all in capitals they tell nothing.
    """
    undated = dates.without_dates(text, " ")
    dated = undated != text
    text = _ASIDE.sub(" ", undated) if dated else text
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word not in _BESIDE_DATES]
    if not words:
        return dated
    if len(words) > MAX_LABEL_WORDS or re.search(r":\s", text):  # "Due: 5 May" is a statement
        return False
    several = (len(words) > 1 and capitals_tell) or dated
    return several and all(
        word[0].isupper() or len(word) <= _MAX_SMALL_WORD_LETTERS for word in words
    )
