"""What happens when a reader asks, opens, filters, judges or exports. No HTML, no Gradio.

Every action takes a Session and returns the next one. An error that Fonds explains is shown in
the exchange it belongs to, never as an abstention. Not here: what an answer says.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rag.errors import FondsError
from rag.types import VALUE_FILTERS, WITHOUT_MODEL, Filters, Turn
from ui_assets.export import conversation as export
from ui_assets.model import Exchange
from ui_assets.session.answer_stream import answer_stream
from ui_assets.session.conversations import Conversations, ConversationSummary
from ui_assets.session.served_archive import ServedArchive
from ui_assets.view.excerpts import answer_sources
from ui_assets.view.facets import filters_from
from ui_assets.view.localizer import Localizer
from ui_assets.view.words import word

MAX_QUESTION_CHARS = 2_000
MAX_REASON_CHARS = 500
MAX_EXCHANGES = 100  # of a conversation on the page, the newest
MAX_TURNS = 10  # earlier exchanges given with a question

Action = Mapping[str, Any]
"""What the page's script sends: the name of the action and its values."""


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one open page.

    `exchanges` are the newest of the open conversation, `search_words` what the reader searches
    the conversations for, `notice` a message shown once. `with_model`: a language model, where
    there is one, takes part in the next answers.
    """

    user: str = ""
    conversation: str | None = None
    exchanges: tuple[Exchange, ...] = ()
    filters: Filters = Filters()
    notice: str | None = None
    search_words: str = ""
    with_model: bool = True

    @property
    def is_waiting(self) -> bool:
        """Whether a question has neither answer nor error yet."""
        return any(exchange.is_waiting for exchange in self.exchanges)


class Controller:
    """The actions of all readers over one served archive and everybody's conversations."""

    def __init__(self, served: ServedArchive, conversations: Conversations) -> None:
        self.served = served
        self.conversations = conversations

    def open(self, session: Session, conversation: str, lang: str) -> Session:
        """Open a saved conversation of this user; a new one where there is none."""
        exchanges = self.conversations.exchanges(session.user, conversation)
        if exchanges is None:
            return replace(session, conversation=None, exchanges=(), notice=None)
        opened = tuple(self._reopened(one, lang) for one in exchanges[-MAX_EXCHANGES:])
        return replace(session, conversation=conversation, exchanges=opened, notice=None)

    def _reopened(self, exchange: Exchange, lang: str) -> Exchange:
        if exchange.is_waiting:
            return replace(exchange, fault=word(lang, "interrupted"))
        if exchange.answer is None:
            return exchange
        return replace(exchange, sources=answer_sources(self.served.archive, exchange.answer))

    def ask(
        self,
        session: Session,
        typed: str,
        lang: str,
        filters: Filters | None = None,
        without: tuple[str, ...] = (),
    ) -> Session:
        """Add a question that waits for its answer, or a notice that says why it cannot be asked.

        The session's filters apply unless others are given; `without` names constraints of the
        question to ignore.
        """
        question = typed.encode(errors="replace").decode().strip()  # no lone surrogates
        if notice := question_problem(question, lang):
            return replace(session, notice=notice)
        if not session.with_model and WITHOUT_MODEL not in without:
            without = (*without, WITHOUT_MODEL)
        exchange = Exchange(
            session.exchanges[-1].number + 1 if session.exchanges else 1,
            question,
            filters=session.filters if filters is None else filters,
            without=without,
            asked=round(time.time(), 3),
        )
        conversation = session.conversation
        if session.user:
            conversation = self.conversations.ask(session.user, conversation, exchange)
        exchanges = (*session.exchanges[1 - MAX_EXCHANGES :], exchange)
        return replace(session, conversation=conversation, exchanges=exchanges, notice=None)

    def ask_again(self, session: Session, action: Action, lang: str) -> Session:
        """Ask an example, or an earlier question again: as it was, without some sources,
        without a constraint, or without the language model."""
        if action["ask"] == "example":
            return self.ask(session, str(action["question"]), lang)
        exchange = _exchange_of(session, action)
        if exchange is None:
            return session
        filters, without = exchange.filters, exchange.without
        if action["ask"] == "without-sources":
            known = {source.document.document_id for source in exchange.sources}
            excluded = [i for i in action["documents"] if i in known]
            filters = replace(filters, exclude=tuple(dict.fromkeys((*filters.exclude, *excluded))))
            session = replace(session, filters=filters)
        elif action["ask"] == "without-constraint":
            inferred = {c.field for c in exchange.answer.constraints} if exchange.answer else set()
            without = (*without, *inferred.intersection([action["field"]]))
        elif action["ask"] == "without-model":
            without = (*without, WITHOUT_MODEL)
        return self.ask(session, exchange.question, lang, filters, without)

    def answers(self, session: Session) -> Iterator[Session]:
        """The session with the evidence for the waiting question, then with its answer or error."""
        if not session.is_waiting:
            return
        *before, waiting = session.exchanges

        def latest(**more: Any) -> Session:
            return replace(session, exchanges=(*before, waiting), **more)

        try:
            for step in self._answer_steps(waiting, before):
                waiting = step
                yield latest()
        except FondsError as error:
            waiting = replace(waiting, fault=str(error), sources=())
            yield latest()
        try:
            self._save(session, waiting)
        except FondsError as error:  # the answer is there, it only could not be saved
            yield latest(notice=str(error))

    def _answer_steps(self, exchange: Exchange, before: list[Exchange]) -> Iterator[Exchange]:
        turns = [Turn(e.question, e.answer.answer) for e in before if e.answer][-MAX_TURNS:]
        for step in answer_stream(self.served.archive, exchange, turns):
            if step.answer:
                step = replace(step, scope=self.served.catalogue.scope(exchange.filters))
            yield step

    def abandon(self, session: Session, reason: str) -> Session:
        """Give up the questions that still wait; `reason` is shown in place of the answer."""
        for exchange in session.exchanges:
            if exchange.is_waiting:
                self._save(session, replace(exchange, fault=reason))
        exchanges = tuple(
            replace(e, fault=reason, sources=()) if e.is_waiting else e for e in session.exchanges
        )
        return replace(session, exchanges=exchanges)

    def _save(self, session: Session, exchange: Exchange) -> None:
        if session.conversation:
            self.conversations.settle(session.conversation, exchange)

    def listed(self, session: Session) -> list[ConversationSummary]:
        """The user's conversations that have the words searched for."""
        if not session.user:
            return []
        return self.conversations.listed(session.user, session.search_words)

    def act(self, session: Session, action: Action, lang: str) -> Session:
        """Perform an action that asks nothing; an unknown one changes nothing."""
        user, target = session.user, str(action.get("id", ""))
        match action["act"]:
            case "new":
                return _begun(session)
            case "open":
                return self.open(session, target, lang)
            case "search":
                return replace(session, search_words=str(action["words"]))
            case "rename":
                self.conversations.rename(user, target, str(action["title"]))
            case "delete":
                self.conversations.delete(user, target)
                if target == session.conversation:
                    return _begun(session)
            case "filters":
                exclude = session.filters.exclude
                chosen = filters_from({**action, "exclude": exclude}, self.served.catalogue.facets)
                return replace(session, filters=chosen)
            case "unfilter":
                return replace(session, filters=without_filter(session.filters, action))
            case "model":
                return replace(session, with_model=not session.with_model)
            case "verdict":
                return self._judge(session, action)
            case "sample":
                self.served.open_sample()
        return session

    def _judge(self, session: Session, action: Action) -> Session:
        exchange = _exchange_of(session, action)
        if exchange is None:
            return session
        good = bool(int(action["good"]))
        if session.conversation:
            reason = str(action.get("reason", ""))[:MAX_REASON_CHARS]
            self.conversations.judge(
                session.user, session.conversation, exchange.number, good, reason
            )
        judged = replace(exchange, verdict=1 if good else -1)
        exchanges = tuple(judged if e.number == judged.number else e for e in session.exchanges)
        return replace(session, exchanges=exchanges)

    def exported(
        self, session: Session, conversation: str, form: str, lang: str
    ) -> export.File | None:
        """A conversation of this user as a file; None for an unknown conversation or form."""
        title = self.conversations.title(session.user, conversation)
        exchanges = self.conversations.exchanges(session.user, conversation)
        if title is None or exchanges is None or form not in export.FORMS:
            return None
        return export.FORMS[form](title, exchanges, lang)


def _begun(session: Session) -> Session:
    """A new conversation with the choices that the reader made."""
    return Session(session.user, filters=session.filters, with_model=session.with_model)


def question_problem(question: str, lang: str) -> str | None:
    """Why the question cannot be asked; None where it can."""
    t = Localizer(lang)
    if not question:
        return t("question_empty")
    if len(question) > MAX_QUESTION_CHARS:
        length, limit = t.number(len(question)), t.number(MAX_QUESTION_CHARS)
        return t("question_long", length=length, limit=limit)
    return None


def without_filter(filters: Filters, action: Action) -> Filters:
    """The filters without the one whose chip was removed."""
    field = action["field"]
    if field == "all":
        return Filters()
    if field == "dates":
        return replace(filters, date_from=None, date_to=None)
    if field == "exclude":
        rest = tuple(i for i in filters.exclude if i != action.get("document"))
        return replace(filters, exclude=rest)
    cleared: dict[str, Any] = {field: None}
    return replace(filters, **cleared) if field in VALUE_FILTERS else filters


def _exchange_of(session: Session, action: Action) -> Exchange | None:
    """The exchange that an action is about."""
    turn = str(action.get("turn", ""))
    return next((e for e in session.exchanges if str(e.number) == turn), None)
