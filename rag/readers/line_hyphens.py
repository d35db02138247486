"""Hyphens at line ends: does one belong to the word, or was it put there to break it?

A hyphen goes where the document has the whole word elsewhere, or where the parts do not look like
a compound. Where that is not clear it stays with its line break, by which a reader and
`rag.text.normalization` know what it is. Not here: where lines end, which depends on the format.
"""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PREFIXES = frozenset(
    re.findall(
        r"\w+",
        "well self non half ex co pre anti all ill high low long short north south east west vice"
        " mid semi cross two three four five six seven eight nine ten twenty thirty forty fifty"
        " sixty seventy eighty ninety"
        " кое кой по во вице экс обер унтер штаб контр пол генерал член",
    )
)
_PARTICLES = frozenset({"то", "либо", "нибудь", "таки", "ка", "с", "де", "на"})
_ADJECTIVE = re.compile(r"(?:[ыио]й|ая|[оеь]е|ие|[оеы]го|[оеы]му|[ыи]ми?|[ыи]х|ую|юю|ою)\Z")


def counted(text: str) -> Counter[str]:
    """How often each word stands in a text, in small letters."""
    return Counter(word.casefold() for word in _WORD.findall(text))


def between(first: str, second: str, known: Counter[str]) -> str:
    """What stands between the letters before a hyphen and those behind it in the next line.

    "" where the hyphen only broke the word, "-" where it belongs to it, "-" and a line feed where
    that is not clear. `known` are the words of the document (`counted`).
    """
    if not second[:1].islower():
        return "-"
    whole, compound = (first + second).casefold(), f"{first}-{second}".casefold()
    if known[compound]:
        return "-"
    return "" if known[whole] or not _may_be_compound(first, second, known) else "-\n"


def _may_be_compound(first: str, second: str, known: Counter[str]) -> bool:
    """Could "first-second" be written with a hyphen in the middle of a line too?"""
    a, b = first.casefold().rpartition("-")[2], second.casefold()
    return (
        "-" in first
        or a in _PREFIXES
        or b in _PARTICLES
        or (len(a) > 2 and a[-1] in "ое" and len(b) > 5 and _ADJECTIVE.search(b) is not None)
        or (known[a] > 1 and known[b] > 1)
    )
