"""What the reader has read lately, for questions that are asked again.

A question is often asked again, with a source left out or another filter; and the passages that a
search reads to rank them are those that are read for the answer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from rag.models.reader import Reading

MAX_READINGS = 1000

Passage = tuple[str, str]


class _Reads(Protocol):
    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]: ...


class ReadingCache:
    """The last readings. Thread-safe; lives as long as the models."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, Passage], Reading] = OrderedDict()

    def read(self, reader: _Reads, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """The readings of the passages; those that are not kept are read, in one call.

        A passage's reading does not depend on the others that are read with it.
        """
        with self._lock:
            known = {p: self._kept[question, p] for p in passages if (question, p) in self._kept}
        new = [passage for passage in dict.fromkeys(passages) if passage not in known]
        known |= zip(new, reader.read(question, new), strict=True) if new else ()
        with self._lock:
            for passage in passages:
                self._kept[question, passage] = known[passage]
                self._kept.move_to_end((question, passage))
            while len(self._kept) > MAX_READINGS:
                self._kept.popitem(last=False)
        return [known[passage] for passage in passages]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
