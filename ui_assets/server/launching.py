"""Serving the page: address, sign-in, limits, logs, programs' access. The page itself is `ui`'s.

Nothing is shared, measured or sent: Gradio's tunnel, analytics and monitoring stay off.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
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
from ui_assets.server.guard import Guard, NoGrants
from ui_assets.server.logs import Log, Logged
from ui_assets.server.passwords import Users
from ui_assets.server.signin import SignIn
from ui_assets.server.visitor import LocalOnly, Visitor
from ui_assets.session.served import Served
from ui_assets.view import render


@dataclass(frozen=True, slots=True)
class Web:
    """How the chat is served: `users` None means no sign-in, `upload_mb` 0 no uploads."""

    host: str = "127.0.0.1"
    port: int = 0
    users: Users | None = None
    upload_mb: int = 100
    mcp: bool = False
    log: Log = Log()


def configured(settings: Settings) -> Web:
    """From the settings. SettingsError where users or packages are lacking."""
    if settings.mcp and importlib.util.find_spec("mcp") is None:
        raise SettingsError(
            "FONDS_MCP needs the package mcp, which is not installed:"
            " `pip install 'gradio[mcp]'` into a new environment, or leave FONDS_MCP out"
        )
    users = passwords.load(settings.users) if settings.users else None
    if users is None and not is_loopback(settings.host):
        print(
            f"fonds: anyone who reaches {settings.host} can read this archive and add to it;"
            " FONDS_USERS asks for a password",
            file=sys.stderr,
        )
    log = Log(settings.log, settings.log_questions)
    return Web(settings.host, settings.port, users, settings.upload_mb, settings.mcp, log)


def launch(page: gr.Blocks, served: Served, web: Web) -> str:
    """Serves the page in threads of this process; gives its address. Port 0: any free.

    SettingsError where the port is taken.
    """
    host, port = web.host, web.port or _free_port()
    # Gradio asks its own server whether it is up, through the proxy unless told otherwise.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), host, "localhost"])
    )
    sign_in = SignIn(web.users) if web.users else None
    check: Any = sign_in.check if sign_in else None  # Gradio awaits it, its types do not say so
    ready = asyncio.Event()
    guard = Middleware(
        Guard,
        sign_in=sign_in,
        uploads=web.upload_mb > 0,
        healthy=lambda: served.archive.info(),
        ready=ready,
    )
    ours = [Middleware(Logged, log=web.log), Middleware(LocalOnly), guard, Middleware(Visitor)]
    try:
        with contextlib.redirect_stdout(sys.stderr):  # where Gradio tells of its MCP server
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
                mcp_server=web.mcp,
                pwa=False,
                enable_monitoring=False,
                run_history=False,
                footer_links=[],
                max_file_size=f"{max(web.upload_mb, 1)}mb",
                favicon_path=render.ASSETS / "favicon.svg",
                theme=_theme(),
                css_paths=render.ASSETS / "chat.css",
                app_kwargs={"middleware": ours},
            )
    except OSError as error:
        raise SettingsError(
            f"port {port} on {host} cannot be used ({error.strerror or 'it is taken'}); "
            "choose another with --port or FONDS_PORT"
        ) from error
    ready.set()
    # Gradio's own CORS answers stand outside all middleware that it lets one add.
    stack = page.app.middleware_stack
    assert stack is not None, "it is built with the first request, Gradio's own"
    page.app.middleware_stack = NoGrants(stack)
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
