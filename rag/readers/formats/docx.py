"""DOCX: the paragraphs, tables and notes of a Word document (ECMA-376, part 1).

A paragraph is a block of its own, a row of a table a line with tabs between its cells. Insertions
that were tracked are text, deletions are not. Footnotes and endnotes are kept in `extra`. Who
typed the file is not the author; give the author in `<name>.meta.yaml`. Not here:
headers and footers, comments, pages (Word does not store them), pictures.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats import markup
from rag.readers.formats.markup import Element
from rag.readers.formats.zip_package import Package

_MAIN = "/officeDocument"
_DROPPED = frozenset(
    re.findall(
        r"\w+", "del moveFrom instrText delText Fallback pPr rPr sectPr tblPr trPr tcPr sdtPr"
    )
)
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def main_part(package: Package) -> str | None:
    """The name of the part that holds the text, None where the package is not a text document."""
    if "_rels/.rels" not in package.names:
        return None
    for relation in markup.xml_tree(package.part("_rels/.rels")):
        target = str(relation.get("Target", "")).lstrip("/")
        if str(relation.get("Type", "")).endswith(_MAIN) and target.startswith("word/"):
            return target
    return None


def document(package: Package, path: Path) -> Document:
    """The document. Raises ReadError."""
    main = main_part(package) or ""
    body = markup.xml_tree(package.part(main)).find("body")
    blocks = [] if body is None else list(_blocks(body))
    text = "\n\n".join(block for _, block in blocks)
    if not text:
        raise ReadError("there is no text in the document; remove it or fill it")
    folder = posixpath.dirname(main)
    notes = [
        note
        for kind in ("footnote", "endnote")
        if (name := f"{folder}/{kind}s.xml") in package.names
        for note in _notes(markup.xml_tree(package.part(name)), kind)
    ]
    title = next((block for style, block in blocks if _is_title(style)), None)
    record = {
        "title": (title or _core_title(package) or path.stem)[:300],
        "text": text,
        **({"notes": notes} if notes else {}),
    }
    return metadata.document(record, path.stem, str(path))


def _blocks(parent: Element) -> Iterator[tuple[str, str]]:
    """Style and text of each paragraph and table that holds any text."""
    for element in parent:
        if element.tag == "p":
            if text := _text(element):
                yield _style(element), text
        elif element.tag == "tbl":
            if text := "\n".join(filter(None, map(_row, element.findall("tr")))):
                yield "", text
        elif element.tag not in _DROPPED:
            yield from _blocks(element)


def _row(row: Element) -> str:
    cells = (" ".join(" ".join(t for _, t in _blocks(c)).split()) for c in row.iter("tc"))
    return "\t".join(cells).strip()


def _text(paragraph: Element) -> str:
    lines = "".join(_runs(paragraph)).split("\n")
    return "\n".join(line.strip(" \t") for line in lines).strip()


def _runs(parent: Element) -> Iterator[str]:
    for element in parent:
        if element.tag == "t":
            yield element.text or ""
        elif element.tag == "br" and any(v in ("page", "column") for v in element.attrib.values()):
            continue
        elif element.tag in _SIGNS:
            yield _SIGNS[element.tag]
        elif element.tag not in _DROPPED:
            yield "\n" if element.tag == "p" else ""  # of a text box inside the paragraph
            yield from _runs(element)


def _style(paragraph: Element) -> str:
    style = paragraph.find("pPr/pStyle")
    return "" if style is None else _attribute(style, "val")


def _attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace: transitional and strict files differ in it."""
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _is_title(style: str) -> bool:
    return style.lower().replace(" ", "") in ("title", "heading1", "1")  # "1": Russian Word


def _notes(root: Element, kind: str) -> Iterator[dict[str, str]]:
    for number, note in enumerate(_numbered(root, kind), 1):
        if text := "\n".join(t for _, t in _blocks(note)):
            yield {"n": str(number) if kind == "footnote" else f"e{number}", "text": text}


def _numbered(root: Element, kind: str) -> Iterator[Element]:
    """Notes without the lines that separate them from the text."""
    return (note for note in root.iter(kind) if not _attribute(note, "type"))


def _core_title(package: Package) -> str:
    if "docProps/core.xml" not in package.names:
        return ""
    title = markup.xml_tree(package.part("docProps/core.xml")).find("title")
    return "" if title is None else markup.words(title)
