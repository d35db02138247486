"""METS files (https://www.loc.gov/standards/mets/): the pages of a document, in order.

    structMap         the physical one: the order of the pages; ORDERLABEL, LABEL or ORDER name them
    fileSec           the transcription and the picture of each page, below the folder of the file
    dmdSec            metadata (`mods`)

Of several transcriptions of a page the last with words is taken, since tools add their own behind
those that they work on; of several pictures the largest file. Nothing is fetched. Not here: how a
transcription is read (`transcription`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from rag.errors import ReadError
from rag.readers.formats import markup
from rag.readers.formats.markup import Element
from rag.readers.scans import beside, collection, frames, mods
from rag.readers.scans.attributes import number
from rag.readers.scans.page_files import PageFiles
from rag.readers.scans.unread import Unread
from rag.readers.source import SourceFile
from rag.types import ReadItem

TRANSCRIPTIONS = (".xml", ".alto", ".page", ".hocr", ".html", ".htm", ".xhtml")
_HREF = "{http://www.w3.org/1999/xlink}href"


def read(source: SourceFile) -> Iterator[ReadItem | Unread]:
    """The document of a METS file; pages that are pictures alone are left to recognition.

    Raises ReadError.
    """
    root = markup.xml_tree(source.read())
    folder = source.path.parent
    pages = frames.spread(folder, list(_pages(root, folder)))
    if not pages:
        raise ReadError("its structMap names no page with a file in fileSec; export it again")
    record, declared = mods.record(root)
    yield from collection.read(source, pages, record, declared)


def _pages(root: Element, folder: Path) -> Iterator[PageFiles]:
    names = dict(_files(root))
    for n, div in enumerate(_divs(root, names), 1):
        named = [names[i] for i in _file_ids(div) if i in names]
        found = [(name, beside.beside(folder, name)) for name in named]
        there = list(dict.fromkeys(path for _, path in found if path))
        read = [path for path in there if _is(path, TRANSCRIPTIONS)]
        pictures = [path for path in there if _is(path, beside.PICTURES)]
        missing = [n for n, path in found if not path and not _is(n, beside.PICTURES)]
        label = div.get("ORDERLABEL") or div.get("LABEL") or div.get("ORDER") or str(n)
        yield PageFiles(
            label,
            tuple(reversed(read)),
            max(pictures, key=lambda name: (folder / name).stat().st_size, default=None),
            missing[0] if missing else named[0] if named and not there else None,
        )


def _files(root: Element) -> Iterator[tuple[str, str]]:
    """(ID, name) of each file."""
    for file in root.iterfind("fileSec//file"):
        location = file.find("FLocat")
        name = None if location is None else location.get(_HREF) or location.get("href")
        if name and file.get("ID"):
            yield file.get("ID"), name


def _divs(root: Element, names: dict[str, str]) -> list[Element]:
    """The divisions of the physical map that are pages: those with files, and none within."""
    maps = root.findall("structMap")
    maps.sort(key=lambda found: (found.get("TYPE") or "").lower() != "physical")
    for found in maps:
        with_files = [div for div in _in_order(found) if any(i in names for i in _file_ids(div))]
        pages = [d for d in with_files if (d.get("TYPE") or "").lower() in ("page", "single_page")]
        if pages := pages or [div for div in with_files if div.find("div") is None]:
            return pages
    return []


def _in_order(element: Element) -> Iterator[Element]:
    """The divisions below an element, by ORDER among their like where all have one."""
    divs = element.findall("div")
    orders = [number(div.get("ORDER")) for div in divs]
    if all(order is not None for order in orders):
        divs = [divs[i] for i in sorted(range(len(divs)), key=lambda i: orders[i] or 0)]
    for div in divs:
        yield div
        yield from _in_order(div)


def _file_ids(div: Element) -> list[str]:
    """The files of a division, without those of the divisions in it."""
    return [
        part.get("FILEID")
        for pointer in div.iterfind("fptr")
        for part in pointer.iter("fptr", "area")
        if part.get("FILEID")
    ]


def _is(name: str, suffixes: tuple[str, ...]) -> bool:
    return PurePosixPath(name).suffix.lower() in suffixes
