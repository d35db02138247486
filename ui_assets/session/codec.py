"""Frozen dataclasses as JSON and back, so that a conversation can be saved and shown again.

Works from the types alone: a field added later gets its default, a field that is gone is
ignored. The texts of documents are left out, because the store has them. Not here: where the
JSON is kept.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from index_store.types import Document

T = TypeVar("T")


def dump(value: Any) -> str:
    """JSON of a dataclass, without the texts of documents."""
    return json.dumps(_to_json(value), ensure_ascii=False)


def load(kind: type[T], text: str) -> T:
    """A dataclass of this type from its JSON. Raises ValueError where the JSON does not fit."""
    try:
        loaded: T = _from_json(kind, json.loads(text))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a stored {kind.__name__} cannot be read: {error}") from error
    return loaded


def _to_json(value: Any) -> Any:
    if isinstance(value, Document):
        value = dataclasses.replace(value, text="", extra={})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _to_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return value


_hints = cache(get_type_hints)


def _from_json(kind: Any, data: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        return _from_json(next(one for one in arguments if one is not type(None)), data)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(_from_json(arguments[0], item) for item in data)
        return tuple(_from_json(one, item) for one, item in zip(arguments, data, strict=True))
    if origin is not None and origin is not Literal and issubclass(origin, Mapping):
        return {name: _from_json(arguments[1], item) for name, item in data.items()}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        names = {f.name for f in dataclasses.fields(kind)} & data.keys()
        return kind(**{name: _from_json(hints[name], data[name]) for name in names})
    return data
