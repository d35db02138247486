"""The chat: a question, its verified answer, and beside it the evidence. It decides nothing.

This module composes and wires; what a step does is in `ui_assets.desk`, what it looks like in the
templates of `ui_assets`. The conversation and the evidence panel are our own `gr.HTML`, and not a
`gr.Chatbot`: that one interprets Markdown and LaTeX and strips the attributes that tie a marker to
its source, while the words of an archive must appear exactly as they are stored. `gr.HTML` inserts
its value as it comes, so all of it is escaped there.

Nothing is asked of other hosts: no analytics, no fonts or scripts from elsewhere, and a content
security policy that keeps the browser to this one. How it is served, and to whom, is in
`ui_assets.launching`; what programs may ask, in `ui_assets.api`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import gradio as gr

from rag.errors import FondsError
from rag.settings import Settings, load
from rag.types import Filters, IngestReport
from ui_assets.export.conversation import File
from ui_assets.server import api, launching
from ui_assets.server.logs import Log
from ui_assets.server.visitor import SIGNED_IN, language_of, user_of
from ui_assets.session import evaluation
from ui_assets.session.conversations import Conversations, Listed, beside
from ui_assets.session.desk import Desk, Session
from ui_assets.session.fragments import Details
from ui_assets.session.served import Served, opened
from ui_assets.view import quotation_check, render
from ui_assets.view.facets import examples
from ui_assets.view.words import word

QUESTIONS_AT_ONCE = 4  # the others wait in line
HIDDEN: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
AT_ONCE: dict[str, Any] = {"queue": False, **HIDDEN}  # only the answer itself waits in line

Update = Any  # what a listener gives for one output: a value, `gr.update` or `gr.skip`
Updates = tuple[Update, ...]


def build(
    served: Served, conversations: Conversations, log: Log = Log(), queue: int = 64
) -> gr.Blocks:
    """The page over what is served; `queue` questions may wait. Launches nothing."""
    page = gr.Blocks(title="Fonds", fill_width=True, analytics_enabled=False)
    with page:
        api.offer(served, log)  # first, so that the names are theirs
        chat = _Chat(served, conversations, log)
        chat.wire(page)
    page.queue(max_size=queue, default_concurrency_limit=QUESTIONS_AT_ONCE)
    return page


class _Chat:
    """The page's components, and what happens when the reader does something."""

    def __init__(self, served: Served, conversations: Conversations, log: Log) -> None:
        self.served = served
        self.log = log
        self.desk = Desk(served, conversations)
        self.details = Details(served)
        self.session = gr.State(Session())
        self.shell = gr.HTML(
            js_on_load=render.script(),
            apply_default_css=False,
            elem_classes="fonds-top",
            server_functions=[self._piece()],
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
            names = list(evaluation.suites())
            self.suite = gr.Dropdown(
                names, value=names[0] if names else None, elem_classes="fonds-input"
            )
            self.run = gr.Button(variant="primary", elem_classes="fonds-go")
            self.evaluated = _html()

    def wire(self, page: gr.Blocks) -> None:
        """Ties what the reader does to what happens."""
        session, parts = self.session, self.parts
        frame = [
            self.shell, self.check_heading, self.quotation, self.check, self.archive_heading,
            self.files, self.archive, self.evaluation_heading, self.suite, self.run,
        ]  # fmt: skip
        each = {"trigger_mode": "multiple", **AT_ONCE}  # the page's script lets one in at a time
        page.load(self.load, session, [*parts, *frame], **AT_ONCE)
        self.shell.act(self.act, session, [self.outbox, self.shell, *parts], **each)
        asked = self.question.submit(self.ask, [self.question, session], parts, **AT_ONCE)
        put = self.shell.put(self.put, session, [self.outbox, *parts], **each)
        answering = [one.success(self.answer, session, parts, **HIDDEN) for one in (asked, put)]
        for one in answering:
            one.failure(self.abandon, session, parts, **AT_ONCE)
        self.question.stop(self.stop, session, parts, cancels=answering, **AT_ONCE)
        self.check.click(self.check_words, self.quotation, self.checked, **HIDDEN)
        loading = self.files.upload(
            self.load_files, self.files, [self.files, self.loaded], concurrency_limit=1, **HIDDEN
        )
        loading.success(self.refresh, session, [self.shell, *parts], **AT_ONCE)
        self.run.click(self.evaluate, self.suite, self.evaluated, concurrency_limit=1, **HIDDEN)

    @property
    def parts(self) -> list[Any]:
        """The components that a step of the conversation may change."""
        return [
            self.session, self.question, self.left, self.conversation, self.chips, self.panel,
        ]  # fmt: skip

    def shown(self, session: Session, lang: str, typed: str | None = None) -> Updates:
        """The session in those components; `typed` is put into the question box."""
        facets = self.served.catalogue.facets
        listed: list[Listed] = []
        try:
            listed = self.desk.listed(session)
        except FondsError as error:
            session = replace(session, notice=str(error))
        chips = render.chips(session.filters, facets.documents, lang)
        welcome = {
            "empty": not facets.documents,
            "scope": self.served.catalogue.scope(Filters()),
            "examples": examples(facets.documents, lang, sample=self.served.sample),
            "can_open_sample": self.served.can_open_sample,
        }
        busy = session.is_waiting
        question: dict[str, Any] = {
            "submit_btn": False if busy else word(lang, "send"),
            "stop_btn": word(lang, "stop") if busy else False,
        }
        if typed is not None:
            question["value"] = typed
        return (
            session,
            gr.update(**question),
            render.page(
                "side.html",
                lang,
                facets=facets,
                filters=session.filters,
                listed=listed,
                current=session.conversation,
                words=session.words,
            ),
            render.conversation(
                session.kept,
                lang,
                notice=session.notice,
                welcome=None if session.kept else welcome,
                id=session.conversation or "",
            ),
            render.page("chips.html", lang, chips=chips),
            render.panel(session.kept, lang, self.served.catalogue.versions),
        )

    def load(self, session: Session, request: gr.Request) -> Updates:
        """The page in the reader's language, with the conversation that its address names."""
        lang = language_of(request)
        session = replace(session, user=user_of(request))
        if wanted := request.query_params.get("c"):
            session = self.desk.open(session, str(wanted), lang)
        texts = {"placeholder": word(lang, "placeholder"), "label": word(lang, "your_question")}
        state, question, *parts = self.shown(session, lang)
        return (
            state,
            question | texts,
            *parts,
            self._shell(lang, session),
            render.page("heading.html", lang, title="check", about="check_about"),
            gr.update(label=word(lang, "quotation")),
            gr.update(value=word(lang, "check_button")),
            render.page("heading.html", lang, title="archive", about="archive_about"),
            gr.update(label=word(lang, "load_label")),
            render.page("archive.html", lang),
            render.page("heading.html", lang, title="evaluation", about="evaluation_about"),
            gr.update(label=word(lang, "suite")),
            gr.update(value=word(lang, "run")),
        )

    def ask(self, typed: str, session: Session, request: gr.Request) -> Updates:
        """The question on the page at once; `answer` follows."""
        lang = language_of(request)
        session = self._of(session, request)
        session = _step(session, lambda: self.desk.ask(session, typed, lang))
        return self.shown(session, lang, None if session.notice else "")

    def put(self, session: Session, event: gr.EventData, request: gr.Request) -> Updates:
        """What asks again."""
        lang = language_of(request)
        session = self._of(session, request)
        session = _step(session, lambda: self.desk.put(session, event._data, lang))
        return _outbox(lang), *self.shown(session, lang)

    def act(self, session: Session, event: gr.EventData, request: gr.Request) -> Updates:
        """What asks nothing; an export goes into the outbox, from where the browser saves it."""
        lang, action = language_of(request), event._data
        session = self._of(session, request)
        file = None
        try:
            if action["act"] == "export":
                wanted = str(action["id"]), str(action["form"])
                file = self.desk.exported(session, *wanted, lang)
        except FondsError as error:
            session = replace(session, notice=str(error))
        session = _step(session, lambda: self.desk.act(session, action, lang))
        return _outbox(lang, file), self._shell(lang, session), *self.shown(session, lang)

    def answer(self, session: Session, request: gr.Request) -> Iterator[Updates]:
        """The evidence as soon as it is found, then the answer."""
        lang = language_of(request)
        if not session.is_waiting:  # a generator that yields nothing would empty the page
            yield tuple(gr.skip() for _ in self.parts)
        started = time.perf_counter()
        for step in self.desk.answers(session):
            yield self.shown(step, lang)
            if not step.is_waiting:
                last = step.kept[-1]
                status = last.answer.status if last.answer else "fault"
                self.log.question(request, last.question, status, started)

    def abandon(self, session: Session, request: gr.Request) -> Updates:
        """What follows when an answer failed in a way that was not foreseen."""
        lang = language_of(request)
        return self.shown(self.desk.abandon(session, word(lang, "unanswered")), lang)

    def stop(self, session: Session, request: gr.Request) -> Updates:
        """The reader will not wait."""
        lang = language_of(request)
        return self.shown(self.desk.abandon(session, word(lang, "stopped")), lang)

    def check_words(self, words: str, request: gr.Request) -> str:
        """Where pasted words stand."""
        return quotation_check.report(self.served.archive, words, language_of(request))

    def load_files(self, files: list[str] | None, request: gr.Request) -> Iterator[Updates]:
        """Files into the archive, with progress and a report of what was refused."""
        lang = language_of(request)
        told: dict[str, Any] = {"fault": None, "report": None, "done": 0, "total": 0}

        def page(**news: Any) -> str:
            return render.page("loaded.html", lang, name=_basename, **{**told, **news})

        try:
            for one in self.served.load([Path(file) for file in files or ()]):
                if isinstance(one, IngestReport):
                    yield None, page(report=one)
                else:
                    yield gr.skip(), page(done=one[0], total=one[1])
        except FondsError as error:
            yield None, page(fault=str(error))

    def refresh(self, session: Session, request: gr.Request) -> Updates:
        """The page again after the archive has changed."""
        lang = language_of(request)
        session = self._of(session, request)
        return self._shell(lang, session), *self.shown(session, lang)

    def evaluate(self, suite: str, request: gr.Request) -> Iterator[str]:
        """A suite run, with progress, then its report."""
        lang = language_of(request)
        told: dict[str, Any] = {"fault": None, "running": None, "said": "", "html": ""}

        def page(**news: Any) -> str:
            return render.page("evaluated.html", lang, suite=suite, **{**told, **news})

        try:
            yield page(running=0)
            for one in evaluation.run(suite):
                running = None if one.done else one.seconds
                yield page(running=running, said=one.said, html=one.html)
        except evaluation.Busy:
            yield page(fault=word(lang, "busy"))
        except FondsError as error:
            yield page(fault=str(error))

    def _piece(self) -> Any:
        def piece(wanted: dict[str, Any], request: gr.Request) -> str:
            """A piece of the page that its script fetches."""
            return self.details.give(str(wanted["piece"]), wanted, language_of(request))

        return piece

    def _shell(self, lang: str, session: Session) -> str:
        signed_in = session.user.startswith(SIGNED_IN)
        return render.page("shell.html", lang, sample=self.served.sample, signed_in=signed_in)

    def _of(self, session: Session, request: gr.Request) -> Session:
        return replace(session, user=user_of(request))


def serve(settings: Settings) -> None:
    """Opens the archive, serves the chat, says on one line where, and waits to be interrupted."""
    web = launching.configured(settings)
    served = opened(settings)
    conversations = Conversations(beside(settings.directory))
    page = build(served, conversations, web.log, settings.queue)
    url = launching.launch(page, served, web)
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


def _html(*classes: str) -> gr.HTML:
    """A place for our own HTML, which says when it has been drawn anew."""
    drawn = (
        'watch("value", () => document.dispatchEvent('
        'new CustomEvent("fonds:drawn", { detail: element })));'
    )
    return gr.HTML(js_on_load=drawn, apply_default_css=False, elem_classes=[*classes])


def _step(session: Session, step: Callable[[], Session]) -> Session:
    """The session after a step; where the step is prevented, as it was with a notice why."""
    try:
        return step()
    except FondsError as error:
        return replace(session, notice=str(error))


def _outbox(lang: str, file: File | None = None) -> str:
    """What the page's script is told when a step is done: go on, and save this file."""
    coded = b64encode(file.content).decode() if file else ""
    return render.page("file.html", lang, file=file, coded=coded, n=time.monotonic_ns())


def _basename(path: str) -> str:
    return Path(path).name


if __name__ == "__main__":
    main()
