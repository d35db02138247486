"""Exchanges rendered as the chat does, and their HTML parsed."""

from __future__ import annotations

from html.parser import HTMLParser

from rag.types import VerifiedAnswer
from tests.kits.fake_archive import FakeArchive
from ui_assets.model import Exchange
from ui_assets.session.controller import Controller, Session
from ui_assets.session.conversations import Conversations
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view import render
from ui_assets.view.excerpts import answer_sources


class Page(HTMLParser):
    """The elements of a page, its text, and the text inside each `<mark>`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: list[str] = []
        self._in_mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self._in_mark = True
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = self._in_mark and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marks[-1] += data


def exchange(question: str) -> Exchange:
    """The question with the answer of the fake archive."""
    controller = Controller(ServedArchive(FakeArchive()), Conversations(None))
    return list(controller.answers(controller.ask(Session(), question, "en")))[-1].exchanges[-1]


def exchange_of(answer: VerifiedAnswer) -> Exchange:
    """An exchange with this answer."""
    return Exchange(1, answer.question, answer, sources=answer_sources(FakeArchive(), answer))


def shown(one: Exchange) -> tuple[Page, Page]:
    """Conversation and evidence panel of an exchange."""
    return Page(conversation(one)), Page(panel(one))


def conversation(*exchanges: Exchange) -> str:
    return render.conversation(exchanges, "en", id="c")


def panel(*exchanges: Exchange) -> str:
    return render.panel(exchanges, "en", lambda document: [])


def links(page: Page) -> list[str | None]:
    return [attributes["href"] for tag, attributes in page.elements if tag == "a"]
