"""From files to documents: discovery, encodings, formats, metadata, and a sandbox for parsers."""

from rag.readers.discovery import find_files
from rag.readers.registry import FORMATS, Format, Opening, read
from rag.readers.sandbox import ParserSandbox
from rag.readers.sidecar import sidecar_of

__all__ = ["FORMATS", "Format", "Opening", "ParserSandbox", "find_files", "read", "sidecar_of"]
