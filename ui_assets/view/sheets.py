"""Pages of documents as the chat shows them: which page, its boxes, its picture, faint words.

A document without a layout has none of this. Not here: where the words stand (`rag.citations`),
serving the pictures (`ui_assets.server.pictures`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote

from index_store.layout import Layout, Page, Region
from rag.errors import StoreCorrupt
from ui_assets.model import ArchiveLike, Faint, Sheet

FAINT_BELOW = 0.6
"""The confidence below which a word is shown faintly."""
MAX_THUMBNAILS = 20
"""Pages shown at a time."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a text. `confidence` is that of a faint word; `opens` is the page, by its number
    from 1 and its label, that begins before it."""

    text: str
    confidence: float | None = None
    opens: tuple[int, str] | None = None


def sheet(
    document_id: str,
    pages: Sequence[Page],
    number: int,
    regions: Sequence[Region] = (),
    span: tuple[int, int] = (0, 0),
) -> Sheet | None:
    """Page `number`, from 1, with those of the regions that lie on it; None where there is none.

    `regions` are the boxes of the words at `span`.
    """
    if not 1 <= number <= len(pages):
        return None
    page = pages[number - 1]
    return Sheet(
        document_id,
        number,
        len(pages),
        page.label,
        page.width,
        page.height,
        page.picture,
        *span,
        boxes=tuple(region for region in regions if region.page == number),
        marked=tuple({region.page: region.label for region in regions}.items()),
    )


def sheets(
    document_id: str, pages: Sequence[Page], first: int, span: tuple[int, int] = (0, 0)
) -> list[Sheet]:
    """At most `MAX_THUMBNAILS` pages from page number `first`; `span` is what they are to mark."""
    numbers = range(max(first, 1), len(pages) + 1)[:MAX_THUMBNAILS]
    found = (sheet(document_id, pages, number, span=span) for number in numbers)
    return [one for one in found if one]


def address(shown: Sheet, size: str) -> str:
    """The address of the page's picture, `small` or `large`, relative to that of the chat.

    The picture's name in the query changes with the picture, so that a browser may keep it.
    """
    document = quote(shown.document_id, safe="")
    return f"pictures/{document}/{shown.number}/{size}?v={shown.picture}"


def percent(fraction: float) -> str:
    """A fraction of the page for CSS."""
    return f"{100 * fraction:.3f}%"


def readable_layout(
    archive: ArchiveLike, document_id: str, start: int = 0, end: int | None = None
) -> Layout | None:
    """The pages of a document, and of its words those that are faint or the first of their page.

    None also where the layout is damaged: the text is then shown without it, since that is checked
    by itself. `fonds doctor` tells of the damage.
    """
    try:
        return archive.layout(document_id, start, end, FAINT_BELOW)
    except StoreCorrupt:
        return None


def faint_words(layout: Layout | None, start: int, end: int) -> Faint:
    """The words of `text[start:end]` that were read with little certainty, whole, by place.

    Of the parts of a broken word the least certain counts; words without a space between them are
    shown together.
    """
    found: list[tuple[int, int, float]] = []
    for word in layout.between(start, end) if layout else ():
        if word.confidence is None or word.confidence >= FAINT_BELOW:
            continue
        if found and word.start <= found[-1][1]:
            first, last, least = found.pop()
            found.append((first, max(last, word.end), min(least, word.confidence)))
        else:
            found.append((word.start, word.end, word.confidence))
    return tuple(found)


def page_starts(layout: Layout | None) -> list[tuple[int, int, str]]:
    """Where each page that has words begins in the text: offset, number from 1, label."""
    starts: dict[int, int] = {}
    for word in layout.words if layout else ():
        starts[word.page] = min(word.start, starts.get(word.page, word.start))
    pages = layout.pages if layout else ()
    return sorted((start, n + 1, pages[n].label) for n, start in starts.items())


def runs(
    text: str, at: int, faint: Faint, opening: Sequence[tuple[int, int, str]] = ()
) -> list[Run]:
    """`text`, which begins at offset `at` of its document, cut at faint words and page starts.

    The texts of the runs, joined, are `text`.
    """
    end = at + len(text)
    opens = {start: (n, label) for start, n, label in opening if at <= start < end}
    edges = {edge for start, stop, _ in faint for edge in (start, stop) if at < edge < end}
    places = sorted({at, end, *opens, *edges})
    words, made = deque(faint), []
    for start, stop in pairwise(places):
        while words and words[0][1] <= start:
            words.popleft()
        sure = words[0][2] if words and words[0][0] <= start else None
        made.append(Run(text[start - at : stop - at], sure, opens.get(start)))
    return made
