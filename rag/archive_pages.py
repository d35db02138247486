"""The pages of an archive's documents: their pictures, and where words stand on them."""

from __future__ import annotations

from index_store.layout import Layout, Page, Region
from index_store.store import IndexStore
from rag.citations.regions import regions
from rag.errors import NotStored
from rag.types import ShownPage


class ArchivePages:
    """The part of `rag.Archive` that shows pages."""

    @property
    def store(self) -> IndexStore:
        """The open store."""
        raise NotImplementedError

    def pages(self, document_id: str) -> tuple[Page, ...]:
        """The pages of a document, () where its file has none."""
        return self.store.pages(document_id)

    def page(self, document_id: str, number: int) -> ShownPage:
        """Page `number`, from 1, of a document. Raises NotStored for an unknown one."""
        store = self.store
        pages = store.pages(document_id)
        if not pages:
            store.document(document_id)
        if not 1 <= number <= len(pages):
            many = "1 page" if len(pages) == 1 else f"{len(pages)} pages"
            told = f"it has {many}" if pages else "its file has no pages to show"
            raise NotStored(f"document {document_id!r} has no page {number}: {told}")
        return ShownPage(document_id, number, len(pages), pages[number - 1])

    def layout(
        self, document_id: str, start: int = 0, end: int | None = None, below: float | None = None
    ) -> Layout | None:
        """All pages of a document, and the boxes of the words in `text[start:end]`.

        With `below` of the words only those that were read with less confidence, and the first of
        each page: few of a long text. None where it has no layout. Raises NotStored.
        """
        return self.store.layout(document_id, start, end, below)

    def regions(self, document_id: str, start: int, end: int) -> tuple[Region, ...]:
        """Boxes of the printed lines of `text[start:end]`; () where too few of its words have one.

        Raises NotStored.
        """
        document = self.store.document(document_id)
        layouts = self.store.layouts_of(document, [(start, end)])
        return regions(document.text[start:end], start, layouts[0]) if layouts else ()

    def picture(self, name: str, large: bool = False) -> bytes:
        """A page's picture, JPEG or PNG, some 1,000 pixels wide, or 2,000 if `large`.

        Raises NotStored for an unknown name, StoreCorrupt for a missing or damaged file.
        """
        return self.store.picture(name, large)
