"""A quotation as segments, with omissions between them.

"…", "..." and "[…]" replace any number of words; other words in square brackets are the quoter's
own and replace a few words or letters, or none. The stored text may have the same signs
itself, so `interpretations` returns the literal interpretation first.

Not here: where the segments are (`rag.quotations.exact_match`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.normalization import key

_ELLIPSIS = re.compile(r"[\[(<]\s*(?:…|\.{3,}|\. ?\. ?\.)\s*[\])>]|…|\.{3,}|\. \. \.(?: \.)*")
_QUOTERS = re.compile(r"\[[^\[\]]*\]")
_MAX_BRACKETED_WORDS = 10  # stored words that a bracket of the quoter's may replace


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that must stand together, at most `gap` words (None: any) after the segment before.

    `before` and `after` are what the quoter put in brackets next to them (None: nothing). Without
    a space between, the brackets hold letters of the word: "[T]he".
    """

    text: str
    gap: int | None = None
    before: str | None = None
    after: str | None = None


def interpretations(quotation: str) -> list[list[Segment]]:
    """Possible interpretations of the quotation, the most literal first, each with one segment
    or more."""
    whole = [Segment(quotation.strip())]
    omitted = [Segment(part) for part in parts(quotation)]
    bracketed = [part for segment in omitted for part in _without_brackets(segment.text)]
    found = [whole]
    for interpretation in (omitted, bracketed):
        if interpretation and interpretation not in found:
            found.append(interpretation)
    return found


def parts(quotation: str) -> list[str]:
    """The parts between the ellipses that have a letter or digit."""
    return [part.strip() for part in _ELLIPSIS.split(quotation) if key(part)]


def is_quoters(words: str) -> bool:
    """Whether the words are all in square brackets."""
    return _QUOTERS.fullmatch(words) is not None and _has_letter(words)


def _has_letter(bracket: str) -> bool:
    """Whether the bracket is the quoter's; one without letters, "[3]", is part of the text."""
    return any(map(str.isalpha, bracket))


def _without_brackets(text: str) -> list[Segment]:
    """The words outside the quoter's brackets; the first may follow any gap."""
    segments: list[Segment] = []
    start, before = 0, None
    brackets = [match for match in _QUOTERS.finditer(text) if _has_letter(match.group())]
    for match in [*brackets, None]:
        part = text[start : match.start()] if match else text[start:]
        if key(part):
            after = match.group()[1:-1] if match else None
            gap = _MAX_BRACKETED_WORDS if segments else None
            segments.append(Segment(part, gap, before, after))
        if match:
            start, before = match.end(), match.group()[1:-1]
    return segments
