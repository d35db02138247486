"""Recognised pages put among the pages of a document that have text of their own.

Not here: which pages are recognised (`recognition`), the text of recognised pages (`assemble`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index_store.layout import Layout, WordBox
from index_store.types import Document

Labels = tuple[tuple[int, str], ...]
"""Offset and label of each page with text, by rising offset."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text with its page labels and layout; its offsets count from its start."""

    text: str
    pages: Labels
    layout: Layout


def inserted(document: Document, numbers: Sequence[int], parts: Mapping[int, Part]) -> Document:
    """The document with each part in front of the text of the pages behind it.

    `numbers` are those of `document.pages`, from 0; `parts` go by the number of their first page,
    which has no text in the document. In layouts the `frame` of a page is its number. An empty line
    stands on both sides of a part. A word that runs over from one page to the next stays whole: the
    part comes behind it.
    """
    offsets = (offset for offset, _ in document.pages)
    starts = dict(zip(numbers, offsets, strict=True))
    pieces: list[Part] = []
    at = 0
    for first, part in sorted(parts.items()):
        behind = [offset for page, offset in starts.items() if page > first]
        cut = _word_end(document.text, min(behind, default=len(document.text)))
        pieces += [_piece(document, at, cut), part]
        at = cut
    pieces.append(_piece(document, at, len(document.text)))
    whole = _joined([piece for piece in pieces if piece.text])
    pages = Layout((), ()) if document.layout is None else document.layout
    layouts = [pages, *(part.layout for part in parts.values())]
    known = {page.frame: page for layout in layouts for page in layout.pages}
    order = {frame: number for number, frame in enumerate(sorted(known))}
    words = tuple(replace(word, page=order[word.page]) for word in whole.layout.words)
    layout = Layout(tuple(known[frame] for frame in order), words)
    return replace(document, text=whole.text, pages=whole.pages, layout=layout)


def _word_end(text: str, at: int) -> int:
    """`at`, or the end of the word in whose middle it is."""
    if at and not text[at - 1].isspace():
        while at < len(text) and not text[at].isspace():
            at += 1
    return at


def _piece(document: Document, start: int, end: int) -> Part:
    """A stretch of the document without outer white space; its words count pages by frame."""
    text = document.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    before = [(0, label) for offset, label in document.pages if offset <= start][-1:]
    inside = [(o - start, label) for o, label in document.pages if start < o < start + len(text)]
    layout = document.layout or Layout((), ())
    words = (word for word in layout.words if start <= word.start and word.end <= end)
    own = tuple(_moved(word, layout, -start) for word in words)
    return Part(text, (*before, *inside), Layout((), own))


def _moved(word: WordBox, layout: Layout, by: int) -> WordBox:
    frame = layout.pages[word.page].frame
    return replace(word, start=word.start + by, end=word.end + by, page=frame)


def _joined(parts: Sequence[Part]) -> Part:
    """The parts one after another; the pages of their words are frames."""
    text = ""
    pages: list[tuple[int, str]] = []
    words: list[WordBox] = []
    for part in parts:
        text += "\n\n" if text else ""
        at = len(text)
        pages += [(at + offset, label) for offset, label in part.pages]
        if part.layout.pages:
            words += [_moved(word, part.layout, at) for word in part.layout.words]
        else:
            words += [replace(w, start=w.start + at, end=w.end + at) for w in part.layout.words]
        text += part.text
    return Part(text, tuple(pages), Layout((), tuple(words)))
