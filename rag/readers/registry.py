"""Files to documents: the format is told by content first, then by name.

A reader is a row of `FORMATS`: what it is called, whether a file is its own, and how it is read;
binary formats, XML and HTML are read in a child process (`ParserSandbox`). Whatever is wrong with
a file is a Failure of that file or line; the rest of a batch goes on. Not here: ids that clash,
warnings, passages (`rag.ingest`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index_store.types import Document
from rag.errors import ReadError
from rag.readers import sidecar
from rag.readers.encoding import encoding_of, normalised
from rag.readers.files import sample, start
from rag.readers.formats import plain, tabular
from rag.readers.record_page import reader
from rag.readers.sandbox import ParserSandbox
from rag.types import Failure, ReadItem


@dataclass(frozen=True, slots=True)
class Opening:
    """What a format is told by: the file's name and how it begins.

    `text` is the first 64 KB as text, line ends as line feeds, cut at a line; "" where the
    encoding cannot be told.
    """

    path: Path
    data: bytes
    text: str

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def first_line(self) -> str:
        """The first line that is not empty."""
        return self.text.lstrip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: `sniff` tells whether a file is one, `read` gives its documents.

    Without `read` it is read in a child process, by `rag.readers.worker.READERS`.
    """

    name: str
    sniff: Callable[[Opening], bool]
    read: Callable[[Path], Iterator[ReadItem]] | None = None


# What may come before the root of an XML file, and the local name of that root.
_ROOT = re.compile(
    r"\s*(?:<\?[^>]*\?>\s*|<!--(?:[^-]|-(?!->))*-->\s*"
    r"|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>\s*)*<(?:[\w.-]+:)?([\w.-]+)"
)


def _is_jsonl(opening: Opening) -> bool:
    line = opening.first_line
    return line.startswith('{"') or opening.suffix in (".jsonl", ".ndjson", ".json")


def _is_csv(opening: Opening) -> bool:
    return tabular.is_header(opening.first_line) or opening.suffix in (".csv", ".tsv")


def _is_html(opening: Opening) -> bool:
    head = opening.text[:2000].lstrip().lower()
    named = opening.suffix in (".html", ".htm", ".xhtml")
    root = _ROOT.match(opening.text)
    told = head.startswith(("<!doctype html", "<html")) or (root and root[1].lower() == "html")
    return bool(told) or (named and "<" in head)


def _is_xml(opening: Opening) -> bool:
    """XML that is not HTML: if it is not TEI, the reader says so."""
    root = _ROOT.match(opening.text)
    named = opening.suffix in (".xml", ".tei") or opening.first_line.startswith("<?xml")
    return named or (root is not None and root[1].startswith(("TEI", "teiCorpus")))


def _is_pdf(opening: Opening) -> bool:
    named = opening.suffix == ".pdf"
    return b"%PDF-" in opening.data[:1024] if named else opening.data[:8].lstrip()[:5] == b"%PDF-"


def _is_zip(opening: Opening) -> bool:
    return opening.data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _is_page(opening: Opening) -> bool:
    is_table = tabular.is_header(opening.first_line)
    return not is_table and reader.is_record_page(opening.text)


def _is_text(opening: Opening) -> bool:
    return opening.suffix in (".txt", ".text", ".md", ".markdown", "")


FORMATS = (
    Format("PDF", _is_pdf),
    Format("DOCX or EPUB", _is_zip),
    Format("JSON Lines", _is_jsonl, tabular.read_jsonl),
    Format("HTML", _is_html),
    Format("TEI XML", _is_xml),
    Format("record page", _is_page, reader.read),
    Format("CSV", _is_csv, tabular.read_csv),
    Format("plain text", _is_text, plain.read),
)
"""In this order the first that knows a file reads it."""

_UNSUPPORTED = (
    (b"\xd0\xcf\x11\xe0", "an old Office file", "DOCX"),
    (b"{\\rtf", "RTF", "DOCX"),
    (b"\x1f\x8b", "gzip", "the file in it"),
    (b"BZh", "bzip2", "the file in it"),
    (b"\xfd7zXZ", "xz", "the file in it"),
    (b"7z\xbc\xaf", "7-Zip", "the files in it"),
    (b"\x89PNG", "an image", "text by recognition (OCR)"),
    (b"\xff\xd8\xff", "an image", "text by recognition (OCR)"),
    (b"GIF8", "an image", "text by recognition (OCR)"),
    (b"II*\x00", "an image", "text by recognition (OCR)"),
    (b"MM\x00*", "an image", "text by recognition (OCR)"),
    (b"AT&TFORM", "DjVu", "plain text"),
    (b"SQLite format 3", "SQLite", "JSON Lines"),
)


def read(path: Path, apart: ParserSandbox | None = None) -> Iterator[ReadItem]:
    """The documents of a file, with the ids they propose, and Failures for what is wrong in it.

    `apart` is the child process that a batch shares; without it a file that needs one has its own.
    """
    try:
        given = sidecar.load(path)
        for item in _items(path, apart):
            yield sidecar.apply(item, given) if isinstance(item, Document) else item
    except ReadError as error:
        yield Failure(str(path), error.error, error.line)
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        yield Failure(str(path), f"cannot be read: {cause}; check its name and permissions")


def _items(path: Path, apart: ParserSandbox | None) -> Iterator[ReadItem]:
    found = _format(path)
    if found.read:
        yield from found.read(path)
    elif apart:
        yield from apart.read(found.name, path)
    else:
        with ParserSandbox() as own:
            yield from own.read(found.name, path)


def _format(path: Path) -> Format:
    """The format of a file; ReadError where none can be told."""
    data = start(path)
    if not data.strip():
        raise ReadError("the file is empty; remove it or fill it")
    for magic, name, target in _UNSUPPORTED:
        if data.startswith(magic):
            raise ReadError(f"format not supported: {name}; convert to {target}")
    opening = Opening(path, data, _text(path, data))
    for known in FORMATS:
        if known.sniff(opening):
            return known
    kind = opening.suffix or "no suffix"
    raise ReadError(f"format not supported: {kind}; convert to plain text (.txt) or JSON Lines")


def _text(path: Path, data: bytes) -> str:
    """The beginning as text: what cannot be decoded here is told by the reader."""
    try:
        encoding = encoding_of(sample(path))
    except ReadError:
        encoding = "utf-8"
    whole = data.decode(encoding, "ignore").removeprefix("\ufeff")
    return normalised(whole)
