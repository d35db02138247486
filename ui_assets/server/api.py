"""The API for programs: `ask`, `search` and `verify`, nothing that writes.

Gradio serves them as API routes and, if switched on, as tools of an MCP server. The answers are
the JSON of the command line. Callers are shown the functions' docstrings.
"""

from __future__ import annotations

import time
from typing import Any

import gradio as gr
from gradio import events

from rag.errors import FondsError, UsageError
from rag.types import Filters
from ui_assets.server.logs import Log
from ui_assets.session.served_archive import ServedArchive

MAX_HITS = 100
MAX_CHARS = 10_000  # of a question or quotation


def add_routes(served: ServedArchive, log: Log) -> None:
    """Add the three routes to the Gradio page that is being built."""

    def ask(
        question: str,
        date_from: str = "",
        date_to: str = "",
        lang: str = "",
        author: str = "",
        recipient: str = "",
        collection: str = "",
        kind: str = "",
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """
        Answer a question from the archive with cited quotations, or abstain with the reason.

        Args:
            question: the question, in English or Russian
            date_from: earliest date of the documents, as a year, month or day (1931-11-27)
            date_to: latest date of the documents
            lang: language of the documents, an ISO 639-1 code such as en
            author: who wrote the documents
            recipient: to whom they were written
            collection: the collection they belong to
            kind: original or translation
        """
        filters = _filters(date_from, date_to, lang, author, recipient, collection, kind)
        started = time.perf_counter()
        status = "fault"
        try:
            answer = _checked(lambda: served.archive.ask(question, filters), question)
            status = answer.status
        finally:
            log.question(request, question, status, started)
        return dict(answer.to_dict())

    def search(
        question: str,
        k: int = 10,
        date_from: str = "",
        date_to: str = "",
        lang: str = "",
        author: str = "",
        recipient: str = "",
        collection: str = "",
        kind: str = "",
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> dict[str, Any]:
        """
        Find the passages of the archive nearest to a question, each with its document.

        Args:
            question: words or a question, in English or Russian
            k: how many passages, up to 100
            date_from: earliest date of the documents, as a year, month or day (1931-11-27)
            date_to: latest date of the documents
            lang: language of the documents, an ISO 639-1 code such as en
            author: who wrote the documents
            recipient: to whom they were written
            collection: the collection they belong to
            kind: original or translation
        """
        filters = _filters(date_from, date_to, lang, author, recipient, collection, kind)
        started = time.perf_counter()
        status = "fault"
        try:
            count = max(1, min(int(k), MAX_HITS))
            found = _checked(lambda: served.archive.search(question, count, filters), question)
            status = "found" if found.hits else "nothing"
        finally:
            log.question(request, question, status, started)
        return dict(found.to_dict())

    def verify(quotation: str, document_id: str = "") -> dict[str, Any]:
        """
        Check where a quotation is in the archive: exact, with other typography, near, or absent.

        Args:
            quotation: the quoted words
            document_id: the only document to look in; all documents if left out
        """
        report = _checked(lambda: served.archive.verify(quotation, document_id or None), quotation)
        return dict(report.to_dict())

    for function in (ask, search, verify):
        events.api(function, api_name=function.__name__)


def _filters(
    date_from: str, date_to: str, lang: str, author: str, recipient: str, collection: str, kind: str
) -> Filters:
    return Filters(
        date_from or None,
        date_to or None,
        lang or None,
        author or None,
        recipient or None,
        collection or None,
        kind or None,
    )


def _checked(call: Any, text: str) -> Any:
    """The call's result; an error reaches the caller as its one-line message."""
    try:
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_CHARS:
            raise UsageError(f"give a text of 1 to {MAX_CHARS} characters")
        return call()
    except FondsError as error:
        raise gr.Error(str(error), print_exception=False) from error
