"""A document's frame: headings, date lines, signatures, salutations and names of speakers.

They share words with many questions and answer none. Not here: finding sentences (`sentences`).
"""

from __future__ import annotations

import re

from index_store.types import Document
from rag import dates

SALUTATION = 4
"""Words at most in "Most respected Arseny Pavlovich!" at the top of a letter."""

LABEL = 5
"""Words at most in a signature, a place before a date or the name of a speaker."""

_SMALL = 3  # "of", "the", "p.m." may stand in lower case in a label
_ASIDE = re.compile(r"\[[^\]]*\]|\([^)]*\)")  # "(extract)", the number of a note
_BESIDE_DATES = {"unnumbered", "noon", "midnight"}


def is_boilerplate(document: Document, start: int, end: int) -> bool:
    """Whether a sentence of the document tells nothing of itself."""
    text = document.text[start:end].strip()
    if start == 0 and text.endswith(("!", ",")) and len(text.split()) <= SALUTATION:
        return True
    signed = re.findall(r"\w+", document.author or "")
    words = re.findall(r"\w+", text)
    is_title = text.lstrip("# ") == document.title
    return is_title or set(words) <= set(signed) or _is_label(text)


def _is_label(text: str) -> bool:
    """A date, alone or after a place; or a few words that all begin with a capital."""
    found = dates.find(text)
    for mention in reversed(found):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    if found:
        text = _ASIDE.sub(" ", text)
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word not in _BESIDE_DATES]
    if not words:
        return bool(found)
    if len(words) > LABEL or re.search(r":\s", text):  # "Due: 5 May" tells something
        return False
    several = len(words) > 1 or bool(found)
    return several and all(word[0].isupper() or len(word) <= _SMALL for word in words)
