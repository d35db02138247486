"""DOCX and EPUB files: which of the two a ZIP archive is."""

from __future__ import annotations

from collections.abc import Iterator

from rag.errors import ReadError
from rag.readers.formats import docx, epub
from rag.readers.formats.zip_package import Package
from rag.readers.source import SourceFile
from rag.types import ReadItem


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The document of a DOCX or EPUB file. Raises ReadError."""
    package = Package(source.file)
    if "META-INF/container.xml" in package.names:
        yield epub.document(package, source.path)
    elif "[Content_Types].xml" in package.names and docx.main_part(package):
        yield docx.document(package, source.path)
    else:
        raise ReadError(f"format not supported: {_kind(package)}")


def _kind(package: Package) -> str:
    """What an archive holds that is neither of the two, and what to do with it."""
    if "[Content_Types].xml" in package.names:
        return "an Office file that is not a text document; save it as DOCX or CSV"
    if "mimetype" in package.names and b"opendocument" in package.part("mimetype")[:200]:
        return "OpenDocument; save it as DOCX"
    return "a ZIP archive; unpack it and ingest what is in it"
