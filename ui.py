"""The web chat: questions, verified answers and, beside them, the evidence.

This module has the Gradio components and connects them to what they do. What an action does is
in `ui_assets.session.controller`, what it shows in `ui_assets.session.page_parts` and the
templates. The conversation and the evidence panel are HTML of our own, not a `gr.Chatbot`, which
interprets Markdown and LaTeX and strips the attributes that link a number to its source, while
the words of an archive must appear exactly as stored. `gr.HTML` inserts its value as it is, so
the templates escape everything.

The page uses no other host: no analytics, no fonts or scripts from elsewhere, and a content
security policy that keeps the browser to this one. Serving is in `ui_assets.server.launching`,
the API for programs in `ui_assets.server.api`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import gradio as gr

from rag.errors import FondsError
from rag.settings import Settings, load
from ui_assets.server import api, launching
from ui_assets.server.logs import Log
from ui_assets.server.visitor import SIGNED_IN, language_of, user_of
from ui_assets.session import suite_runs
from ui_assets.session.controller import Controller, Session
from ui_assets.session.conversations import Conversations, conversations_path
from ui_assets.session.fragments import Fragments
from ui_assets.session.page_parts import PageParts, heading, outbox
from ui_assets.session.served_archive import ServedArchive, open_archive
from ui_assets.view import quotation_check, render
from ui_assets.view.words import word

MAX_CONCURRENT_QUESTIONS = 4  # the others wait in the queue
HIDDEN: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
UNQUEUED: dict[str, Any] = {"queue": False, **HIDDEN}  # only answers wait in the queue

Update = Any  # what a listener returns for one output: a value, `gr.update` or `gr.skip`
Updates = tuple[Update, ...]


def build(
    served: ServedArchive, conversations: Conversations, log: Log = Log(), queue: int = 64
) -> gr.Blocks:
    """The page over the served archive, not yet launched; `queue` questions may wait."""
    page = gr.Blocks(title="Fonds", fill_width=True, analytics_enabled=False)
    with page:
        api.add_routes(served, log)  # first, so that they get the plain names
        chat = _Chat(served, conversations, log)
        chat.connect(page)
    page.queue(max_size=queue, default_concurrency_limit=MAX_CONCURRENT_QUESTIONS)
    return page


class _Chat:
    """The page's components and their event handlers."""

    def __init__(self, served: ServedArchive, conversations: Conversations, log: Log) -> None:
        self.served = served
        self.log = log
        self.controller = Controller(served, conversations)
        self.html = PageParts(served, self.controller)
        self.fragments = Fragments(served)
        self.session = gr.State(Session())
        self.shell = gr.HTML(
            js_on_load=render.script(),
            apply_default_css=False,
            elem_classes="fonds-top",
            server_functions=[self._fragment_function()],
        )
        self.outbox = _html()
        with gr.Row(elem_classes="fonds-place fonds-place-ask"):
            with gr.Column(elem_classes="fonds-column fonds-column-left", min_width=0):
                self.left = _html("fonds-scroll")
            with gr.Column(elem_classes="fonds-column fonds-column-chat", min_width=0):
                self.conversation = _html("fonds-scroll")
                self.chips = _html()
                self.question = gr.Textbox(
                    max_lines=6,
                    show_label=False,
                    autofocus=True,
                    elem_id="fonds-question",
                    elem_classes="fonds-ask",
                )
            with gr.Column(elem_classes="fonds-column fonds-column-evidence", min_width=0):
                self.panel = _html("fonds-scroll")
        with gr.Column(elem_classes="fonds-place fonds-place-check fonds-single"):
            self.check_heading = _html()
            self.quotation = gr.Textbox(lines=4, max_lines=12, elem_classes="fonds-input")
            self.check = gr.Button(variant="primary", elem_classes="fonds-go")
            self.checked = _html()
        with gr.Column(elem_classes="fonds-place fonds-place-archive fonds-single"):
            self.archive_heading = _html()
            self.files = gr.File(
                file_count="multiple",
                height=110,
                elem_classes="fonds-upload",
                visible=served.can_load,
            )
            self.loaded = _html()
            self.archive = _html()
        with gr.Column(elem_classes="fonds-place fonds-place-evaluation fonds-single"):
            self.evaluation_heading = _html()
            names = list(suite_runs.suites())
            self.suite = gr.Dropdown(
                names, value=names[0] if names else None, elem_classes="fonds-input"
            )
            self.run = gr.Button(variant="primary", elem_classes="fonds-go")
            self.evaluated = _html()

    def connect(self, page: gr.Blocks) -> None:
        """Connect the components to their handlers."""
        session, parts = self.session, self.parts
        frame = [
            self.shell, self.check_heading, self.quotation, self.check, self.archive_heading,
            self.files, self.archive, self.evaluation_heading, self.suite, self.run,
        ]  # fmt: skip
        each = {"trigger_mode": "multiple", **UNQUEUED}  # the page's script sends one at a time
        page.load(self.load, session, [*parts, *frame], **UNQUEUED)
        self.shell.act(self.act, session, [self.outbox, self.shell, *parts], **each)
        typed = self.question.submit(self.ask, [self.question, session], parts, **UNQUEUED)
        again = self.shell.ask(self.ask_again, session, [self.outbox, *parts], **each)
        answering = [one.success(self.answer, session, parts, **HIDDEN) for one in (typed, again)]
        for one in answering:
            one.failure(self.abandon, session, parts, **UNQUEUED)
        self.question.stop(self.stop, session, parts, cancels=answering, **UNQUEUED)
        self.check.click(self.check_quotation, self.quotation, self.checked, **HIDDEN)
        loading = self.files.upload(
            self.load_files, self.files, [self.files, self.loaded], concurrency_limit=1, **HIDDEN
        )
        loading.success(self.refresh, session, [self.shell, *parts], **UNQUEUED)
        self.run.click(self.evaluate, self.suite, self.evaluated, concurrency_limit=1, **HIDDEN)

    @property
    def parts(self) -> list[Any]:
        """The components that a step of the conversation may change."""
        return [
            self.session, self.question, self.left, self.conversation, self.chips, self.panel,
        ]  # fmt: skip

    def updates(self, session: Session, lang: str, typed: str | None = None) -> Updates:
        """The values of `parts`; `typed` replaces the text of the question box."""
        busy = session.is_waiting
        question: dict[str, Any] = {
            "submit_btn": False if busy else word(lang, "send"),
            "stop_btn": word(lang, "stop") if busy else False,
        }
        if typed is not None:
            question["value"] = typed
        state, *parts = self.html.of_session(session, lang)
        return state, gr.update(**question), *parts

    def load(self, session: Session, request: gr.Request) -> Updates:
        """The page in the reader's language, with the conversation named in its address."""
        lang = language_of(request)
        session = _with_user(session, request)
        if wanted := request.query_params.get("c"):
            session = self.controller.open(session, str(wanted), lang)
        texts = {"placeholder": word(lang, "placeholder"), "label": word(lang, "your_question")}
        state, question, *parts = self.updates(session, lang)
        return (
            state,
            question | texts,
            *parts,
            self._shell(lang, session),
            heading(lang, "check"),
            gr.update(label=word(lang, "quotation")),
            gr.update(value=word(lang, "check_button")),
            heading(lang, "archive"),
            gr.update(label=word(lang, "load_label")),
            render.page("archive.html", lang),
            heading(lang, "evaluation"),
            gr.update(label=word(lang, "suite")),
            gr.update(value=word(lang, "run")),
        )

    def ask(self, typed: str, session: Session, request: gr.Request) -> Updates:
        """Show the typed question at once; `answer` follows."""
        lang = language_of(request)
        session = _with_user(session, request)
        session = _or_notice(session, lambda: self.controller.ask(session, typed, lang))
        return self.updates(session, lang, None if session.notice else "")

    def ask_again(self, session: Session, event: gr.EventData, request: gr.Request) -> Updates:
        """Show a question that the page's script sends; `answer` follows."""
        lang = language_of(request)
        session = _with_user(session, request)
        session = _or_notice(session, lambda: self.controller.ask_again(session, event._data, lang))
        return outbox(lang), *self.updates(session, lang)

    def act(self, session: Session, event: gr.EventData, request: gr.Request) -> Updates:
        """An action that asks nothing; an exported file goes to the outbox for the browser."""
        lang, action = language_of(request), event._data
        session = _with_user(session, request)
        file = None
        try:
            if action["act"] == "export":
                wanted = str(action["id"]), str(action["form"])
                file = self.controller.exported(session, *wanted, lang)
        except FondsError as error:
            session = replace(session, notice=str(error))
        session = _or_notice(session, lambda: self.controller.act(session, action, lang))
        return outbox(lang, file), self._shell(lang, session), *self.updates(session, lang)

    def answer(self, session: Session, request: gr.Request) -> Iterator[Updates]:
        """The evidence as soon as it is found, then the answer."""
        lang = language_of(request)
        if not session.is_waiting:  # a generator that yields nothing would empty the page
            yield tuple(gr.skip() for _ in self.parts)
        started = time.perf_counter()
        for step in self.controller.answers(session):
            yield self.updates(step, lang)
            if not step.is_waiting:
                last = step.exchanges[-1]
                status = last.answer.status if last.answer else "fault"
                self.log.question(request, last.question, status, started)

    def abandon(self, session: Session, request: gr.Request) -> Updates:
        """After an answer failed unexpectedly."""
        lang = language_of(request)
        return self.updates(self.controller.abandon(session, word(lang, "unanswered")), lang)

    def stop(self, session: Session, request: gr.Request) -> Updates:
        """The reader has stopped the answer."""
        lang = language_of(request)
        return self.updates(self.controller.abandon(session, word(lang, "stopped")), lang)

    def check_quotation(self, words: str, request: gr.Request) -> str:
        """The report on pasted words."""
        return quotation_check.report(self.served.archive, words, language_of(request))

    def load_files(self, files: list[str] | None, request: gr.Request) -> Iterator[Updates]:
        """Load files into the archive, with progress and a report; empty the box at the end."""
        for ended, html in self.html.load_steps(files or [], language_of(request)):
            yield None if ended else gr.skip(), html

    def refresh(self, session: Session, request: gr.Request) -> Updates:
        """The page after the archive has changed."""
        lang = language_of(request)
        session = _with_user(session, request)
        return self._shell(lang, session), *self.updates(session, lang)

    def evaluate(self, suite: str, request: gr.Request) -> Iterator[str]:
        """Run a suite, with progress, then its report."""
        yield from self.html.suite_steps(suite, language_of(request))

    def _fragment_function(self) -> Any:
        def fragment(wanted: dict[str, Any], request: gr.Request) -> str:
            """A part of the page that its script fetches."""
            return self.fragments.html(str(wanted["fragment"]), wanted, language_of(request))

        return fragment

    def _shell(self, lang: str, session: Session) -> str:
        return self.html.shell(lang, signed_in=session.user.startswith(SIGNED_IN))


def serve(settings: Settings) -> None:
    """Open the archive, serve the chat, print its address and wait to be interrupted."""
    config = launching.server_config(settings)
    served = open_archive(settings)
    conversations = Conversations(conversations_path(settings.directory))
    page = build(served, conversations, config.log, settings.queue)
    url = launching.launch(page, served, config)
    print(f"Fonds is ready: {url}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        page.close(verbose=False)


def main() -> None:
    """`python ui.py`: the chat with the settings of the environment and `fonds.toml`."""
    try:
        serve(load())
    except FondsError as error:
        print(f"fonds: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def _html(*classes: str) -> gr.HTML:
    """A component for our own HTML; it tells the page's script when it is redrawn."""
    drawn = (
        'watch("value", () => document.dispatchEvent('
        'new CustomEvent("fonds:drawn", { detail: element })));'
    )
    return gr.HTML(js_on_load=drawn, apply_default_css=False, elem_classes=[*classes])


def _or_notice(session: Session, step: Callable[[], Session]) -> Session:
    """The session after a step; if the step fails, the session with a notice that says why."""
    try:
        return step()
    except FondsError as error:
        return replace(session, notice=str(error))


def _with_user(session: Session, request: gr.Request) -> Session:
    return replace(session, user=user_of(request))


if __name__ == "__main__":
    main()
