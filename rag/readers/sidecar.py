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

import yaml

from index_store.types import Document
from rag.errors import ReadError
from rag.readers.decoding import decode
from rag.readers.fields import check_characters, corrected, is_language, plain
from rag.readers.files import read_whole
from rag.readers.walk import SIDECAR

MAX_YAML = 256 * 2**10
"""Bytes of a sidecar or a front matter block."""

_MAX_DEPTH = 30
_EMPTY = ("", "~", "null", "Null", "NULL")


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


def mapping(text: str) -> dict[str, Any]:
    """A YAML mapping with text, lists and mappings as values; ReadError where it is none."""
    try:
        loaded = yaml.load(text, Loader=_Loader)  # a SafeLoader without types
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ReadError(f"not valid YAML: {error.problem}; write `field: value`", line) from error
    except yaml.YAMLError as error:
        raise ReadError("not valid YAML; write `field: value` lines") from error
    if loaded is None or loaded == "":
        return {}
    if not isinstance(loaded, dict):
        raise ReadError("not a YAML mapping; write `field: value` lines")
    given = {str(name): _emptied(value) for name, value in loaded.items()}
    check_characters(given)
    return given


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _emptied(part) for name, part in value.items()}
    return None if value in _EMPTY else value


class _Loader(yaml.BaseLoader):
    """YAML in which every scalar is text and nothing refers to anything else."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name)", problem_mark=mark)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node
