"""The words of the interface, one module a language.

Only the interface's own words are here. Answers and errors come from `rag` and are shown as they
come. Which language a reader gets is decided in `ui_assets.server.visitor`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ui_assets.view.words.english import ENGLISH
from ui_assets.view.words.language import Language
from ui_assets.view.words.russian import RUSSIAN

LANGUAGES: Mapping[str, Language] = {one.code: one for one in (ENGLISH, RUSSIAN)}
DEFAULT_LANGUAGE = ENGLISH.code


__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "Language", "word"]


def word(lang: str, key: str, **values: object) -> str:
    """The text under `key` with the values put in. Raises KeyError for an unknown key."""
    return LANGUAGES[lang].texts[key].format(**values)
