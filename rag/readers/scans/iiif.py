"""A IIIF manifest with the transcriptions beside it: one document, with the manifest's metadata.

The files in the folder of the manifest are matched with its pages by the names of its images, else
by their order where there is one for each page. Not here: what a manifest says (`manifest`), which
files are its own (`parts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from index_store.types import Document, DocumentWarning
from rag.errors import ReadError
from rag.readers.scans import collection, parts
from rag.readers.scans.manifest import parsed
from rag.readers.source import SourceFile
from rag.types import ReadItem


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The document of a manifest. Raises ReadError."""
    given = parsed(source.text())
    if not given.canvases:
        raise ReadError("the manifest has no pages; download it again")
    pages, fits = parts.pages_of(source.path, given)
    if not pages:
        raise ReadError(
            "no ALTO, PAGE or hOCR file of its pages lies beside the manifest, and nothing is"
            " fetched; put them in its folder"
        )
    for item in collection.read(source, pages, given.record, given.lang):
        if isinstance(item, Document) and not fits:
            message = (
                f"The manifest has {len(given.canvases):,} pages, and {len(pages):,} files lie"
                " beside it whose names do not tell which; its page labels are not used."
            )
            warning = DocumentWarning("page_missing", message)
            item = replace(item, warnings=(*item.warnings, warning))
        yield item
