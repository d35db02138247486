"""The chat: a question, its verified answer, and beside it the evidence. It decides nothing.

The conversation and the evidence panel are our own `gr.HTML`, rendered by the templates of
`ui_assets`, and not a `gr.Chatbot`: that one interprets Markdown and LaTeX and strips the
attributes that tie a marker to its source, while the words of an archive must appear exactly
as they are stored. `gr.HTML` inserts its value as it comes, so all of it is escaped there.

Nothing is asked of other hosts: no analytics, no fonts or scripts from elsewhere, and a content
security policy that keeps the browser to this one. Questions live in their session alone.
There is no public API here and no login; `fonds ask --json` serves programs.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import gradio as gr
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware

from rag.errors import FondsError, SettingsError
from rag.settings import Settings, load
from rag.types import Turn
from ui_assets import render
from ui_assets.evidence import ArchiveLike, Exchange, sources

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_QUESTION = 2_000  # characters
QUESTIONS_AT_ONCE = 4  # the others wait in line
QUESTIONS_WAITING = 64  # and above this many are told that the queue is full
EXCHANGES_KEPT = 30  # of each conversation, the newest

UNANSWERED = (
    "The question got no answer. Either too many questions are waiting: then ask again in a "
    "moment. Or Fonds failed in a way it did not foresee: then the window in which it runs shows "
    "the error. Other questions are not affected."
)
LOCAL_ONLY = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

Kept = list[Exchange]  # the conversation of one session
Update = Any  # what a listener gives for one output: a value, `gr.update` or `gr.skip`


def build(archive: ArchiveLike, *, sample: bool) -> gr.Blocks:
    """The page over an archive; `sample` puts the banner over it. Launches nothing."""

    def show(kept: Kept, notice: str | None = None) -> str:
        return render.conversation(kept, {} if kept else archive.info(), notice)

    def begin(typed: str, kept: Kept) -> tuple[Update, Update, str]:
        question = typed.encode(errors="replace").decode().strip()  # no lone surrogates
        if refusal := refused(question):
            return gr.skip(), gr.skip(), show(kept, refusal)
        kept = begun(question, kept)
        return gr.update(value="", interactive=False), kept, show(kept)

    def finish(kept: Kept) -> tuple[Update, ...]:
        if not any(exchange.is_waiting for exchange in kept):
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        kept = [respond(archive, e, kept) if e.is_waiting else e for e in kept]
        return gr.update(interactive=True), kept, show(kept), render.panel(kept)

    def abandon(kept: Kept) -> tuple[Update, Kept, str]:
        kept = [replace(e, fault=UNANSWERED) if e.is_waiting else e for e in kept]
        return gr.update(interactive=True), kept, show(kept)

    def renew() -> tuple[Update, Kept, str, str]:
        return gr.update(interactive=True), [], show([]), render.panel([])

    page = gr.Blocks(title="Fonds", fill_width=True, analytics_enabled=False)
    with page:
        if sample:
            gr.HTML(render.banner(), js_on_load=None, apply_default_css=False)
        kept = gr.State([])
        with gr.Row(elem_classes="fonds-page"):
            with gr.Column(scale=3, min_width=320, elem_classes="fonds-chat"):
                conversation = _html(render.conversation([], archive.info()))
                question = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    placeholder="Ask the archive…",
                    max_lines=6,
                    submit_btn="Ask",
                    autofocus=True,
                    elem_classes="fonds-ask",
                )
                again = gr.Button("New conversation", size="sm", elem_classes="fonds-again")
            with gr.Column(scale=2, min_width=320, elem_classes="fonds-side"):
                panel = _html(render.panel([]))
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        at_once = {"queue": False, **hidden}  # only the answer itself waits in line
        chat = [question, kept, conversation]
        asked = question.submit(begin, [question, kept], chat, **at_once)
        answering = asked.success(finish, kept, [*chat, panel], **hidden)
        answering.failure(abandon, kept, chat, **at_once)
        again.click(renew, None, [*chat, panel], cancels=answering, **at_once)
    page.queue(max_size=QUESTIONS_WAITING, default_concurrency_limit=QUESTIONS_AT_ONCE)
    return page


def refused(question: str) -> str | None:
    """Why the question cannot be asked; None where it can."""
    if not question:
        return "The question is empty."
    if len(question) > LONGEST_QUESTION:
        return (
            f"The question is {len(question):,} characters long; Fonds takes up to "
            f"{LONGEST_QUESTION:,}. Shorten it, or ask it in parts."
        )
    return None


def begun(question: str, kept: Kept) -> Kept:
    """The conversation with the question in it, still to be answered."""
    number = kept[-1].number + 1 if kept else 1
    return [*kept[1 - EXCHANGES_KEPT :], Exchange(number, question)]


def respond(archive: ArchiveLike, waiting: Exchange, kept: Kept) -> Exchange:
    """The answer with its sources, or the fault in words; a fault is never an abstention."""
    history = tuple(Turn(e.question, e.answer.answer) for e in kept if e.answer)
    try:
        answer = archive.ask(waiting.question, history=history)
        return replace(waiting, answer=answer, sources=sources(archive, answer))
    except FondsError as error:
        return replace(waiting, fault=str(error))


def launch(archive: ArchiveLike, *, sample: bool, host: str, port: int) -> tuple[gr.Blocks, str]:
    """Serves the page in threads of this process; gives it with its address. Port 0: any free.

    SettingsError where the port is taken.
    """
    port = port or _free_port()
    # Gradio asks its own server whether it is up, through the proxy unless told otherwise.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), host, "localhost"])
    )
    page = build(archive, sample=sample)
    try:
        page.launch(
            server_name=host,
            server_port=port,
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
            max_file_size=1,  # nothing is uploaded here
            favicon_path=render.ASSETS / "favicon.svg",
            theme=_theme(),
            css_paths=render.ASSETS / "chat.css",
            app_kwargs={"middleware": [Middleware(LocalOnly)]},
        )
    except OSError as error:
        raise SettingsError(
            f"port {port} on {host} cannot be used ({error.strerror or 'it is taken'}); "
            "choose another with --port or FONDS_PORT"
        ) from error
    return page, f"http://{host}:{port}"


def serve(settings: Settings) -> None:
    """Opens the archive, serves the chat, says on one line where, and waits to be interrupted."""
    from rag.archive import open_for_chat  # the models' libraries: seconds to import

    archive, sample = open_for_chat(settings)
    with archive:
        page, url = launch(archive, sample=sample, host=settings.host, port=settings.port)
        print(f"Fonds is ready: {url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            page.close(verbose=False)


def main() -> None:
    """`python ui.py`: the chat under the settings of the environment and `fonds.toml`."""
    try:
        serve(load())
    except FondsError as error:
        print(f"fonds: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


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


def _html(value: str) -> gr.HTML:
    script = (render.ASSETS / "chat.js").read_text(encoding="utf-8")
    return gr.HTML(value, js_on_load=script, apply_default_css=False, elem_classes="fonds-scroll")


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


if __name__ == "__main__":
    main()
