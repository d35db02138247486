"""A scripted OpenAI-compatible server on the loopback interface, over real HTTP.

It answers each request with the next reply of its script (the last one again and again), as a
stream of server-sent events or whole, and keeps what it was asked. `python -m
tests.kits.llm_server TEXT` serves one answer from the shell and prints the setting that names it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer. `raw` replaces the body; `cut` breaks off without an end, at the level of
    the protocol ("chunk") or of the stream ("stream"); `pause` seconds pass before each event,
    `pings` comments are sent first, `pause` apart."""

    text: str = ""
    status: int = 200
    raw: bytes | None = None
    cut: str | None = None
    pause: float = 0.0
    pings: int = 0
    step: int = 7
    headers: dict[str, str] = field(default_factory=dict)


class LLMServer:
    """The server's address and what it has been asked."""

    def __init__(self, replies: list[Reply]) -> None:
        self.replies = replies
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.spec = f"openai-like:{self.url}:scripted"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def prompts(self) -> list[str]:
        """Everything each request said, system and user together."""
        return ["\n".join(m["content"] for m in r["messages"]) for r in self.requests]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                server.paths.append(self.path)
                self._send(Reply(raw=b"", status=404))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                number = len(server.requests)
                server.paths.append(self.path)
                server.requests.append(json.loads(body))
                server.headers.append(dict(self.headers))
                self._send(server.replies[min(number, len(server.replies) - 1)])

            def _send(self, reply: Reply) -> None:
                try:
                    self._answer(reply)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client gave up, as it may

            def _answer(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.raw is not None or reply.status != 200:
                    body = reply.raw or json.dumps({"error": {"message": reply.text}}).encode()
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    time.sleep(reply.pause)
                    self.wfile.write(body)
                    return
                self.send_header("content-type", "text/event-stream")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                for _ in range(reply.pings):
                    time.sleep(reply.pause)
                    self._chunk(": still here\n\n")
                pieces = [
                    reply.text[i : i + reply.step] for i in range(0, len(reply.text), reply.step)
                ]
                for piece in pieces:
                    time.sleep(reply.pause)
                    self._event({"content": piece}, None)
                if reply.cut == "chunk":
                    self.wfile.write(b"ffff\r\ndata: {")
                    self.wfile.flush()
                    self.connection.close()
                    self.close_connection = True
                    return
                if reply.cut is None:
                    self._event({}, "stop")
                    self._chunk("data: [DONE]\n\n")
                self.wfile.write(b"0\r\n\r\n")

            def _event(self, delta: dict[str, str], finish: str | None) -> None:
                event = {
                    "id": "1",
                    "object": "chat.completion.chunk",
                    "created": 1,
                    "model": "scripted",
                    "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
                }
                self._chunk(f"data: {json.dumps(event)}\n\n")

            def _chunk(self, text: str) -> None:
                data = text.encode()
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()

        return Handler


@contextmanager
def scripted(*replies: Reply | str) -> Iterator[LLMServer]:
    """A server that gives these replies in turn; a string is a good answer."""
    script = [Reply(r) if isinstance(r, str) else r for r in replies]
    server = LLMServer(script)
    server.start()
    try:
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    with scripted(sys.argv[1]) as running:
        print(running.spec, flush=True)
        threading.Event().wait()
