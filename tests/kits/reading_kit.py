"""What the tests of the readers share: one file read to its one document, or its one failure."""

from __future__ import annotations

from pathlib import Path

from index_store.types import Document
from rag.readers.registry import read
from rag.readers.sandbox import ParserSandbox
from rag.types import Failure, ReadItem


def document(
    path: Path, content: str | bytes | None = None, sandbox: ParserSandbox | None = None
) -> Document:
    """The one document of a file, which is written first where `content` is given."""
    item = _item(path, content, sandbox)
    assert isinstance(item, Document), item
    return item


def failure(
    path: Path, content: str | bytes | None = None, sandbox: ParserSandbox | None = None
) -> Failure:
    """The one failure of a file, which is written first where `content` is given."""
    item = _item(path, content, sandbox)
    assert isinstance(item, Failure), item
    return item


def _item(path: Path, content: str | bytes | None, sandbox: ParserSandbox | None) -> ReadItem:
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    (item,) = read(path, sandbox)
    return item
