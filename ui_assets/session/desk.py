"""One reader's sitting: what is asked, answered, opened, filtered and kept. No HTML, no Gradio.

Every step takes a Session and gives the next one. A fault that Fonds explains is told in the
exchange it belongs to; it is never dressed as an abstention. Not here: what an answer says.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rag.errors import FondsError
from rag.types import Filters, Turn
from ui_assets.export import conversation as export
from ui_assets.model import Exchange
from ui_assets.session.answer_stream import telling
from ui_assets.session.conversations import Conversations, Listed
from ui_assets.session.served import Served
from ui_assets.view.excerpts import sources
from ui_assets.view.facets import filters_from
from ui_assets.view.words import word

LONGEST_QUESTION = 2_000  # characters
LONGEST_REASON = 500
EXCHANGES_KEPT = 100  # of a conversation on the page, the newest
TURNS_GIVEN = 10  # earlier exchanges that a question may lean on

Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """What one open page shows; `words` is what its conversations are searched for."""

    user: str = ""
    conversation: str | None = None
    kept: tuple[Exchange, ...] = ()
    filters: Filters = Filters()
    notice: str | None = None
    words: str = ""

    @property
    def is_waiting(self) -> bool:
        return any(exchange.is_waiting for exchange in self.kept)


class Desk:
    """The steps of a sitting over one served archive and everybody's conversations."""

    def __init__(self, served: Served, conversations: Conversations) -> None:
        self.served = served
        self.conversations = conversations

    def open(self, session: Session, conversation: str, lang: str) -> Session:
        """A kept conversation of this user; a new one where there is none such."""
        exchanges = self.conversations.exchanges(session.user, conversation)
        if exchanges is None:
            return replace(session, conversation=None, kept=(), notice=None)
        interrupted = word(lang, "interrupted")
        kept = tuple(
            replace(e, fault=interrupted)
            if e.is_waiting
            else replace(e, sources=sources(self.served.archive, e.answer) if e.answer else ())
            for e in exchanges[-EXCHANGES_KEPT:]
        )
        return replace(session, conversation=conversation, kept=kept, notice=None)

    def ask(
        self,
        session: Session,
        typed: str,
        lang: str,
        filters: Filters | None = None,
        without: tuple[str, ...] = (),
    ) -> Session:
        """The question put, still to be answered; or a notice why it cannot be.

        Under the session's filters unless others are given.
        """
        question = typed.encode(errors="replace").decode().strip()  # no lone surrogates
        if notice := refused(question, lang):
            return replace(session, notice=notice)
        number = session.kept[-1].number + 1 if session.kept else 1
        asked = Exchange(
            number,
            question,
            filters=session.filters if filters is None else filters,
            without=without,
            asked=round(time.time(), 3),
        )
        conversation = session.conversation
        if session.user:
            conversation = self.conversations.ask(session.user, conversation, asked)
        kept = (*session.kept[1 - EXCHANGES_KEPT :], asked)
        return replace(session, conversation=conversation, kept=kept, notice=None)

    def answers(self, session: Session) -> Iterator[Session]:
        """The session with the waiting question's evidence, then with its answer or fault."""
        if not session.is_waiting:
            return
        waiting = session.kept[-1]
        try:
            for step in self._answering(waiting, session.kept[:-1]):
                waiting = step
                yield replace(session, kept=(*session.kept[:-1], waiting))
        except FondsError as error:
            waiting = replace(waiting, fault=str(error), sources=())
            yield replace(session, kept=(*session.kept[:-1], waiting))
        try:
            self._settle(session, waiting)
        except FondsError as error:  # the answer is there, only not kept
            kept = (*session.kept[:-1], waiting)
            yield replace(session, kept=kept, notice=str(error))

    def _answering(self, asked: Exchange, before: tuple[Exchange, ...]) -> Iterator[Exchange]:
        turns = [Turn(e.question, e.answer.answer) for e in before if e.answer][-TURNS_GIVEN:]
        for step in telling(self.served.archive, asked, turns):
            if step.answer:
                step = replace(step, scope=self.served.catalogue.scope(asked.filters))
            yield step

    def abandon(self, session: Session, why: str) -> Session:
        """What still waits gets no answer, and says why."""
        for exchange in session.kept:
            if exchange.is_waiting:
                self._settle(session, replace(exchange, fault=why))
        kept = tuple(replace(e, fault=why, sources=()) if e.is_waiting else e for e in session.kept)
        return replace(session, kept=kept)

    def _settle(self, session: Session, exchange: Exchange) -> None:
        if session.conversation:
            self.conversations.settle(session.conversation, exchange)

    def put(self, session: Session, action: Action, lang: str) -> Session:
        """An action that asks again: an example, a retry, without some sources or a limit."""
        if action["put"] == "ask":
            return self.ask(session, str(action["question"]), lang)
        exchange = _exchange(session, action)
        if exchange is None:
            return session
        filters, left_aside = exchange.filters, exchange.without
        if action["put"] == "again":
            known = {source.document.document_id for source in exchange.sources}
            left_out = [i for i in action["documents"] if i in known]
            filters = replace(filters, exclude=tuple(dict.fromkeys((*filters.exclude, *left_out))))
            session = replace(session, filters=filters)
        elif action["put"] == "without":
            inferred = {c.field for c in exchange.answer.constraints} if exchange.answer else set()
            left_aside = (*left_aside, *inferred.intersection([action["field"]]))
        return self.ask(session, exchange.question, lang, filters, left_aside)

    def listed(self, session: Session) -> list[Listed]:
        """The user's conversations, those with the session's words."""
        return self.conversations.listed(session.user, session.words) if session.user else []

    def act(self, session: Session, action: Action, lang: str) -> Session:
        """An action that asks nothing."""
        user, target = session.user, str(action.get("id", ""))
        match action["act"]:
            case "new":
                return Session(user=user, filters=session.filters)
            case "open":
                return self.open(session, target, lang)
            case "search":
                return replace(session, words=str(action["words"]))
            case "rename":
                self.conversations.rename(user, target, str(action["title"]))
            case "delete":
                self.conversations.delete(user, target)
                if target == session.conversation:
                    return Session(user=user, filters=session.filters)
            case "filters":
                exclude = session.filters.exclude
                chosen = filters_from({**action, "exclude": exclude}, self.served.catalogue.facets)
                return replace(session, filters=chosen)
            case "unfilter":
                return replace(session, filters=unfiltered(session.filters, action))
            case "verdict":
                return self._judge(session, action)
            case "sample":
                self.served.open_sample()
        return session

    def _judge(self, session: Session, action: Action) -> Session:
        exchange = _exchange(session, action)
        if exchange is None:
            return session
        good = bool(int(action["good"]))
        if session.conversation:
            reason = str(action.get("reason", ""))[:LONGEST_REASON]
            self.conversations.judge(
                session.user, session.conversation, exchange.number, good, reason
            )
        judged = replace(exchange, verdict=1 if good else -1)
        kept = tuple(judged if e.number == judged.number else e for e in session.kept)
        return replace(session, kept=kept)

    def exported(
        self, session: Session, conversation: str, form: str, lang: str
    ) -> export.File | None:
        """A conversation of this user as a file; None where there is no such."""
        title = self.conversations.title(session.user, conversation)
        exchanges = self.conversations.exchanges(session.user, conversation)
        if title is None or exchanges is None:
            return None
        return export.FORMS[form](title, exchanges, lang) if form in export.FORMS else None


def refused(question: str, lang: str) -> str | None:
    """Why the question cannot be asked; None where it can."""
    if not question:
        return word(lang, "question_empty")
    if len(question) > LONGEST_QUESTION:
        length, limit = f"{len(question):,}", f"{LONGEST_QUESTION:,}"
        return word(lang, "question_long", length=length, limit=limit)
    return None


def unfiltered(filters: Filters, action: Action) -> Filters:
    """The filters without the one that a chip names."""
    field = action["field"]
    if field == "all":
        return Filters()
    if field == "dates":
        return replace(filters, date_from=None, date_to=None)
    if field == "exclude":
        left = tuple(i for i in filters.exclude if i != action.get("document"))
        return replace(filters, exclude=left)
    named: dict[str, Any] = {field: None}
    names = ("lang", "author", "recipient", "collection", "kind")
    return replace(filters, **named) if field in names else filters


def _exchange(session: Session, action: Action) -> Exchange | None:
    """The exchange that an action is about."""
    turn = str(action.get("turn", ""))
    return next((e for e in session.kept if str(e.number) == turn), None)
