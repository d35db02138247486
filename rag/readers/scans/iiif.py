"""A IIIF manifest with the pages beside it: one document, with the manifest's metadata.

The files in the folder of the manifest are matched with its pages by the names of its images, else
by their order where there is one for each page, or one with all of them. Not here: what a manifest
says (`manifest`), which files are its own (`parts`).
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.errors import ReadError
from rag.readers.scans import collection, frames, parts
from rag.readers.scans.manifest import Manifest, parsed
from rag.readers.scans.unread import Unread
from rag.readers.source import SourceFile
from rag.types import ReadItem


def read(source: SourceFile) -> Iterator[ReadItem | Unread]:
    """The document of a manifest; pages that are pictures alone are left to recognition.

    Raises ReadError.
    """
    given = parsed(source.text())
    if not given.canvases:
        raise ReadError("the manifest has no pages; download it again")
    folder = source.path.parent
    pages = frames.spread(folder, parts.pages_of(source.path, given))
    if not pages or frames.are_too_few(folder, pages):
        raise ReadError(_nothing(given))
    yield from collection.read(source, pages, given.record, given.lang)


def _nothing(given: Manifest) -> str:
    names = [canvas.stems[0] for canvas in given.canvases if canvas.stems]
    named = f" by its name ({', '.join(names[:3])}{' …' if names[3:] else ''})" if names else ""
    return (
        f"no file beside the manifest can be told{named} to be one of its {len(given.canvases):,}"
        " pages, nor is there one for each of them, and nothing is fetched; put their pictures, or"
        " their ALTO, PAGE or hOCR files, in a folder with it alone"
    )
