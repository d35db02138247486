"""The parts of the page as HTML, for a session: what `ui.py` puts into its components."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rag.errors import FondsError
from rag.types import Filters, IngestReport
from ui_assets.export.conversation import File
from ui_assets.session import suite_runs
from ui_assets.session.controller import Controller, Session
from ui_assets.session.conversations import ConversationSummary
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import render
from ui_assets.view.facets import examples
from ui_assets.view.words import word


class Parts(NamedTuple):
    """The parts that a step of the conversation may change, and the session they show."""

    session: Session
    left: str
    conversation: str
    chips: str
    panel: str


class PageParts:
    """Renders the parts of the page over one served archive."""

    def __init__(self, served: ServedArchive, controller: Controller) -> None:
        self.served = served
        self.controller = controller

    def of_session(self, session: Session, lang: str) -> Parts:
        """The conversation and what is around it; an error with the list of conversations becomes
        the session's notice."""
        facets = self.served.catalogue.facets
        listed: list[ConversationSummary] = []
        try:
            listed = self.controller.listed(session)
        except FondsError as error:
            session = replace(session, notice=str(error))
        chips = render.chips(session.filters, facets.documents, lang)
        return Parts(
            session=session,
            left=render.page(
                "side.html",
                lang,
                facets=facets,
                filters=session.filters,
                listed=listed,
                current=session.conversation,
                words=session.search_words,
            ),
            conversation=render.conversation(
                session.exchanges,
                lang,
                notice=session.notice,
                welcome=None if session.exchanges else self._welcome(lang),
                id=session.conversation or "",
            ),
            chips=render.page(
                "chips.html",
                lang,
                chips=chips,
                model=self.served.language_model,
                with_model=session.with_model,
            ),
            panel=render.panel(session.exchanges, lang, self.served.catalogue.versions),
        )

    def _welcome(self, lang: str) -> dict[str, Any]:
        documents = self.served.catalogue.facets.documents
        return {
            "empty": not documents,
            "scope": self.served.catalogue.scope(Filters()),
            "examples": examples(documents, lang, sample=self.served.sample),
            "can_open_sample": self.served.can_open_sample,
        }

    def shell(self, lang: str, signed_in: bool) -> str:
        """The header and the dialogs."""
        return render.page("shell.html", lang, sample=self.served.sample, signed_in=signed_in)

    def load_steps(self, files: Sequence[str], lang: str) -> Iterator[tuple[bool, str]]:
        """Load files; yields whether it has ended, and the progress or the report."""
        nothing: dict[str, Any] = {"fault": None, "report": None, "done": 0, "total": 0}

        def page(**values: Any) -> str:
            return render.page("loaded.html", lang, name=_basename, **{**nothing, **values})

        try:
            for step in self.served.load([Path(file) for file in files]):
                if isinstance(step, IngestReport):
                    yield True, page(report=step)
                else:
                    yield False, page(done=step[0], total=step[1])
        except FondsError as error:
            yield True, page(fault=str(error))

    def suite_steps(self, suite: str, lang: str) -> Iterator[str]:
        """Run an evaluation suite; yields its progress, then the report."""
        nothing: dict[str, Any] = {"fault": None, "running": None, "output": "", "html": ""}

        def page(**values: Any) -> str:
            return render.page("evaluated.html", lang, suite=suite, **{**nothing, **values})

        try:
            yield page(running=0)
            for one in suite_runs.run(suite):
                running = None if one.done else one.seconds
                yield page(running=running, output=one.output, html=one.html)
        except suite_runs.AlreadyRunning:
            yield page(fault=word(lang, "busy"))
        except FondsError as error:
            yield page(fault=str(error))


def heading(lang: str, section: str) -> str:
    """The heading of a section other than the conversation."""
    return render.page("heading.html", lang, title=section, about=f"{section}_about")


def outbox(lang: str, file: File | None = None) -> str:
    """The message to the page's script that a step is done, with a file for it to save."""
    coded = b64encode(file.content).decode() if file else ""
    return render.page("file.html", lang, file=file, coded=coded, n=time.monotonic_ns())


def _basename(path: str) -> str:
    return Path(path).name
