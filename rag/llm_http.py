"""The HTTP client of language models: one host, no redirects, time and size bounded as a whole.

httpx bounds each read by itself; an endpoint that sends a byte a minute would never be stopped.
Not here: what is sent, and what a fault means (`llm`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx

MOST_BYTES = 4_000_000
"""Of a response; each token comes in an event of some 300 bytes."""


class BoundedClient(httpx.Client):
    """Gives up a response after `seconds` in all. `own_machine`: through no proxy."""

    def __init__(self, seconds: float, own_machine: bool) -> None:
        super().__init__(timeout=seconds, follow_redirects=False, trust_env=not own_machine)
        self._seconds = seconds

    def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        """As `httpx.Client.send`; raises ReadTimeout or DecodingError where the bounds are hit."""
        deadline = time.monotonic() + self._seconds
        options["follow_redirects"] = False
        response = super().send(request, stream=True, **options)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Bounded(response.stream, deadline)
        if not stream:
            response.read()
        return response


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

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
        self._stream.close()
