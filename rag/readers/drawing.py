"""Pictures of pages, drawn by several child processes at a time.

To draw a page takes longer than to read its text. Not here: the child processes
(`rag.readers.sandbox`), which pages are drawn (`rag.page_pictures`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from rag.readers.sandbox import ParserSandbox

Pictures = tuple[bytes, bytes]


class PageDrawers:
    """Draws as many pages at a time as there are `workers`. A context manager.

    A single worker is the child process that also reads (`own`): it draws when it is waited for.
    More are processes besides.
    """

    def __init__(self, own: ParserSandbox, workers: int) -> None:
        self.ahead = workers if workers > 1 else 0
        self._own = own
        self._all = [ParserSandbox() for _ in range(self.ahead)]
        self._free: SimpleQueue[ParserSandbox] = SimpleQueue()
        for sandbox in self._all:
            self._free.put(sandbox)
        self._threads = ThreadPoolExecutor(workers)  # which start when there is work

    def __enter__(self) -> PageDrawers:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for sandbox in self._all:
            sandbox.interrupt()
        self._threads.shutdown()
        for sandbox in self._all:
            sandbox.close()

    def start(
        self, path: Path, frame: int, widths: tuple[int, int], upright: bool = True
    ) -> Callable[[], Pictures]:
        """Starts to draw; what is returned waits for it. As `ParserSandbox.pictures`."""
        if not self.ahead:
            return partial(self._own.pictures, path, frame, widths, upright)
        return self._threads.submit(self._drawn, path, frame, widths, upright).result

    def _drawn(self, path: Path, frame: int, widths: tuple[int, int], upright: bool) -> Pictures:
        sandbox = self._free.get()
        try:
            return sandbox.pictures(path, frame, widths, upright)
        finally:
            self._free.put(sandbox)
