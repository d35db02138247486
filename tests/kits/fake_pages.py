"""An invented document of three drawn pages for the fake archive: its layout, its pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from index_store.layout import Layout, Page, WordBox
from index_store.types import Document
from rag.citations.regions import regions
from rag.errors import NotStored
from rag.types import Citation
from tests.kits.drawn_pages import DrawnPage, draw
from tests.kits.fake_documents import cited

WIDTHS = (1000, 1240)
_PAGES = (
    ("From the log of the harbour office.", "", "On Monday the ice came into the strait",
     "and the ferry did not cross. The pilots", "wait until the lamps are mended."),
    ("On Tuesday forty sacks of coal were", "brought over the ice by eleven sledges.", "",
     "On Wednesday the storekeeper counted", "the sacks again and found only thirty"),
    ("eight. He wrote to the harbour master", "and asked who had signed for the rest."),
)  # fmt: skip
LABELS = ("12", "13", "14")
FAINT = {"sledges.", "storekeeper"}
"""Words that were read with little certainty."""


@cache
def drawn_pages() -> tuple[DrawnPage, ...]:
    return tuple(draw(lines) for lines in _PAGES)


def _text() -> str:
    joined = "\n".join("\n".join(lines) for lines in _PAGES)
    return "\n\n".join(" ".join(part.split()) for part in joined.split("\n\n"))


DRAWN = Document(
    document_id="harbour/log 1908.xml",
    record_id="harbour-log",
    lang="en",
    text=_text(),
    title="Log of the harbour office, 1908",
    date="1908-11-30",
    date_from="1908-11-30",
    date_to="1908-11-30",
    author="K. Haldane",
    archival_ref="Harbour Archive F. 4. Op. 2. D. 3. L. 12-14",
)

LEDGER = Document(
    document_id="ledger", record_id="ledger", lang="en", text="Sacks in, sacks out.",
    title="Ledger of the coal store",
)  # fmt: skip
"""A document of 23 pages of which no picture is kept."""


@cache
def _layout() -> Layout:
    words, at = [], 0
    for number, page in enumerate(drawn_pages()):
        wide, high = page.image.size
        for word in (word for line in page.lines for word in line):
            at = DRAWN.text.index(word.text, at)
            x, y, width, height = word.box
            box = x / wide, y / high, width / wide, height / high
            sure = 0.41 if word.text in FAINT else 0.97
            words.append(WordBox(at, at + len(word.text), number, *box, sure))
            at += len(word.text)
    sizes = [page.image.size for page in drawn_pages()]
    pages = tuple(
        Page(label, width, height, picture=hashlib.sha256(label.encode()).hexdigest())
        for label, (width, height) in zip(LABELS, sizes, strict=True)
    )
    return Layout(pages, tuple(words))


class DrawnPages:
    """The part of the fake archive that knows pages: those of `DRAWN` and `LEDGER`."""

    def __init__(self, has: bool) -> None:
        """`has`: whether it has them."""
        ledger = Layout(tuple(Page(str(n), 595, 842) for n in range(1, 24)), ())
        layouts = {DRAWN.document_id: _layout(), LEDGER.document_id: ledger}
        self.layouts = layouts if has else {}
        self.pictures: dict[str, tuple[bytes, bytes]] = _pictures() if has else {}

    def pages(self, document_id: str) -> Sequence[Page]:
        layout = self.layouts.get(document_id)
        return layout.pages if layout else ()

    def layout(
        self, document_id: str, start: int = 0, end: int | None = None, below: float | None = None
    ) -> Layout | None:
        layout = self.layouts.get(document_id)
        if layout is None:
            return None
        last = len(DRAWN.text) if end is None else end
        return Layout(layout.pages, layout.between(start, last))

    def picture(self, name: str, large: bool = False) -> bytes:
        if name not in self.pictures:
            raise NotStored(f"no picture {name}")
        return self.pictures[name][large]

    def located(self, citation: Citation) -> Citation:
        """The citation with its regions, where its document has pages."""
        layout = self.layouts.get(citation.document.document_id)
        found = regions(citation.quote, citation.start, layout) if layout else None
        return replace(citation, regions=found)


def _pictures() -> dict[str, tuple[bytes, bytes]]:
    """The pictures of all pages in two sizes, by name."""
    found = {}
    for page, one in zip(_layout().pages, drawn_pages(), strict=True):
        assert page.picture
        small, large = (one.encoded(width=width) for width in WIDTHS)
        found[page.picture] = small, large
    return found


def quoted() -> Citation:
    """A citation of words that stand on the second page, some of them faint."""
    return _with_regions("forty sacks of coal were brought over the ice by eleven sledges.", "13")


def quoted_over_pages() -> Citation:
    """A citation of words on the second and the third page."""
    return _with_regions("the storekeeper counted the sacks again and found only thirty eight.",
                         "13–14")  # fmt: skip


def _with_regions(quote: str, page: str) -> Citation:
    return replace(DrawnPages(True).located(cited(1, DRAWN, quote)), page=page)
