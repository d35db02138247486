"""Texts with page breaks: while a text is put together, a page begins at `mark(label)`.

Not here: where pages begin, which depends on the format.
"""

from __future__ import annotations

_MARK = "\x00"  # in no text that a reader accepts


def mark(label: str) -> str:
    """The mark that shows in a text where a page begins."""
    return f"{_MARK}{' '.join(label.split())}{_MARK}"


def resolved(marked: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The text without marks and outer white space, and (offset, label) of each page.

    White space on both sides of a mark is kept on one side only; a page without text is left out.
    """
    parts = marked.split(_MARK)
    text = parts[0].lstrip()
    pages: list[tuple[int, str]] = []
    for label, part in zip(parts[1::2], parts[2::2], strict=True):
        if not text or (text[-1].isspace() and not part.startswith("\n\n")):
            part = part.lstrip()
        elif part.startswith("\n\n"):
            text = text.rstrip()
        begin = len(text) + len(part) - len(part.lstrip())
        if part.strip() and label:
            pages.append((begin, label))
        text += part
    return text.rstrip(), tuple(pages)
