"""The actions of a reader: asking, asking again, judging, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.types import Filters, Turn, VerifiedAnswer
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import LINDQVIST, TAME
from tests.kits.session_kit import asked
from ui_assets.model import Scope
from ui_assets.session.controller import (
    MAX_EXCHANGES,
    MAX_TURNS,
    Controller,
    Session,
    question_problem,
)
from ui_assets.session.conversations import Conversations
from ui_assets.session.served_archive import ServedArchive


def test_a_question_is_there_at_once_then_its_evidence_then_its_answer(
    controller: Controller,
) -> None:
    session = controller.ask(Session(user="a"), "ferry?", "en")
    assert session.is_waiting and session.exchanges[0].question == "ferry?"
    first, last = controller.answers(session)
    assert first.exchanges[0].sources and first.is_waiting
    assert last.exchanges[0].answer and last.exchanges[0].scope == Scope(
        3, 1907, 1909, ("en", "ru")
    )


def test_a_stream_gives_evidence_then_words_then_the_answer(
    archive: FakeArchive, conversations: Conversations
) -> None:
    class Piece(str):
        hits: tuple[Any, ...] = ()
        answer: VerifiedAnswer | None = None
        restarts = False
        read: float | None = None

    def pieces(question: str, filters: Filters, history: tuple[Turn, ...]) -> Iterator[Piece]:
        for text, more in (
            ("", {"hits": archive.search(question).hits}),
            ("", {"read": 0.5}),
            ("Void. ", {}),
            ("The ferry ", {"restarts": True}),
            ("stood.", {}),
            ("", {"answer": archive.ask(question, filters, history)}),
        ):
            piece = Piece(text)
            piece.__dict__.update(more)
            yield piece

    archive.stream = pieces  # type: ignore[attr-defined]
    controller = Controller(ServedArchive(archive), conversations)
    steps = list(controller.answers(controller.ask(Session(), "ferry?", "en")))
    drafts = [step.exchanges[-1].draft for step in steps]
    assert [step.exchanges[-1].read for step in steps][:3] == [None, 0.5, 0.5]
    assert drafts == ["", "", "Void. ", "The ferry ", "The ferry stood.", ""]
    assert all(step.exchanges[-1].sources for step in steps) and steps[-1].exchanges[-1].answer


def test_what_cannot_be_asked_is_refused_with_the_reason(controller: Controller) -> None:
    assert "empty" in (question_problem("", "en") or "")
    assert "2,001 characters; the limit is 2,000" in (question_problem("я" * 2_001, "en") or "")
    assert "2\u00a0001" in (question_problem("я" * 2_001, "ru") or "")
    assert question_problem("я" * 2_000, "en") is None
    assert (
        controller.ask(Session(), "  ", "en").notice
        and not controller.ask(Session(), " ", "en").exchanges
    )


def test_earlier_turns_are_given_and_old_ones_dropped(
    controller: Controller, archive: FakeArchive
) -> None:
    session = Session()
    for question in ("ferry?", "fault?", "owner?", *["ferry?"] * (MAX_EXCHANGES + 5)):
        session = asked(controller, session, question)
    assert [turn.question for turn in archive.histories[2]] == ["ferry?"]
    assert len(archive.histories[-1]) == MAX_TURNS
    assert len(session.exchanges) == MAX_EXCHANGES
    assert len({one.number for one in session.exchanges}) == MAX_EXCHANGES


def test_only_known_sources_are_excluded_when_unticked(
    controller: Controller, archive: FakeArchive
) -> None:
    session = asked(controller, Session(), "ferry?")
    again = {"ask": "without-sources", "turn": "1", "documents": [LINDQVIST.document_id, "no-such"]}
    session = controller.ask_again(session, again, "en")
    list(controller.answers(session))
    assert archive.filters[-1].exclude == (LINDQVIST.document_id,)
    assert session.filters.exclude == (LINDQVIST.document_id,)
    without = controller.act(
        session,
        {"act": "unfilter", "field": "exclude", "document": LINDQVIST.document_id},
        "en",
    )
    assert without.filters == Filters()


def test_a_limit_of_the_question_is_ignored_and_stays_so(
    controller: Controller, archive: FakeArchive
) -> None:
    session = asked(controller, Session(user="a"), "ferry?")
    session = controller.ask_again(
        session, {"ask": "without-constraint", "turn": "1", "field": "date_from"}, "en"
    )
    session = list(controller.answers(session))[-1]
    assert archive.without[-1] == ("date_from",)
    session = controller.ask_again(session, {"ask": "retry", "turn": 2}, "en")
    list(controller.answers(session))
    assert archive.without[-1] == ("date_from",)
    kept = controller.conversations.exchanges("a", session.conversation or "")
    assert kept and [e.without for e in kept] == [(), ("date_from",), ("date_from",)]


def test_a_question_is_asked_again_without_the_language_model(
    controller: Controller, archive: FakeArchive
) -> None:
    session = asked(controller, Session(), "ferry?")
    session = controller.ask_again(session, {"ask": "without-model", "turn": "1"}, "en")
    list(controller.answers(session))
    assert archive.without[-1] == ("model",)


def test_the_language_model_is_left_out_until_it_is_wanted_again(
    controller: Controller, archive: FakeArchive
) -> None:
    session = controller.act(Session(), {"act": "model"}, "en")
    session = asked(controller, session, "ferry?")
    assert archive.without[-1] == ("model",)
    session = controller.act(session, {"act": "new"}, "en")
    asked(controller, session, "ferry?")
    assert archive.without[-1] == ("model",)
    session = controller.act(session, {"act": "model"}, "en")
    asked(controller, session, "ferry?")
    assert not archive.without[-1]


def test_an_archive_that_cannot_ignore_a_limit_says_so(conversations: Conversations) -> None:
    class Older(FakeArchive):
        def ask(  # type: ignore[override]
            self, question: str, filters: Filters = Filters(), history: Any = ()
        ) -> VerifiedAnswer:
            return super().ask(question, filters, history)

    controller = Controller(ServedArchive(Older(TAME)), conversations)
    session = asked(controller, Session(), "ferry?", without=("date",))
    assert "rephrase" in (session.exchanges[-1].fault or "")


def test_actions_on_unknown_things_change_nothing(controller: Controller) -> None:
    session = asked(controller, Session(user="a"), "ferry?")
    for action in (
        {"ask": "retry", "turn": "9"},
        {"ask": "without-constraint", "turn": "", "field": "date"},
    ):
        assert controller.ask_again(session, action, "en") == session
    assert controller.act(session, {"act": "verdict", "turn": "9", "good": "1"}, "en") == session
    assert controller.act(session, {"act": "no such"}, "en") == session
    assert controller.act(session, {"act": "unfilter", "field": "__class__"}, "en") == session
