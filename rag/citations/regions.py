"""Where a quotation stands on the pages of its source: a box for each printed line of it.

Not here: where word boxes come from (`rag.readers`), how they are stored (`index_store`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from index_store.layout import Layout, Region, WordBox
from index_store.types import Hit
from rag.errors import StoreCorrupt
from rag.types import AnswerEvent, Citation, VerifiedAnswer

if TYPE_CHECKING:
    from index_store.store import IndexStore

T = TypeVar("T", Citation, Hit)

_WORD = re.compile(r"\S*\w\S*")
_MIN_PLACED_SHARE = 0.5
_SAME_LINE = 0.5  # of the lower of two boxes: how much of it must stand beside the other
_MAX_GAP = 4.0  # heights of a line, between two words of one box


def regions(quote: str, start: int, layout: Layout) -> tuple[Region, ...]:
    """Boxes of the printed lines of a quotation; () where too few of its words have one.

    `start` is its offset in the document, `layout` has at least its words. A word that the
    quotation cuts is boxed whole.
    """
    words = layout.between(start, start + len(quote))
    if _placed_share(quote, start, words) < _MIN_PLACED_SHARE:
        return ()
    lines: list[list[WordBox]] = []
    for word in words:
        if lines and _stand_together(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(_around(line, layout) for line in lines)


def _placed_share(quote: str, start: int, words: Sequence[WordBox]) -> float:
    """The share of the quotation's words of which at least a part has a box."""
    placed = total = at = 0
    for match in _WORD.finditer(quote):
        total += 1
        while at < len(words) and words[at].end <= start + match.start():
            at += 1
        placed += at < len(words) and words[at].start < start + match.end()
    return placed / total if total else 0.0


def _stand_together(one: WordBox, other: WordBox) -> bool:
    """Whether two words follow each other in a printed line."""
    lower = min(one.height, other.height)
    beside = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    gap = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
    height = max(one.height, other.height)
    return one.page == other.page and beside >= _SAME_LINE * lower and gap <= _MAX_GAP * height


def _around(line: Sequence[WordBox], layout: Layout) -> Region:
    left, top = min(word.x for word in line), min(word.y for word in line)
    right = max(word.x + word.width for word in line)
    bottom = max(word.y + word.height for word in line)
    page = line[0].page
    sides = (round(side, 5) for side in (left, top, right - left, bottom - top))
    return Region(page + 1, layout.pages[page].label, *sides)


def located_citations(citations: Sequence[Citation], store: IndexStore) -> tuple[Citation, ...]:
    """The citations with their regions; as they are where their document has no layout."""
    return _located(citations, lambda citation: citation.start, lambda c: c.quote, store)


def located_hits(hits: Sequence[Hit], store: IndexStore) -> tuple[Hit, ...]:
    """The hits with the regions of their passages, likewise."""
    return _located(hits, lambda hit: hit.passage.start, lambda hit: hit.passage.text, store)


def _located(
    items: Sequence[T], start: Callable[[T], int], text: Callable[[T], str], store: IndexStore
) -> tuple[T, ...]:
    by_document: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        by_document.setdefault(item.document.document_id, []).append(number)
    out = list(items)
    for numbers in by_document.values():  # a layout is unpacked once
        spans = [(start(items[n]), start(items[n]) + len(text(items[n]))) for n in numbers]
        try:
            layouts = store.layouts_of(items[numbers[0]].document, spans)
        except StoreCorrupt:  # the text is checked by itself; `fonds doctor` tells of the layout
            continue
        for n, layout in zip(numbers, layouts or (), strict=False):
            found = regions(text(items[n]), start(items[n]), layout)
            out[n] = replace(items[n], regions=found)
    return tuple(out)


def located_answer(answer: VerifiedAnswer, store: IndexStore) -> VerifiedAnswer:
    """The answer with the regions of its citations, its hits and those it abstains with."""
    abstention = answer.abstention
    if abstention is not None:
        abstention = replace(abstention, nearest=located_hits(abstention.nearest, store))
    return replace(
        answer,
        citations=located_citations(answer.citations, store),
        hits=located_hits(answer.hits, store),
        abstention=abstention,
    )


def located_event(event: AnswerEvent, store: IndexStore) -> AnswerEvent:
    """The piece of an answer with the regions of all that it brings."""
    if not (event.hits or event.citations or event.answer):
        return event
    return AnswerEvent(
        str(event),
        hits=located_hits(event.hits, store),
        statement=event.statement,
        citations=located_citations(event.citations, store),
        answer=located_answer(event.answer, store) if event.answer else None,
        restarts=event.restarts,
        read=event.read,
    )
