"""The words of answers in each language of questions; a new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from rag.answers.wording.english import ENGLISH
from rag.answers.wording.language import Wording
from rag.answers.wording.russian import RUSSIAN

WORDINGS: Mapping[str, Wording] = {"en": ENGLISH, "ru": RUSSIAN}

__all__ = ["WORDINGS", "Wording"]
