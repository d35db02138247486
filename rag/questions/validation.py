"""Checks of what a user typed."""

from __future__ import annotations

from rag.errors import UsageError


def check_text(text: str, what: str) -> None:
    """Raises UsageError for text with lone surrogates, which no file could hold."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise UsageError(f"{what} is not valid Unicode; send it as UTF-8")
