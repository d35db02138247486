"""Inflected forms of a Russian word that have other stems than the word itself.

The stemmer gives the forms of many verbs different stems ("ждать", "ждал", "ждёт"), and
dictionaries have only the first. By pymorphy3 (Korobov 2015) and its OpenCorpora dictionary.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from index_store.analysis.folding import fold
from index_store.analysis.stemming import stems


def other_forms(word: str) -> list[str]:
    """One form for each other stem of a word, in the dictionary's order; none if it is unknown."""
    known = {tuple(stems(word))}
    found = []
    for parse in _morphology().parse(word):
        if not parse.is_known or fold(parse.word) != fold(word):
            continue
        for form in parse.lexeme:
            stem = tuple(stems(form.word))
            if len(stem) == 1 and stem not in known:
                known.add(stem)
                found.append(form.word)
        break
    return found


@cache
def _morphology() -> Any:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()
