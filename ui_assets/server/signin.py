"""Signing in to the chat: the form, the cookie, HTTP Basic for programs. No scripts.

Sessions are Gradio's own tokens, so that its routes know the user too. Not here: which routes
need a session (`guard`), how passwords are stored (`passwords`).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ui_assets.server.visitor import language_of
from ui_assets.view import render

if TYPE_CHECKING:
    from starlette.types import Scope

    from ui_assets.server.passwords import Users

_PAUSE_SECONDS = 1.0  # before a wrong password is answered
_MAX_CHECKS = 2  # passwords checked at a time; each takes 64 MB
_MAX_FORM_BYTES = 10_000


class SignIn:
    """Signs users in and out, and recognizes their requests."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._checks = asyncio.Semaphore(_MAX_CHECKS)
        self._tokens: dict[bytes, tuple[str, str]] = {}  # by hash of a Basic header

    async def check(self, name: str, password: str) -> bool:
        """Whether name and password are right; the answer to a wrong one comes a second later."""
        async with self._checks:
            right = await asyncio.to_thread(self._users.check, name, password)
        if not right:
            await asyncio.sleep(_PAUSE_SECONDS)
        return right

    async def signed_in(self, scope: Scope) -> Scope | None:
        """The scope of a signed-in request, else None. A correct Basic header becomes a session."""
        app, request = scope["app"], Request(scope)
        names = _cookies(app)
        if any(request.cookies.get(name) in app.tokens for name in names):
            return scope
        authorization = request.headers.get("authorization", "")
        if not authorization.lower().startswith("basic "):
            return None
        found = await self._token(authorization)
        if found is None:
            return None
        token, user = found
        app.tokens[token] = user
        kept = [pair for pair in scope["headers"] if pair[0] not in (b"cookie", b"authorization")]
        return {**scope, "headers": [*kept, (b"cookie", f"{names[0]}={token}".encode())]}

    async def _token(self, authorization: str) -> tuple[str, str] | None:
        key = hashlib.sha256(authorization.encode()).digest()
        if key not in self._tokens:
            try:
                plain = base64.b64decode(authorization.partition(" ")[2], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
            name, _, password = plain.partition(":")
            if not await self.check(name, password):
                return None
            self._tokens[key] = (secrets.token_urlsafe(16), name)
        return self._tokens[key]

    async def sign_in(self, request: Request) -> Response:
        """The response to a submitted form: on to the archive, or the form again."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _MAX_FORM_BYTES:
                return page(request, wrong=True)
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        name, password = (form.get(field, [""])[0] for field in ("username", "password"))
        name = name.strip()
        if not await self.check(name, password):
            return page(request, wrong=True)
        app: Any = request.scope["app"]
        token = secrets.token_urlsafe(16)
        app.tokens[token] = name
        response = RedirectResponse("./", 303)
        secure = request.url.scheme == "https"
        response.set_cookie(_cookies(app)[0], token, httponly=True, samesite="lax", secure=secure)
        return response

    def sign_out(self, request: Request) -> Response:
        """End this session, here and in the browser."""
        app = request.scope["app"]
        response = RedirectResponse("./", 303)
        for name in _cookies(app):
            app.tokens.pop(request.cookies.get(name), None)
            response.delete_cookie(name)
        return response


def page(request: Request, *, wrong: bool = False) -> Response:
    """The sign-in form; `wrong` says that the last attempt failed."""
    html = render.page("login.html", language_of(request), wrong=wrong)
    return HTMLResponse(html, 403 if wrong else 200, {"cache-control": "no-store"})


def _cookies(app: Any) -> tuple[str, str]:
    """The names of Gradio's session cookies: for any connection, and for TLS."""
    return f"access-token-unsecure-{app.cookie_id}", f"access-token-{app.cookie_id}"
