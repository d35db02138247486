"""Single characters: lower case of equal length, and characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata


def lower(text: str) -> str:
    """Lower case, of the same length: what all patterns here expect."""
    return text.replace("İ", "i").lower()


_TURN_MARKS = re.compile(r"\[(/?[A-Z_]{3,20})\]")


def line(text: str) -> str:
    """The text made harmless, on one line."""
    return " ".join(harmless(text).split())


def harmless(text: str) -> str:
    """The text without marks of a chat template and without characters that nobody sees."""
    text = text.replace("<", "‹").replace(">", "›")
    text = _TURN_MARKS.sub(r"(\1)", text)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in UNSEEN)


UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
