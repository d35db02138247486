"""Requests to a served chat: plain HTTP, signing in, calls of the API."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from typing import Any

PASSWORD = "lamp-oil and wicks"


def get(
    url: str, path: str, method: str = "GET", body: bytes | None = None, /, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; the path is sent unchanged."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def sign_in(url: str, name: str = "anna", password: str | None = None) -> str:
    """The session cookie, or "" if the sign-in was refused."""
    form = {"username": name, "password": PASSWORD + name if password is None else password}
    status, headers, _ = get(
        url, "/login", "POST", urllib.parse.urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    if status != 303:
        return ""
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=lax" in headers["set-cookie"]
    return headers["set-cookie"].split(";")[0]


def call(url: str, name: str, given: dict[str, Any], **headers: str) -> tuple[str, Any]:
    """Call the API; returns how it ended ("complete", "error" or an HTTP status) and the result."""
    body = json.dumps(given).encode()
    headers = {"content_type": "application/json", **headers}
    status, _, told = get(url, f"/gradio_api/call/v2/{name}", "POST", body, **headers)
    if status != 200:
        return str(status), told
    _, _, stream = get(url, f"/gradio_api/call/{name}/{json.loads(told)['event_id']}", **headers)
    event, data = stream.decode().strip().split("\n\n")[-1].split("\n")
    result = json.loads(data.removeprefix("data: "))
    ended = event.removeprefix("event: ")
    return ended, result[0] if ended == "complete" else result
