"""EPUB 2 and 3: the chapters of a book in reading order, as one document.

The package file gives title, author, translator, language and source; printed page breaks, where
the book marks them, give pages. Not here: pictures, styles, books under digital locks.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats import markup
from rag.readers.formats.markup import Element
from rag.readers.formats.zip_package import Package
from rag.readers.pages import resolved
from rag.readers.record_page.lines import gives_source
from rag.text import detection

_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def document(package: Package, path: Path) -> Document:
    """The book. Raises ReadError."""
    container = markup.xml_tree(package.part("META-INF/container.xml"))
    name = next((e.get("full-path") for e in container.iter("rootfile")), None)
    if not name:
        raise ReadError("the EPUB names no package file; create it again")
    book = markup.xml_tree(package.part(name))
    marked = "\n\n".join(_chapters(package, book, posixpath.dirname(name)))
    text, pages = resolved(marked)
    if not text:
        raise ReadError(
            "there is no text in the book: its pages are pictures; recognise them (OCR) first"
            if any("image" in (e.get("media-type") or "") for e in book.iter("item"))
            else "there is no text in the book; create it again"
        )
    record = _metadata(book)
    record["title"] = record.get("title") or path.stem
    record |= {"text": text, "lang": detection.declared_language(record.get("lang"), text)}
    return replace(metadata.document(record, path.stem, str(path)), pages=pages)


def _chapters(package: Package, book: Element, folder: str) -> Iterator[str]:
    """The text of each part of the spine, tables of contents left out."""
    items = {e.get("id"): e for e in book.iter("item")}
    locked = "META-INF/encryption.xml" in package.names
    for reference in book.iter("itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        if "nav" in (item.get("properties") or "").split():
            continue
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        try:
            yield markup.as_lines(_tree(package.part(name)), gives_source, pages=True)
        except ReadError as error:
            if locked:
                raise ReadError("under a digital lock (DRM); ingest a free copy") from error
            raise ReadError(f"in {name}: {error.error}", error.line) from error


def _tree(data: bytes) -> Element:
    """A chapter: XHTML as a rule, HTML where it is not well formed."""
    try:
        return markup.xml_tree(data)
    except ReadError:
        return markup.html_tree(markup.decoded(data))


def _metadata(book: Element) -> dict[str, Any]:
    """The fields that the package file gives; the date of the edition is not a document's date."""
    record: dict[str, Any] = {}
    for name, field in (("title", "title"), ("language", "lang"), ("source", "source")):
        values = (markup.words(e) for e in book.iter(name))
        record[field] = next((value for value in values if value), None)
    roles = {
        (e.get("refines") or "").removeprefix("#"): markup.words(e)
        for e in book.iter("meta")
        if e.get("property") == "role"
    }
    people: dict[str, list[str]] = {"aut": [], "trl": []}
    for tag, usual in (("creator", "aut"), ("contributor", "")):
        for element in book.iter(tag):
            role = element.get("{http://www.idpf.org/2007/opf}role") or roles.get(
                element.get("id") or "", usual
            )
            if role in people and (words := markup.words(element)):
                people[role].append(words)
    record["author"], record["translator"] = people["aut"], people["trl"]
    record["published"] = next((markup.words(e) for e in book.iter("date")), None)
    return {name: value for name, value in record.items() if value}
