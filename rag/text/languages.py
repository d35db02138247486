"""All languages whose words Fonds knows. A new language is a module and a name in `LANGUAGES`."""

from __future__ import annotations

from collections.abc import Callable

from rag.text.english import ENGLISH
from rag.text.language import Language, WordSet
from rag.text.russian import RUSSIAN

LANGUAGES: tuple[Language, ...] = (ENGLISH, RUSSIAN)

_BY_CODE = {language.code: language for language in LANGUAGES}


def language(code: str) -> Language:
    """The language of an ISO 639-1 code; English for one whose words Fonds does not know."""
    return _BY_CODE.get(code, ENGLISH)


def either(pattern: Callable[[Language], str]) -> str:
    """The alternatives of every language as one pattern, without a group around them."""
    return "|".join(filter(None, map(pattern, LANGUAGES)))


def union(listed: Callable[[Language], WordSet]) -> WordSet:
    """The words of every language together."""
    return WordSet().union(*map(listed, LANGUAGES))
