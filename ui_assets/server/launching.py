"""Serving the page of `ui`: address, sign-in, limits, logs, API.

Nothing is shared, measured or sent: Gradio's tunnel, analytics and monitoring stay off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from dataclasses import dataclass
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from index_store.loopback import is_loopback
from rag.errors import SettingsError
from rag.settings import Settings
from ui_assets.server import passwords
from ui_assets.server.guard import Guard, NoCrossOrigin
from ui_assets.server.logs import Log, RequestLogger
from ui_assets.server.passwords import Users
from ui_assets.server.pictures import PagePictures
from ui_assets.server.signin import SignIn
from ui_assets.server.visitor import SecurityHeaders, VisitorCookie
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import render


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """How the chat is served: `users` None means no sign-in, `upload_mb` 0 no uploads."""

    host: str = "127.0.0.1"
    port: int = 0
    users: Users | None = None
    upload_mb: int = 100
    log: Log = Log()


def server_config(settings: Settings) -> ServerConfig:
    """The configuration from the settings, with a warning about open network addresses.

    Raises SettingsError where the file of users is missing.
    """
    users = passwords.load(settings.users) if settings.users else None
    if users is None and not is_loopback(settings.host):
        print(
            f"fonds: anyone who can reach {settings.host} can read this archive and add to it;"
            " set FONDS_USERS to require a password",
            file=sys.stderr,
        )
    log = Log(settings.log, settings.log_questions)
    return ServerConfig(settings.host, settings.port, users, settings.upload_mb, log)


def launch(page: gr.Blocks, served: ServedArchive, config: ServerConfig) -> str:
    """Serve the page in threads of this process and return its address. Port 0: any free one.

    Raises SettingsError where the port is taken.
    """
    host, port = config.host, config.port or _free_port()
    # Gradio asks its own server whether it is up, through the proxy unless told otherwise.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), host, "localhost"])
    )
    sign_in = SignIn(config.users) if config.users else None
    check: Any = sign_in.check if sign_in else None  # Gradio awaits it, against its types
    ready = asyncio.Event()
    guard = Middleware(
        Guard,
        sign_in=sign_in,
        uploads=config.upload_mb > 0,
        healthy=lambda: served.archive.info(),
        ready=ready,
    )
    middleware = [
        Middleware(RequestLogger, log=config.log),
        Middleware(SecurityHeaders),
        guard,
        Middleware(PagePictures, archive=lambda: served.archive),
        Middleware(VisitorCookie),
    ]
    try:
        with contextlib.redirect_stdout(sys.stderr):  # Gradio prints the address of its MCP server
            page.launch(
                server_name=host,
                server_port=port,
                auth=check,
                share=False,
                quiet=True,
                inline=False,
                inbrowser=False,
                prevent_thread_lock=True,
                ssr_mode=False,
                mcp_server=False,
                pwa=False,
                enable_monitoring=False,
                run_history=False,
                footer_links=[],
                max_file_size=f"{max(config.upload_mb, 1)}mb",
                favicon_path=render.ASSETS / "favicon.svg",
                theme=_theme(),
                css_paths=[render.ASSETS / name for name in render.STYLES_OF_THE_PAGE],
                app_kwargs={"middleware": middleware},
            )
    except OSError as error:
        raise SettingsError(
            f"port {port} on {host} cannot be used ({error.strerror or 'it is taken'}); "
            "choose another with --port or FONDS_PORT"
        ) from error
    ready.set()
    # Gradio's own CORS middleware is outside all that can be added with `app_kwargs`.
    stack = page.app.middleware_stack
    assert stack is not None, "built with the first request, which Gradio makes itself"
    page.app.middleware_stack = NoCrossOrigin(stack)
    return f"http://{host}:{port}"


def _theme() -> gr.themes.Base:
    sans = ["system-ui", "Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans", "sans-serif"]
    return gr.themes.Base(
        primary_hue="stone",
        neutral_hue="stone",
        font=sans,
        font_mono=["ui-monospace", "DejaVu Sans Mono", "monospace"],
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
