"""A value made once, whatever threads ask for it; calls that are kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.models.once import once
from rag.models.reading_cache import MAX_CALLS, ReadingCache


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


def test_the_last_calls_are_kept() -> None:
    cache, read = ReadingCache(), []

    def get(n: int) -> int:
        def reading() -> int:
            read.append(n)
            return n

        return cache.get(("call", n), reading)

    assert [get(n) for n in (1, 1, 2)] == [1, 1, 2] and read == [1, 2]
    for n in range(MAX_CALLS):
        get(100 + n)
    get(1)
    assert read.count(1) == 2, "the oldest was dropped"
    cache.clear()
    get(1)
    assert read.count(1) == 3
