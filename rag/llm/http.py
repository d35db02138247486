"""The HTTP client of language models: one host, no redirects, time and size bounded as a whole.

httpx bounds each read by itself; an endpoint that sends a byte a minute would never be stopped.
Each request has connections of its own. An answer that was given up is closed whenever it is
collected as garbage, even while the same thread holds the lock of a pool: were that pool the
answer's too, the thread would wait for itself for ever.
Not here: what is sent, and what a fault means (`llm`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

MOST_BYTES = 4_000_000
"""Of a response; each token comes in an event of some 300 bytes."""


class BoundedClient(httpx.Client):
    """Gives up a response after `seconds` in all. `own_machine`: through no proxy."""

    def __init__(self, seconds: float, own_machine: bool) -> None:
        self._how: dict[str, Any] = {
            "timeout": seconds,
            "follow_redirects": False,
            "trust_env": not own_machine,
        }
        super().__init__(**self._how)
        self._seconds = seconds
        self._opened = threading.local()

    def opened(self) -> list[httpx.Response]:
        """The responses that this thread has opened since it last asked: who gives an answer up
        closes them, for the libraries between leave that to the garbage collector."""
        opened = getattr(self._opened, "responses", [])
        self._opened.responses = []
        return opened

    def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        """As `httpx.Client.send`; raises ReadTimeout or DecodingError where the bounds are hit."""
        deadline = time.monotonic() + self._seconds
        options["follow_redirects"] = False
        connections = httpx.Client(**self._how)
        try:
            response = connections.send(request, stream=True, **options)
        except BaseException:
            connections.close()
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Bounded(response.stream, deadline, connections)
        self._opened.responses = [*getattr(self._opened, "responses", []), response]
        if not stream:
            response.read()
        return response


class _Bounded(httpx.SyncByteStream):
    def __init__(
        self, stream: httpx.SyncByteStream, deadline: float, connections: httpx.Client
    ) -> None:
        self._stream, self._deadline, self._connections = stream, deadline, connections

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._stream:
            size += len(part)
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("the answer as a whole took too long")
            if size > MOST_BYTES:
                raise httpx.DecodingError("the answer is too long")
            yield part

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._connections.close()
