"""What headers and cookies say: security policy, visitor, language.

A visitor has a random cookie that scripts cannot read. It keeps visitors' conversations apart and
proves nothing else. Not here: signing in (`signin`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

from ui_assets.view.words import DEFAULT_LANGUAGE, LANGUAGES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",  # without it a submitted form may have no origin
    "x-content-type-options": "nosniff",
}
VISITOR_COOKIE = "fonds-visitor"
LANGUAGE_COOKIE = "fonds-lang"
SIGNED_IN = "user:"  # prefix of a signed-in user's name, under which conversations are saved
_VISITOR_ID = re.compile(r"[0-9a-f]{32}")
_YEAR_SECONDS = 365 * 24 * 3600


class SecurityHeaders:
    """ASGI middleware: forbids the browser to load from, or send to, other hosts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class VisitorCookie:
    """ASGI middleware: sends the visitor cookie with the page to a browser that has none."""

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
                    f"{VISITOR_COOKIE}={secrets.token_hex(16)}; Path=/; Max-Age={_YEAR_SECONDS}; "
                    "HttpOnly; SameSite=Lax",
                )
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def user_of(request: Any) -> str:
    """The signed-in user, else the visitor; "" for a browser without cookies."""
    if username := getattr(request, "username", None):
        return f"{SIGNED_IN}{username}"
    visitor = _visitor(request.headers)
    return f"visitor:{visitor}" if visitor else ""


def language_of(request: Any) -> str:
    """The language chosen on the page, else the browser's first one that the page has."""
    chosen = _cookies(request.headers).get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "").split(","):
        code = wanted.strip()[:2].lower()
        if code in LANGUAGES:
            return str(code)
    return DEFAULT_LANGUAGE


def _visitor(headers: Mapping[str, str]) -> str:
    visitor = _cookies(headers).get(VISITOR_COOKIE, "")
    return visitor if _VISITOR_ID.fullmatch(visitor) else ""


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        found = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}
