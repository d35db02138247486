"""TEI XML (https://tei-c.org/guidelines/): a document for each `<TEI>` in the file.

    correspDesc                      author, recipient, date, place
    titleStmt                        title; author where no correspondence says it; translator
    msIdentifier                     shelf-mark, collection
    sourceDesc/bibl                  published source
    text                             paragraphs, headings, lines; `<pb n="…"/>` begins a page

The text is what stands in the document: `<orig>`, `<sic>` and `<abbr>` rather than what editors
put for them, without deleted words, with the editors' additions in square brackets and gaps as
"[…]". Notes are kept in `extra`, not in the text. Not here: schemas, stand-off markup, facsimiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import metadata
from rag.readers.formats import markup
from rag.readers.formats.markup import XML, Element
from rag.readers.formats.tei_text import text_of
from rag.readers.pages import resolved
from rag.readers.source import SourceFile
from rag.text import detection
from rag.types import Failure, ReadItem

_UNSURE = frozenset({"low", "medium", "unknown"})


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The documents of a TEI file or corpus. Raises ReadError."""
    path, root = source.path, markup.xml_tree(source.read())
    if root.tag not in ("TEI", "TEI.2", "teiCorpus"):
        raise ReadError(f"format not supported: XML <{root.tag}>; convert to TEI or plain text")
    texts = [root] if root.tag != "teiCorpus" else list(root.iter("TEI"))
    if not texts:
        raise ReadError("a TEI corpus without any <TEI> in it; add its texts")
    for number, tei in enumerate(texts, 1):
        own = tei.get(f"{XML}id") or f"{path.stem}-{number}"
        try:
            yield _document(tei, path.stem if len(texts) == 1 else own, path)
        except ReadError as error:
            yield Failure(str(path), error.error, error.line or tei.sourceline)


def _document(tei: Element, document_id: str, path: Path) -> Document:
    body = tei.find("text")
    if body is None:
        raise ReadError("a <TEI> without <text>; only texts can be searched")
    marked, notes = text_of(body)
    text, pages = resolved(marked)
    if not text:
        raise ReadError("there are no words in <text>; remove it or fill it")
    header = tei.find("teiHeader")
    record: dict[str, Any] = _header(header) if header is not None else {}
    declared = body.get(f"{XML}lang") or tei.get(f"{XML}lang") or record.pop("lang", None)
    record |= {"text": text, "lang": detection.declared_language(declared, text)}
    record["title"] = record.get("title") or path.stem
    if notes:
        record["notes"] = notes
    return replace(metadata.document(record, document_id, str(path)), pages=pages)


def _header(header: Element) -> dict[str, Any]:
    """The fields that a header gives."""
    sent, received = _action(header, "sent"), _action(header, "received")
    record = {
        "title": _first(header, "fileDesc/titleStmt/title"),
        "author": _names(sent) or _all(header, "fileDesc/titleStmt/author"),
        "recipient": _names(received),
        "place": _place(sent),
        "translator": _translator(header),
        "source": _source(header),
        "archival_ref": _shelf_mark(header),
        "collection": _first(header, ".//msIdentifier/collection"),
        "lang": next((e.get("ident") for e in header.findall(".//langUsage/language")), None),
    }
    dates = [] if sent is None else list(sent.iter("date"))
    dates = dates or header.findall(".//origDate") or header.findall("profileDesc/creation/date")
    # Of one day in two calendars, the one with a machine-readable date comes first.
    dates.sort(key=lambda date: _edtf(date) is None)
    if dates:
        written = markup.words(dates[0])
        record |= {"date": _edtf(dates[0]) or written, "date_text": written or _edtf(dates[0])}
    return {name: value for name, value in record.items() if value}


def _action(header: Element, kind: str) -> Element | None:
    found = header.findall(f".//correspDesc/correspAction[@type='{kind}']")
    return found[0] if found else None


def _names(action: Element | None) -> str | None:
    """The persons of an action, else its institutions, as written."""
    if action is None:
        return None
    for tag in ("persName", "name", "orgName", "rs"):
        if names := [words for e in action.iter(tag) if (words := markup.words(e))]:
            return "; ".join(names)
    return None


def _place(action: Element | None) -> str | None:
    if action is None:
        return None
    return next((w for t in ("placeName", "settlement") for e in action.iter(t)
                 if (w := markup.words(e))), None)  # fmt: skip


def _translator(header: Element) -> str | None:
    """The person whom the header names as the translator."""
    title = header.find("fileDesc/titleStmt")
    for part in () if title is None else title:
        role = part.get("role") or ""
        if part.tag == "respStmt":
            role = " ".join(markup.words(e) for e in part.iter("resp"))
        if re.search(r"\btrans|\btrl\b|перев", role, re.I):
            names = [markup.words(e) for t in ("persName", "name", "orgName") for e in part.iter(t)]
            return "; ".join(names) or markup.words(part) or None
    return None


def _source(header: Element) -> str | None:
    for tag in ("bibl", "biblStruct", "biblFull"):
        for found in header.findall(f"fileDesc/sourceDesc//{tag}"):
            if tag == "bibl":
                return markup.words(found)
            return ", ".join(filter(None, (" ".join(part.split()) for part in found.itertext())))
    return None


def _shelf_mark(header: Element) -> str | None:
    """Place, archive, collection and number of the manuscript, in the order of the guidelines."""
    found = header.find(".//msIdentifier")
    if found is None:
        return None
    order = ("settlement", "institution", "repository", "collection", "idno")
    parts = (markup.words(e) for tag in order for e in found.findall(tag))
    return ", ".join(part.rstrip(" ,;") for part in parts if part) or None


def _edtf(date: Element) -> str | None:
    """The date that the attributes of a date give, or None."""

    def given(name: str) -> str | None:
        value = (date.get(name) or date.get(f"{name}-iso") or "").strip().partition("T")[0]
        return value if re.fullmatch(r"-?\d{4}(-\d\d){0,2}", value) else None

    if when := given("when"):
        return f"{when}?" if date.get("cert") in _UNSURE else when
    first, last = given("from") or given("notBefore"), given("to") or given("notAfter")
    return f"{first or '..'}/{last or '..'}" if first or last else None


def _first(element: Element, path: str) -> str | None:
    return next((words for e in element.findall(path) if (words := markup.words(e))), None)


def _all(element: Element, path: str) -> str | None:
    return "; ".join(filter(None, map(markup.words, element.findall(path)))) or None
