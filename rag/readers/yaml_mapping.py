"""YAML mappings in which every value is text and nothing refers to anything else."""

from __future__ import annotations

from typing import Any

import yaml

from rag.errors import ReadError
from rag.readers.metadata import check_characters

MAX_YAML = 256 * 2**10
"""Bytes of a sidecar or a front matter block."""

_MAX_DEPTH = 30
_EMPTY = ("", "~", "null", "Null", "NULL")


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
