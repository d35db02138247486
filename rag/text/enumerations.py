"""Enumerations: items with numbers, letters or dashes, and the sentence that introduces them."""

from __future__ import annotations

import re

from rag.text.sentences import sentences

MAX_LENGTH = 1500
"""Characters of an enumeration; a longer one is rather the form of the whole document."""

MAX_BETWEEN = 2
"""Further sentences of an item."""

_ITEM = re.compile(r"\W{0,2}(?:\d{1,2}|[ivx]{1,4}|[a-zа-я])[.)]\s|[-–—•*]\s", re.I)


def enumeration(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole enumeration that the sentence at [start:end] belongs to or introduces.

    The span itself where there is none, or only a long one.
    """
    spans = sentences(text)
    own = next((i for i, span in enumerate(spans) if span[1] > start), len(spans))
    items = [i for i, span in enumerate(spans) if _ITEM.match(text, span[0])]
    run = _run(items, own, introduces=text[start:end].rstrip().endswith(":"))
    if len(run) < 2:
        return start, end
    first, last = run[0], run[-1]
    if first and text[spans[first - 1][0] : spans[first - 1][1]].rstrip().endswith(":"):
        first -= 1
    begin, finish = min(start, spans[first][0]), max(end, spans[last][1])
    return (begin, finish) if finish - begin <= MAX_LENGTH else (start, end)


def _run(items: list[int], own: int, introduces: bool) -> list[int]:
    """The items around sentence number `own` that follow one another closely."""
    runs: list[list[int]] = []
    for item in items:
        if runs and item - runs[-1][-1] <= MAX_BETWEEN + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    for run in runs:
        if run[0] <= own <= run[-1] or (introduces and run[0] == own + 1):
            return run
    return []
