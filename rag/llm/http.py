"""The HTTP client for language models: no redirects, limits on total time and size.

httpx limits the time of each read only, so that an endpoint sending a byte a minute would never be
stopped. Each request has its own connections: with a shared pool, closing an abandoned response
during garbage collection can deadlock.

Not here: the requests (`providers`), the meaning of errors (`model`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

MAX_RESPONSE_BYTES = 4_000_000
"""Size of a response; each token comes in an event of about 300 bytes."""


class BoundedClient(httpx.Client):
    """An httpx client that stops a response after `seconds` in total.

    `own_machine`: the endpoint is on this machine, so proxies of the environment are not used.
    """

    def __init__(self, seconds: float, own_machine: bool) -> None:
        self._how: dict[str, Any] = {
            "timeout": seconds,
            "follow_redirects": False,
            "trust_env": not own_machine,
        }
        super().__init__(**self._how)
        self._seconds = seconds
        self._opened = threading.local()

    def take_opened(self) -> list[httpx.Response]:
        """The responses that this thread has opened since the last call.

        The caller closes them when it abandons an answer, because the libraries in between leave
        that to the garbage collector.
        """
        opened = getattr(self._opened, "responses", [])
        self._opened.responses = []
        return opened

    def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        """As `httpx.Client.send`.

        Raises ReadTimeout when the response takes too long, DecodingError when it is too long.
        """
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
    """A response's stream with its limits; closes the response's connections with it."""

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
            if size > MAX_RESPONSE_BYTES:
                raise httpx.DecodingError("the answer is too long")
            yield part

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._connections.close()
