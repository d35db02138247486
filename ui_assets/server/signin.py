"""Signing in to the chat: the page, the cookie, HTTP Basic for programs. No scripts.

Sessions are Gradio's own tokens, so that its routes know the user too. Not here: which routes
need a session (`guard`), how passwords are kept (`rag.auth`).
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

_PAUSE = 1.0  # seconds before a wrong password is told
_AT_ONCE = 2  # passwords checked at a time, each takes 64 MB
_LONGEST_FORM = 10_000  # bytes


class SignIn:
    """Who is signed in, and how one signs in."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._tokens: dict[bytes, tuple[str, str]] = {}  # of right Basic headers

    async def check(self, name: str, password: str) -> bool:
        """Whether name and password are right; a wrong one takes a second longer."""
        async with self._turn:
            right = await asyncio.to_thread(self._users.check, name, password)
        if not right:
            await asyncio.sleep(_PAUSE)
        return right

    async def let_in(self, scope: Scope) -> Scope | None:
        """The scope of a signed-in request, a right Basic header made a session; else None."""
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
        kept = hashlib.sha256(authorization.encode()).digest()
        if kept not in self._tokens:
            try:
                plain = base64.b64decode(authorization.partition(" ")[2], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
            name, _, password = plain.partition(":")
            if not await self.check(name, password):
                return None
            self._tokens[kept] = (secrets.token_urlsafe(16), name)
        return self._tokens[kept]

    async def sign_in(self, request: Request) -> Response:
        """What a sent form leads to: the archive, or the form again."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST_FORM:
                return page(request, wrong=True)
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        name, password = (form.get(field, [""])[0] for field in ("username", "password"))
        name = name.strip()
        if not await self.check(name, password):
            return page(request, wrong=True)
        app: Any = request.scope["app"]
        token = secrets.token_urlsafe(16)
        app.tokens[token] = name
        answer = RedirectResponse("./", 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(_cookies(app)[0], token, httponly=True, samesite="lax", secure=secure)
        return answer

    def sign_out(self, request: Request) -> Response:
        """Ends this session, here and in the browser."""
        app = request.scope["app"]
        answer = RedirectResponse("./", 303)
        for name in _cookies(app):
            app.tokens.pop(request.cookies.get(name), None)
            answer.delete_cookie(name)
        return answer


def page(request: Request, *, wrong: bool = False) -> Response:
    """The page on which one signs in."""
    html = render.page("login.html", language_of(request), wrong=wrong)
    return HTMLResponse(html, 403 if wrong else 200, {"cache-control": "no-store"})


def _cookies(app: Any) -> tuple[str, str]:
    """The names of Gradio's cookies: as it takes them over any connection, and over TLS."""
    return f"access-token-unsecure-{app.cookie_id}", f"access-token-{app.cookie_id}"
