"""ALTO, PAGE-XML and hOCR files: each by itself is a document.

Its picture is the one that the file names, else one of the same name beside it. Not here: what the
formats mean (`alto`, `page_xml`, `hocr`), files that belong together (`mets`, `iiif`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats import markup
from rag.readers.formats.markup import Element
from rag.readers.scans import alto, beside, hocr, page_xml
from rag.readers.scans.assemble import assemble
from rag.readers.scans.page import ReadPage
from rag.readers.source import SourceFile
from rag.text import detection
from rag.types import ReadItem

_XML: dict[str, Callable[[Element], list[ReadPage]]] = {
    "alto": alto.pages,
    "pcgts": page_xml.pages,
}


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The document of a file. Raises ReadError."""
    yield document(pages(source), {}, source.path)


def pages(source: SourceFile) -> list[ReadPage]:
    """The pages of a file; `file` is a picture that is there, relative to the folder of the file.

    Raises ReadError where it is none of these formats, or has no page.
    """
    data = source.read()
    if is_hocr(source.head):
        found = hocr.pages(markup.html_tree(markup.decoded(data)))
    else:
        root = markup.xml_tree(data)
        read = _XML.get(root.tag.lower())
        if read is None:
            raise ReadError(f"<{root.tag}> is no transcription; name an ALTO, PAGE or hOCR file")
        found = read(root)
    if not found:
        raise ReadError("it has no page; export it again")
    folder, name = source.path.parent, source.path.name
    return [replace(page, file=beside.picture(folder, page.file, name)) for page in found]


def is_hocr(head: str) -> bool:
    """Is this the beginning of an hOCR file?"""
    return "ocr_page" in head and "<" in head


def document(
    pages: Sequence[ReadPage],
    record: dict[str, Any],
    path: Path,
    declared: str | None = None,
) -> Document:
    """The document of pages, with the metadata of a record. ReadError where there are no words.

    `declared` is the language that the source gives, which the script of the words may contradict.
    """
    text, offsets, layout = assemble(pages)
    if not text:
        raise ReadError("there are no words in it; transcribe its pages, or ingest their pictures")
    given = {"title": path.stem, **record, "text": text}
    given["lang"] = detection.declared_language(declared, text)
    found = metadata.document(given, beside.stem(path.name), str(path))
    return replace(found, pages=offsets, layout=layout)
