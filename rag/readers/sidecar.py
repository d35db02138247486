"""`<name>.meta.yaml` beside a file: gives or corrects the metadata of its documents.

Fields are those of JSON Lines; a field left empty clears what the document says. A mapping under
a language code (`ru:`) holds for the version in that language alone. Every value is taken as it
is written: `1931` is text, `no` is no truth value. Aliases are refused, since a few of them
unfold to gigabytes. The text of a document cannot be given here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from index_store.types import Document
from rag.errors import ReadError
from rag.readers.discovery import SIDECAR
from rag.readers.encoding import decode
from rag.readers.files import read_whole
from rag.readers.metadata import corrected, plain
from rag.readers.yaml_mapping import MAX_YAML, mapping
from rag.text.detection import is_language


def sidecar_of(path: Path) -> Path:
    """Where the metadata of this file would stand."""
    return path.with_name(path.name + SIDECAR)


def load(path: Path) -> dict[str, Any]:
    """The metadata beside a file, {} where there is none; ReadError names the sidecar."""
    beside = sidecar_of(path)
    if not beside.exists() and not beside.is_symlink():
        return {}
    try:
        if beside.resolve().parent != path.resolve().parent and beside.is_symlink():
            raise ReadError("a symbolic link to another folder; put a copy here")
        given = mapping(decode(read_whole(beside, MAX_YAML)))
        if "text" in given:
            raise ReadError("the text of a document cannot be given here; change the file itself")
    except ReadError as error:
        line = f" line {error.line}:" if error.line else ""
        raise ReadError(f"in {beside.name}:{line} {error.error}") from error
    return given


def apply(document: Document, given: Mapping[str, Any]) -> Document:
    """The document with the metadata given for it.

    An `id` replaces the document's, with its language behind where the record has several.
    """
    if not given:
        return document
    own = given.get(document.lang)
    common = {
        name: value
        for name, value in given.items()
        if not (is_language(name) and isinstance(value, Mapping))
    }
    merged = {**common, **(own if isinstance(own, Mapping) else {})}
    if new := plain(merged.get("id")):
        suffix = f".{document.lang}" if document.document_id != document.record_id else ""
        document = replace(document, document_id=new + suffix, record_id=new)
    return corrected(document, merged)
