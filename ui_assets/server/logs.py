"""The chat's log: a JSON line for each request and each question, on standard error.

Each request has an ID, which is also in the response header `x-request-id`. The text of questions
is logged only if asked for. The log is off by default; nothing is stored or sent anywhere.
"""

from __future__ import annotations

import datetime
import json
import re
import secrets
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "x-request-id"
_GIVEN_ID = re.compile(r"[\w-]{8,64}", re.ASCII)  # a proxy's own id
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Log:
    """Writes log lines if `on`; `questions` includes the text of questions."""

    on: bool = False
    questions: bool = False

    def write(self, event: str, **fields: Any) -> None:
        """Write one line, if the log is on."""
        if not self.on:
            return
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **fields}, ensure_ascii=True)
        with _LOCK:
            print(line, file=sys.stderr, flush=True)

    def question(self, request: Any, text: str, status: str, started: float) -> None:
        """Log a finished question; `status` is that of the answer, or "fault"."""
        fields = {"question": text} if self.questions else {"characters": len(text)}
        seconds = round(time.perf_counter() - started, 3)
        identity = getattr(request, "headers", {}).get(REQUEST_ID, "")
        self.write("question", id=identity, status=status, seconds=seconds, **fields)


class RequestLogger:
    """ASGI middleware: gives each request its ID and logs how it ended, without the query."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        proposed = Headers(scope=scope).get(REQUEST_ID, "")
        identity = proposed if _GIVEN_ID.fullmatch(proposed) else secrets.token_hex(8)
        kept = [pair for pair in scope["headers"] if pair[0] != REQUEST_ID.encode()]
        scope = {**scope, "headers": [*kept, (REQUEST_ID.encode(), identity.encode())]}
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = identity
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self.log.write(
                "request",
                id=identity,
                method=scope["method"],
                path=scope["path"],
                status=status,
                seconds=round(time.perf_counter() - started, 3),
            )
