"""A value made once, whatever threads ask for it; readings that are kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.models.once import once
from rag.models.reader import Reading
from rag.models.reading_cache import MAX_READINGS, ReadingCache


def test_several_threads_make_it_once() -> None:
    made = []

    @once
    def slow() -> int:
        made.append(threading.get_ident())
        time.sleep(0.05)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: slow(), range(8))) == [1] * 8
    assert len(made) == 1


def test_each_argument_has_its_value() -> None:
    made = []

    @once
    def value(of: int = 1, more: int = 0) -> int:
        made.append(of)
        return of + more

    assert [value(), value(1), value(of=1), value(1, 0), value(2), value(1, 1)] == [1] * 4 + [2] * 2
    assert made == [1, 2, 1]


def test_after_a_fault_it_is_tried_again() -> None:
    calls: list[int | ValueError] = [7, ValueError("not yet")]

    @once
    def later() -> int:
        found = calls.pop()
        if isinstance(found, ValueError):
            raise found
        return found

    with pytest.raises(ValueError, match="not yet"):
        later()
    assert later() == 7 == later()


class _Reader:
    """Notes what it is asked to read."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        self.asked.append((question, tuple(text for _, text in passages)))
        nothing = np.zeros(0, dtype=np.float32)
        return [Reading(len(text), (), (), nothing, nothing, nothing) for _, text in passages]


def test_the_last_readings_are_kept() -> None:
    cache, reader = ReadingCache(), _Reader()

    def lengths(question: str, *texts: str) -> list[float]:
        return [r.answers for r in cache.read(reader, question, [("", text) for text in texts])]

    assert lengths("a", "one", "three", "one") == [3, 5, 3]
    assert lengths("a", "four", "three") == [4, 5]
    assert lengths("b", "one") == [3]
    assert reader.asked == [("a", ("one", "three")), ("a", ("four",)), ("b", ("one",))]
    for n in range(MAX_READINGS - 1):
        lengths("c", str(n))
    asked = len(reader.asked)
    lengths("b", "one")
    assert len(reader.asked) == asked
    lengths("a", "one")
    assert len(reader.asked) == asked + 1, "the oldest was dropped"
    cache.clear()
    lengths("b", "one")
    assert len(reader.asked) == asked + 2
