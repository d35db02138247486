"""Plain text and Markdown: one file, one document.

A YAML front matter block gives metadata; all below it is the text, with line feeds as line ends
and without the white space at its edges. The title is the first Markdown heading, else the file
name. Nothing else is read out of the text, and Markdown stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.errors import ReadError
from rag.readers import metadata as fields
from rag.readers import yaml_mapping
from rag.readers.source import SourceFile
from rag.types import ReadItem

_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*$", re.M)
_FENCE = re.compile(r"\s*---[ \t]*\n")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.M)
_YAML_LINE = re.compile(r"\s*(?:#.*|-[ \t].*|[\w-]+[ \t]*:(?:\s.*)?|\s+\S.*|[\]}],?)?")
_MAX_TITLE = 300


def read(source: SourceFile) -> Iterator[ReadItem]:
    """The document of a text file. Raises ReadError."""
    path = source.path
    metadata, text = front_matter(source.text())
    text = text.strip()
    if not text:
        raise ReadError("there is no text in the file; remove it or fill it")
    heading = _HEADING.search(text)
    title = heading[1][:_MAX_TITLE] if heading else path.stem
    record = {"title": title, **metadata, "text": text}
    yield fields.document(record, path.stem, str(path))


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The metadata block at the top, {} without one, and the text below it."""
    opening = _FENCE.match(text)
    closing = _CLOSE.search(text, opening.end(), yaml_mapping.MAX_YAML) if opening else None
    if not opening or not closing:
        return {}, text
    block = text[opening.end() : closing.start()]
    if ":" not in block or not all(_YAML_LINE.fullmatch(line) for line in block.split("\n")):
        return {}, text  # a text that begins with a rule
    try:
        metadata = yaml_mapping.mapping(block)
    except ReadError as error:
        line = (error.line or 1) + text.count("\n", 0, opening.end())
        raise ReadError(f"front matter: {error.error}", line) from error
    if "text" in metadata:
        raise ReadError("front matter: text stands below the block, not in it; rename that field")
    return metadata, text[closing.end() :]
