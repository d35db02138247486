"""What the child process hands to recognition: pages of a document without words, their scans.

Not here: which pages these are (`formats.pdf`, `images`), recognition itself (`recognition`).
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
    """

    document: Document
    labels: tuple[str, ...]
    frames: tuple[int, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A page to be recognised: 8-bit gray pixels, row by row; `dpi` is None where not known."""

    width: int
    height: int
    dpi: int | None
    pixels: bytes
