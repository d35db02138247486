"""Access to routes: sign-in, requests from other sites, uploads; and the health route.

Gradio's own sign-in leaves some routes open and, on a network address, lets any web page read
responses, so all routes are checked here. Not here: signing in (`signin`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from rag.errors import FondsError
from ui_assets.server import signin

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEALTH = "/healthz"
ICON = "/favicon.ico"
LOGIN = "/login"
LOGOUT = "/logout"
UPLOAD = "/gradio_api/upload"
_STARTUP = "/gradio_api/startup-events"  # Gradio calls it itself before it is ready
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Guard:
    """ASGI middleware over all routes.

    `sign_in` None means that nobody has to sign in. `healthy` is called by the health route and
    raises FondsError if the archive has a fault; `ready` is set once Gradio has started.
    """

    def __init__(
        self,
        app: ASGIApp,
        sign_in: signin.SignIn | None,
        uploads: bool,
        healthy: Callable[[], object],
        ready: asyncio.Event,
    ) -> None:
        self.app = app
        self._sign_in = sign_in
        self._uploads = uploads
        self._healthy = healthy
        self._ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":  # Gradio serves no WebSocket
            response, allowed = await self._decide(scope, receive)
            if response is None:
                await self.app(allowed, receive, send)
            else:
                await response(scope, receive, send)

    async def _decide(self, scope: Scope, receive: Receive) -> tuple[Response | None, Scope]:
        """The response if the request ends here, else None; and the request to pass on."""
        path, method = scope["path"], scope["method"]
        if path == HEALTH:
            return await self._health(), scope
        if method in _CHANGING and not is_same_origin(Headers(scope=scope)):
            return _refused(403, "this request comes from another site"), scope
        if self._sign_in and path != ICON and not self._is_starting(path):
            allowed = await self._sign_in.signed_in(scope)
            if allowed is None:
                return await self._not_signed_in(Request(scope, receive), self._sign_in), scope
            scope = allowed
            if path == LOGOUT:
                return self._sign_in.sign_out(Request(scope)), scope
        if path.startswith(UPLOAD) and not self._uploads:
            return _refused(403, "this chat accepts no files"), scope
        return None, scope

    async def _not_signed_in(self, request: Request, sign_in: signin.SignIn) -> Response:
        path, method = request.url.path.rstrip("/"), request.method
        if path == "" and method in ("GET", "HEAD"):
            return signin.page(request)
        if path == LOGIN and method == "POST":
            return await sign_in.sign_in(request)
        if path == LOGIN and method == "GET":
            return RedirectResponse("./", 303)
        return _refused(401, "sign in first")

    def _is_starting(self, path: str) -> bool:
        return path == _STARTUP and not self._ready.is_set()

    async def _health(self) -> Response:
        try:
            await asyncio.to_thread(self._healthy)
        except FondsError:
            return JSONResponse({"status": "fault"}, 503)
        return JSONResponse({"status": "ok"})


class NoCrossOrigin:
    """ASGI middleware outside Gradio's own: pages of other sites cannot read any response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
            await send(message)

        await self.app(scope, receive, without_cors)


def is_same_origin(headers: Headers) -> bool:
    """Whether a request comes from a page of this host, or from no page at all."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def _refused(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status)
