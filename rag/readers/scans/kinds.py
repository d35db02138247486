"""Which format of transcriptions a file is in, by its beginning. Loads no parser.

Not here: other formats (`rag.readers.registry`).
"""

from __future__ import annotations

import re
from pathlib import Path

from rag.readers.scans.manifest import is_manifest

ROOT = re.compile(
    r"\s*(?:<\?[^>]*\?>\s*|<!--(?:[^-]|-(?!->))*-->\s*"
    r"|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>\s*)*<(?:[\w.-]+:)?([\w.-]+)"
)
"""What may come before the root of an XML file, and the local name of that root."""
ALTO, PAGE, HOCR, METS, MANIFEST = "ALTO", "PAGE-XML", "hOCR", "METS", "IIIF manifest"
TRANSCRIPTIONS = (ALTO, PAGE, HOCR)
"""Formats of pages; the others tell how pages belong together."""
KINDS = (*TRANSCRIPTIONS, METS, MANIFEST)

_ROOTS = {"alto": ALTO, "pcgts": PAGE, "mets": METS}
_OCR_PAGE = re.compile(r"class\s*=\s*[\"'](?:[^\"']*\s)?ocr_page[\s\"']")
_SUFFIXES = frozenset(
    (".xml", ".mets", ".alto", ".page", ".hocr", ".html", ".htm", ".xhtml", ".json", "")
)
_START = 2**16


def kind(head: str) -> str | None:
    """The format that begins like this, None for another one."""
    root = ROOT.match(head.removeprefix("\ufeff"))
    if root:
        known = _ROOTS.get(root[1].lower())
        return known or (HOCR if _OCR_PAGE.search(head) else None)
    return MANIFEST if is_manifest(head) else None


def kind_of(path: Path) -> str | None:
    """The format of a file, by its name and its first 64 KB; None where it cannot be read."""
    if path.suffix.lower() not in _SUFFIXES:
        return None
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return kind(file.read(_START).decode("utf-8", "ignore"))
    except (OSError, ValueError):
        return None
