"""What the child process hands to recognition: pages of a document without words, their scans.

Not here: which pages these are (`formats.pdf`, `pictures`, `collection`), recognition itself
(`recognition`).
"""

from __future__ import annotations

from dataclasses import dataclass

from index_store.types import Document


@dataclass(frozen=True, slots=True)
class Unread:
    """A document of which some pages are still to be recognised.

    `document` has the text of the other pages, "" where there are none. `labels` are those of all
    pages; `frames` number the unread ones from 0, in rising order. `cause` says why they have no
    words, as a failure begins ("no text layer: its pages are pictures"); "" for images.

    Where the pages come from several files, `files` has for each page its file, relative to the
    folder of the document's own, and which picture it is there, from 0; the file is None where a
    page has no picture. Without `files` page n is picture n of the document's own file. In the
    layout of `document` a page's `frame` is its number, as in `frames`. `numbers` are those of
    `document.pages`: several may have the same label. `declared` is the language that the source
    gives, which the script of the words may contradict.
    """

    document: Document
    labels: tuple[str, ...]
    frames: tuple[int, ...]
    cause: str
    numbers: tuple[int, ...] = ()
    files: tuple[tuple[str | None, int], ...] = ()
    declared: str | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """A page to be recognised: 8-bit gray pixels, row by row; `dpi` is None where not known."""

    width: int
    height: int
    dpi: int | None
    pixels: bytes
