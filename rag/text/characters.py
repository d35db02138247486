"""Single characters: lower case of equal length, and characters without a visible form."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories of control, format and unassigned characters and the like."""


def lower(text: str) -> str:
    """The text in lower case and of the same length, so that offsets in it stay valid."""
    return text.replace("İ", "i").lower()


def without_unseen(text: str) -> str:
    """The text without characters that have no visible form; line breaks and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
