"""What the browser and the server tell each other beside the page: policy, visitor, language.

A visitor is known by a random cookie that scripts cannot read; it keeps conversations apart and
proves nothing more. Not here: signing in (`signin`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

from ui_assets.view.words import LANGUAGES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_ONLY = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",  # without any, a form sent has no origin
    "x-content-type-options": "nosniff",
}
VISITOR = "fonds-visitor"
SIGNED_IN = "user:"  # begins the name under which a signed-in user's conversations are kept
LANGUAGE = "fonds-lang"
_VISITOR = re.compile(r"[0-9a-f]{32}")
_YEAR = 365 * 24 * 3600  # seconds


class LocalOnly:
    """ASGI middleware: tells the browser to load nothing from, and send nothing to, other hosts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(LOCAL_ONLY)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Visitor:
    """ASGI middleware: gives a browser that has none its visitor cookie, with the page itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or _visitor(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append(
                    "set-cookie",
                    f"{VISITOR}={secrets.token_hex(16)}; Path=/; Max-Age={_YEAR}; "
                    "HttpOnly; SameSite=Lax",
                )
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def user_of(request: Any) -> str:
    """Who asks: the signed-in user, else the visitor; "" for a browser that keeps no cookie."""
    if username := getattr(request, "username", None):
        return f"{SIGNED_IN}{username}"
    visitor = _visitor(request.headers)
    return f"visitor:{visitor}" if visitor else ""


def language_of(request: Any) -> str:
    """The language chosen on the page, else the first of the browser's that the page speaks."""
    chosen = _cookies(request.headers).get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "").split(","):
        code = wanted.strip()[:2].lower()
        if code in LANGUAGES:
            return str(code)
    return LANGUAGES[0]


def _visitor(headers: Mapping[str, str]) -> str:
    visitor = _cookies(headers).get(VISITOR, "")
    return visitor if _VISITOR.fullmatch(visitor) else ""


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        found = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}
