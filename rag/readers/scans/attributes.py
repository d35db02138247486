"""Numbers, boxes, confidences and kinds of regions as the attributes of transcriptions give them.

What is no number, or no box, counts as not given. Not here: formats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import Enum

from rag.readers.scans.page import Box

_APART = re.compile(r"margin|running.?(?:title|head)|header|footer", re.I)
_NO_TEXT = re.compile(r"page.?number|numbering|quire|signature.?mark|catch.?word", re.I)


class Kind(Enum):
    """What the words of a region are: the text, apart from it, or only there for the binder."""

    MAIN = 0
    APART = 1
    NO_TEXT = 2


def kind(*labels: str | None) -> Kind:
    """By the names that PAGE-XML, Transkribus and SegmOnto have for regions."""
    for label in filter(None, labels):
        if _NO_TEXT.search(label):
            return Kind.NO_TEXT
        if _APART.search(label):
            return Kind.APART
    return Kind.MAIN


def number(value: str | None) -> float | None:
    """A finite number, None for anything else."""
    try:
        found = float(value or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def size(value: str | None) -> float:
    """A width or height; 0 where it is not known."""
    return max(0.0, number(value) or 0.0)


def confidence(value: str | None, whole: float = 1.0) -> float | None:
    """From 0 to 1; `whole` is what the source writes for 1."""
    found = number(value)
    return None if found is None else min(1.0, max(0.0, found / whole))


def corners(left: str, top: str, right: str, bottom: str) -> Box | None:
    return around([(number(left), number(top)), (number(right), number(bottom))])


def around(points: Iterable[tuple[float | None, float | None]]) -> Box | None:
    """The box around points; None where one of them is none, or they have no extent."""
    known = list(points)
    across = [x for x, _ in known if x is not None]
    down = [y for _, y in known if y is not None]
    if not known or not len(across) == len(down) == len(known):
        return None
    left, top = min(across), min(down)
    width, height = max(across) - left, max(down) - top
    return (left, top, width, height) if width > 0 and height > 0 else None
