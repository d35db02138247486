"""`<name>.meta.yaml` beside a file: gives or corrects the metadata of its documents.

Fields are those of JSON Lines; a field left empty clears what the document says. A mapping under
a language code (`ru:`) holds for the version in that language alone. Every value is text as it is
written, `1931` and `no` too. Aliases are refused, since a few of them can expand to gigabytes.
The text of a document cannot be given here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from index_store.types import Document
from rag.errors import ReadError
from rag.readers.discovery import sidecar_of
from rag.readers.encoding import decode
from rag.readers.metadata import corrected, plain
from rag.readers.source import SourceFile
from rag.readers.yaml_mapping import MAX_YAML, mapping
from rag.text.detection import is_language


def load(source: SourceFile) -> dict[str, Any]:
    """The metadata beside a file, {} where there is none.

    Raises ReadError, which names the sidecar, and OSError.
    """
    path = sidecar_of(source.path)
    if not source.sidecar and not path.exists() and not path.is_symlink():
        return {}
    try:
        if path.is_symlink() and path.resolve().parent != source.path.resolve().parent:
            raise ReadError("a symbolic link to another folder; put a copy here")
        if not source.sidecar:
            raise ReadError("not a regular file; copy its content into one")
        given = mapping(decode(source.sidecar.read(MAX_YAML)))
        if "text" in given:
            raise ReadError("the text of a document cannot be given here; change the file itself")
    except ReadError as error:
        line = f" line {error.line}:" if error.line else ""
        raise ReadError(f"in {path.name}:{line} {error.error}") from error
    return given


def apply(document: Document, given: Mapping[str, Any]) -> Document:
    """The document with the metadata given for it.

    An `id` replaces the document's; the language is added where the record has several.
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
