"""`fonds show --page`: the picture of a page into a file, with a quotation marked on it.

Not here: the command itself (`commands`), how marks are drawn (`rag.citations.marking`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from index_store.layout import Region
from rag.archive import Archive
from rag.errors import NotStored, UsageError

_SUFFIXES = (".png",)


def write_page(
    archive: Archive, document_id: str, number: int, out: Path, quote: str | None
) -> dict[str, Any]:
    """Writes page `number`, from 1, of a document as PNG to `out`; the command's JSON.

    Raises NotStored where there is no such page or no picture of it, UsageError where `out` is
    not a .png or the quotation does not stand on the page.
    """
    if out.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{out}: the page is written as PNG; give a name that ends in .png")
    page = archive.page(document_id, number)
    if page.page.picture is None:
        raise NotStored(
            f"there is no picture of page {number} of {document_id}; `fonds show {document_id}`"
            " shows its warnings, and `fonds ingest` of its file makes pictures, unless"
            " FONDS_PICTURES=no"
        )
    marked = _marked(archive, document_id, number, quote) if quote else ()
    from rag.citations.marking import png

    out.write_bytes(png(archive.picture(page.page.picture, large=True), marked))
    return {
        **page.to_dict(),
        "file": str(out),
        "bytes": out.stat().st_size,
        "regions": [region.to_dict() for region in marked],
    }


def _marked(archive: Archive, document_id: str, number: int, quote: str) -> tuple[Region, ...]:
    """The boxes of the quotation on this page, of the first place where it stands there."""
    elsewhere: set[int] = set()
    matches = archive.verify(quote, document_id).matches
    for match in matches:
        found = match.citation.regions or ()
        if here := tuple(region for region in found if region.page == number):
            return here
        elsewhere |= {region.page for region in found}
    if elsewhere:
        pages = ", ".join(map(str, sorted(elsewhere)))
        raise UsageError(f"the quotation does not stand on page {number}: give --page {pages}")
    if matches:
        raise UsageError("the quotation stands in the text, but its words have no places on a page")
    raise UsageError(f"the quotation does not stand in {document_id}")
