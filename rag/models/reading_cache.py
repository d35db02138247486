"""What the encoder and the reader have read lately, for questions that are asked again.

A question is often asked again, with a source left out or another filter. Whole calls are kept,
because a vector's last digits depend on its batch.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MAX_CALLS = 64


class ReadingCache:
    """The last calls with their results. Thread-safe; lives as long as the models."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, call: Hashable, read: Callable[[], T]) -> T:
        """The kept result of a call, else what `read` gives, which is kept."""
        with self._lock:
            if call in self._kept:
                self._kept.move_to_end(call)
                found: T = self._kept[call]
                return found
        found = read()
        with self._lock:
            self._kept[call] = found
            if len(self._kept) > MAX_CALLS:
                self._kept.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
