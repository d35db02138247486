"""A suite's corpus as the product reads and splits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index_store.types import Passage
from rag.errors import FondsError
from rag.readers.registry import read
from rag.readers.scans.parts import find_documents
from rag.records.description import header_of
from rag.text.chunking import split
from rag.types import Failure


@dataclass(frozen=True, slots=True)
class Corpus:
    """Document id → its passages, and its header: title, people, place and date."""

    passages: Mapping[str, Sequence[Passage]]
    headers: Mapping[str, str]


@cache
def load(paths: tuple[Path, ...]) -> Corpus:
    """The documents in files and folders. Raises FondsError for a file that cannot be read."""
    passages: dict[str, Sequence[Passage]] = {}
    headers: dict[str, str] = {}
    for path in find_documents(paths):
        for item in (path,) if isinstance(path, Failure) else read(path):
            if isinstance(item, Failure):
                raise FondsError(f"{item.path}: {item.error}; a suite's corpus must read whole")
            if item.document_id not in passages:
                passages[item.document_id] = split(item)
                headers[item.document_id] = header_of(item)
    return Corpus(passages, headers)
