"""From files to documents: discovery, encodings, formats, metadata, and a sandbox for parsers."""

from rag.readers.discovery import find_files, sidecar_of
from rag.readers.registry import FORMATS, Format, read
from rag.readers.sandbox import ParserSandbox
from rag.readers.source import SourceFile

__all__ = ["FORMATS", "Format", "ParserSandbox", "SourceFile", "find_files", "read", "sidecar_of"]
