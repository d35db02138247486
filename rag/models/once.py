"""A value made at first use, once for all threads of the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """The function, called once for the same arguments; the other threads wait for its value.

    `functools.cache` would let several threads make it at the same time. After an exception the
    next call tries again. Arguments must be hashable.
    """
    lock, parameters = threading.Lock(), signature(make)
    made: dict[Hashable, T] = {}

    @wraps(make)
    def get(*args: P.args, **named: P.kwargs) -> T:
        given = parameters.bind(*args, **named)
        given.apply_defaults()
        key = tuple(given.arguments.items())
        with lock:
            if key not in made:
                made[key] = make(*args, **named)
            return made[key]

    return get
