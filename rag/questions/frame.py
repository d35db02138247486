"""A question without what it is about: its names, dates and quotations stand for anything.

"Where is Ventling's letter of 5 May 1926 kept?" and "Where is Petrov's letter of 1919 kept?" ask
the same of two letters. What is asked is told by this frame (`rag.models.intents`).
"""

from __future__ import annotations

import re
from collections.abc import Set

from index_store.analysis.folding import fold
from rag import dates, names
from rag.questions import phrases
from rag.text.words import WORD

NAME, QUOTED = "N", "“N”"
_SPACES = re.compile(r"\s+")


def frame(question: str, keep: Set[str]) -> str:
    """The question with signs in place of names and quotations, and without dates.

    `keep` are folded words that are no names, though they have a capital.
    """
    text = dates.without_dates(phrases.without(question, QUOTED))
    found = {
        name
        for name in names.names_in(text)
        if not all(fold(word) in keep for word in WORD.findall(name))
    }
    for name in sorted(found, key=len, reverse=True):
        text = text.replace(name, NAME)
    return _SPACES.sub(" ", text).strip()
