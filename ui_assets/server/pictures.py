"""The pictures of pages over HTTP: `/pictures/DOCUMENT/NUMBER/small` or `/large`.

Which picture a page has is asked of the archive; nothing of a request becomes a path. The address
as the chat writes it has the picture's name in its query, so that a browser may keep the picture
for good. Not here: who may ask (`guard`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rag.errors import FondsError, NotStored
from ui_assets.model import ArchiveLike

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = "/pictures/"
_PATH = re.compile(r"/pictures/(.{1,1000})/([0-9]{1,6})/(small|large)", re.DOTALL)
_KEPT = "private, max-age=31536000, immutable"
_ASKED_AGAIN = "private, no-cache"
_PNG = b"\x89PNG"


class PageNotFound(Exception):
    """There is no such page, or no picture of it."""


class PagePictures:
    """ASGI middleware that answers requests for pictures; `archive` gives the archive served."""

    def __init__(self, app: ASGIApp, archive: Callable[[], ArchiveLike]) -> None:
        self.app = app
        self._archive = archive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(FOLDER):
            await self.app(scope, receive, send)
            return
        response = await self._response(Request(scope))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("a picture can only be read", 405, {"allow": "GET, HEAD"})
        found = _PATH.fullmatch(request.scope["path"])
        try:
            if found is None:
                raise PageNotFound
            document_id, number, size = found.groups()
            name, data = await asyncio.to_thread(
                _picture, self._archive(), document_id, int(number), size == "large"
            )
        except (PageNotFound, NotStored):
            return PlainTextResponse("there is no picture of such a page", 404)
        except FondsError as error:
            return PlainTextResponse(str(error), 503)
        tag = f'"{name}-{size}"'
        kept = _KEPT if request.query_params.get("v") == name else _ASKED_AGAIN
        headers = {"cache-control": kept, "etag": tag, "content-disposition": "inline"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        kind = "image/png" if data.startswith(_PNG) else "image/jpeg"
        return Response(data, headers=headers, media_type=kind)


def _picture(archive: ArchiveLike, document_id: str, number: int, large: bool) -> tuple[str, bytes]:
    """The name and the bytes of the picture of a page, `number` counted from 1.

    Raises PageNotFound, and the errors of the archive.
    """
    pages = archive.pages(document_id)
    name = pages[number - 1].picture if 1 <= number <= len(pages) else None
    if name is None:
        raise PageNotFound
    return name, archive.picture(name, large)
