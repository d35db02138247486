"""Files to documents: the format is recognised by content first, then by name.

A reader is a row of `FORMATS`: its name, a test whether a file is of this format, and the function
that reads it; binary formats, XML and HTML are read in a child process (`ParserSandbox`). Whatever
is wrong with a file is a Failure of that file or line; the rest of a batch goes on. Not here: ids
that clash, warnings, passages (`rag.ingest`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import sidecar
from rag.readers.formats import plain, tabular
from rag.readers.metadata import plain as plain_text
from rag.readers.record_page import reader
from rag.readers.sandbox import ParserSandbox
from rag.readers.scans import kinds
from rag.readers.scans.recognition import Recogniser
from rag.readers.scans.unread import Unread
from rag.readers.source import SourceFile, open_source
from rag.text.detection import UNKNOWN, detected_language
from rag.types import Failure, ReadItem


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: `matches` says whether a file is one, `read` gives its documents.

    Without `read` it is read in a child process, by `rag.readers.sandbox_worker.READERS`.
    """

    name: str
    matches: Callable[[SourceFile], bool]
    read: Callable[[SourceFile], Iterator[ReadItem]] | None = None


def _is_jsonl(source: SourceFile) -> bool:
    line = source.first_line
    return line.startswith('{"') or source.suffix in (".jsonl", ".ndjson", ".json")


def _is_csv(source: SourceFile) -> bool:
    return tabular.is_header(source.first_line) or source.suffix in (".csv", ".tsv")


def _is_html(source: SourceFile) -> bool:
    head = source.head[:2000].lstrip().lower()
    named = source.suffix in (".html", ".htm", ".xhtml")
    root = kinds.ROOT.match(source.head)
    declared = head.startswith(("<!doctype html", "<html")) or (root and root[1].lower() == "html")
    return bool(declared) or (named and "<" in head)


def _is_xml(source: SourceFile) -> bool:
    """XML that is not HTML: if it is not TEI, the reader says so."""
    root = kinds.ROOT.match(source.head)
    named = source.suffix in (".xml", ".tei") or source.first_line.startswith("<?xml")
    return named or (root is not None and root[1].startswith(("TEI", "teiCorpus")))


def _is_pdf(source: SourceFile) -> bool:
    named = source.suffix == ".pdf"
    return b"%PDF-" in source.start[:1024] if named else source.start[:8].lstrip()[:5] == b"%PDF-"


def _is_zip(source: SourceFile) -> bool:
    return source.start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _is_page(source: SourceFile) -> bool:
    return not tabular.is_header(source.first_line) and reader.is_record_page(source.head)


def _is_kind(name: str, source: SourceFile) -> bool:
    return kinds.kind(source.head) == name


def _is_text(source: SourceFile) -> bool:
    return source.suffix in (".txt", ".text", ".md", ".markdown", "")


_IMAGES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"II*\x00",  # TIFF, in both orders of bytes, and its form for large files
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",  # JPEG 2000, in its file format and bare
    b"\xff\x4f\xff\x51",
)


def _is_image(source: SourceFile) -> bool:
    return source.start.startswith(_IMAGES)


FORMATS = (
    Format("image", _is_image),
    Format("PDF", _is_pdf),
    Format("DOCX or EPUB", _is_zip),
    *(Format(name, partial(_is_kind, name)) for name in kinds.KINDS),
    Format("JSON Lines", _is_jsonl, tabular.read_jsonl),
    Format("HTML", _is_html),
    Format("TEI XML", _is_xml),
    Format("record page", _is_page, reader.read),
    Format("CSV", _is_csv, tabular.read_csv),
    Format("plain text", _is_text, plain.read),
)
"""The first in this order that matches a file reads it."""

_UNSUPPORTED = (
    (b"\xd0\xcf\x11\xe0", "an old Office file", "DOCX"),
    (b"{\\rtf", "RTF", "DOCX"),
    (b"\x1f\x8b", "gzip", "the file in it"),
    (b"BZh", "bzip2", "the file in it"),
    (b"\xfd7zXZ", "xz", "the file in it"),
    (b"7z\xbc\xaf", "7-Zip", "the files in it"),
    (b"GIF8", "GIF", "PNG"),
    (b"AT&TFORM", "DjVu", "plain text"),
    (b"SQLite format 3", "SQLite", "JSON Lines"),
)


def read(
    path: Path, sandbox: ParserSandbox | None = None, recogniser: Recogniser | None = None
) -> Iterator[ReadItem]:
    """The documents of a file, with the ids they propose, and Failures for what is wrong in it.

    `sandbox` is the child process that a batch shares; without it a file that needs one gets its
    own. `recogniser` reads pages that are pictures; without it one with default languages does.
    """
    try:
        with open_source(path) as source:
            yield from read_source(source, sandbox, recogniser)
    except (ReadError, OSError, ValueError) as error:
        yield failure(path, error)


def read_source(
    source: SourceFile, sandbox: ParserSandbox | None, recogniser: Recogniser | None = None
) -> Iterator[ReadItem]:
    """As `read`, of a file that is open already."""
    try:
        given = sidecar.load(source)
        languages = plain_text(given.pop("ocr_languages", None))
        for item in _items(source, sandbox, recogniser or Recogniser(), languages):
            if isinstance(item, Document):
                item = sidecar.apply(item, given)
                if item.lang == UNKNOWN:
                    item = replace(item, lang=detected_language(item.text))
            yield item
    except (ReadError, OSError, ValueError) as error:
        yield failure(source.path, error)


def may_be_recognised(source: SourceFile) -> bool:
    """Is this a file of which some pages may be pictures: an image, a PDF, a METS or manifest?

    What is told of it may depend on the languages of recognition.
    """
    if _is_image(source) or b"%PDF-" in source.start[:1024]:
        return True
    return kinds.kind(source.start.decode("utf-8", "ignore")) in (kinds.METS, kinds.MANIFEST)


def failure(path: Path, error: ReadError | OSError | ValueError) -> Failure:
    """What the report says of a file that cannot be opened or read."""
    if isinstance(error, ReadError):
        return Failure(str(path), error.error, error.line)
    cause = error.strerror if isinstance(error, OSError) else error
    return Failure(str(path), f"cannot be read: {cause}; check its name and permissions")


def _items(
    source: SourceFile, sandbox: ParserSandbox | None, recogniser: Recogniser, languages: str | None
) -> Iterator[ReadItem]:
    found = _format(source)
    if found.read:
        yield from found.read(source)
    elif sandbox:
        for item in sandbox.read(found.name, source.path):
            if isinstance(item, Unread):
                yield from recogniser.read(item, source.path, sandbox, languages)
            else:
                yield item
    else:
        with ParserSandbox() as own:
            yield from _items(source, own, recogniser, languages)


def _format(source: SourceFile) -> Format:
    """The format of a file; ReadError where none is recognised."""
    if not source.start.strip():
        raise ReadError("the file is empty; remove it or fill it")
    for magic, name, target in _UNSUPPORTED:
        if source.start.startswith(magic):
            raise ReadError(f"format not supported: {name}; convert to {target}")
    for known in FORMATS:
        if known.matches(source):
            return known
    kind = source.suffix or "no suffix"
    raise ReadError(f"format not supported: {kind}; convert to plain text (.txt) or JSON Lines")
