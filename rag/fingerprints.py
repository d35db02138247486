"""What tells whether a file or a document has changed since it was ingested."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from index_store.catalogue.layouts import layout_sha256
from index_store.types import Document
from rag.readers.registry import may_be_recognised
from rag.readers.scans import parts
from rag.readers.source import SourceFile

FORMAT = "1"
"""Raised when reading or splitting changes, so that unchanged files are read again."""

PDF_FORMAT = ".2"
"""The same for PDF alone: before 2 its words had no places."""


def fingerprint(document: Document) -> str:
    """SHA-256 of the text, all metadata and the layout; without path, pictures, the hash itself."""
    bare = replace(document, path="", sha256="", extra=dict(document.extra), layout=None)
    content = asdict(bare)
    del content["layout"]
    if document.layout is not None:
        content["layout"] = layout_sha256(document.layout)
    whole = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{FORMAT}\n{whole}".encode()).hexdigest()


def file_digest(source: SourceFile, ocr_languages: str) -> str:
    """SHA-256 of the readers' version and the hashes of a file, its sidecar and its parts.

    The languages of recognition count for files with pages that may be recognised. A PDF with text
    is only parsed again when they change: its document stays as it is.
    """
    version = FORMAT + (PDF_FORMAT if b"%PDF-" in source.start[:1024] else "")
    if may_be_recognised(source):
        version += f" {ocr_languages}"
    hashes = [part.sha256 for part in (source, source.sidecar) if part]
    hashes.append(parts.state(source.path))
    return hashlib.sha256(b"".join([version.encode(), *hashes])).hexdigest()
