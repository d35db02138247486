"""Conversations: saved for each user, found, renamed, deleted, restored."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from rag.types import VerifiedAnswer
from tests.kits.fake_archive import FakeArchive
from tests.kits.fake_documents import ALL, TAME
from tests.kits.session_kit import asked
from ui_assets.model import Scope
from ui_assets.session import codec
from ui_assets.session.controller import Controller, Session
from ui_assets.session.conversations import Conversations, ConversationsError
from ui_assets.session.served_archive import ServedArchive


def test_a_reopened_conversation_is_unchanged(controller: Controller) -> None:
    session = Session(user="a")
    for question in ("ferry?", "owner?", "fault?"):
        session = asked(controller, session, question)
    assert session.conversation
    back = controller.open(Session(user="a"), session.conversation, "en")
    for one, other in zip(session.exchanges, back.exchanges, strict=True):
        assert (one.question, one.fault, one.scope) == (other.question, other.fault, other.scope)
        shown = [
            [(s.document.title, s.excerpt, s.first, s.last) for s in e.sources]
            for e in (one, other)
        ]
        assert shown[0] == shown[1]
        assert (one.answer and one.answer.to_dict()) == (other.answer and other.answer.to_dict())


def test_other_users_can_neither_see_nor_change_a_conversation(controller: Controller) -> None:
    session = asked(controller, Session(user="a"), "ferry?")
    mine = session.conversation or ""
    kept = controller.conversations
    assert controller.open(Session(user="b"), mine, "en").exchanges == ()
    assert kept.listed("b") == [] and kept.title("b", mine) is None
    kept.rename("b", mine, "stolen")
    kept.delete("b", mine)
    kept.judge("b", mine, 1, True, "")
    assert controller.exported(Session(user="b"), mine, "docx", "en") is None
    assert [one.title for one in kept.listed("a")] == ["ferry?"]
    assert kept.judged() == []
    stranger = controller.ask(replace(session, user="b"), "owner?", "en")
    assert stranger.conversation != mine


def test_without_a_cookie_no_conversation_is_saved(controller: Controller) -> None:
    session = asked(controller, Session(), "ferry?")
    assert session.conversation is None and session.exchanges[0].answer
    assert controller.conversations.listed("") == []


def test_conversations_are_found_by_any_word_in_any_case(controller: Controller) -> None:
    session = asked(controller, Session(user="a"), "ferry?")
    asked(controller, Session(user="a"), "Owner ё?")
    kept = controller.conversations
    found = {
        words: [c.title for c in kept.listed("a", words)]
        for words in ("FERRY", "паром не ХОДИТ", "е?", "%", "", "no such")
    }
    assert found["FERRY"] == ["Owner ё?", "ferry?"]  # the abstention speaks of the ferry
    assert found["паром не ХОДИТ"] == ["ferry?"]
    assert found["е?"] == ["Owner ё?"] and found["%"] == [] == found["no such"]
    assert len(found[""]) == 2
    controller.act(
        session, {"act": "rename", "id": session.conversation, "title": " Ice \n "}, "en"
    )
    assert [c.title for c in kept.listed("a", "ice")][-1:] == ["Ice"]
    gone = controller.act(session, {"act": "delete", "id": session.conversation}, "en")
    assert gone.exchanges == () and gone.conversation is None and len(kept.listed("a")) == 1


def test_an_answer_that_comes_too_late_is_dropped(controller: Controller) -> None:
    waiting = controller.ask(Session(user="a"), "ferry?", "en")
    stopped = controller.abandon(waiting, "Stopped.")
    assert stopped.exchanges[0].fault == "Stopped." and not stopped.is_waiting
    list(controller.answers(waiting))
    kept = controller.conversations.exchanges("a", waiting.conversation or "")
    assert kept and kept[0].fault == "Stopped." and kept[0].answer is None


def test_an_interrupted_question_says_so(controller: Controller) -> None:
    waiting = controller.ask(Session(user="a"), "ferry?", "en")
    back = controller.open(Session(user="a"), waiting.conversation or "", "ru")
    assert "Ответ не сохранился" in (back.exchanges[0].fault or "")


def test_verdicts_are_saved_for_evaluation(controller: Controller) -> None:
    session = asked(controller, Session(user="a"), "ferry?")
    verdict = {"act": "verdict", "turn": 1, "good": "0", "reason": "too short"}
    session = controller.act(session, verdict, "en")
    assert session.exchanges[0].verdict == -1
    (judged,) = controller.conversations.judged()
    assert (judged["question"], judged["verdict"], judged["reason"]) == ("ferry?", -1, "too short")
    assert judged["answer"]["status"] == "answered"


def test_conversations_are_read_again_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "conversations.sqlite"
    first = Conversations(path)
    asked(Controller(ServedArchive(FakeArchive(TAME)), first), Session(user="a"), "ferry?")
    first.close()
    again = Conversations(path)
    assert [c.title for c in again.listed("a")] == ["ferry?"]
    again.close()
    (tmp_path / "file").write_text("no database", encoding="utf-8")
    for bad in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConversationsError, match="writable"):
            Conversations(bad)


def test_conversations_of_another_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    Conversations(path).close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(ConversationsError, match="schema is 99"):
        Conversations(path)


def test_an_answer_that_cannot_be_saved_is_still_shown(controller: Controller) -> None:
    session = controller.ask(Session(user="a"), "ferry?", "en")
    controller.conversations.close()
    *_, last = controller.answers(session)
    assert last.exchanges[-1].answer and "cannot be read or written" in (last.notice or "")


@pytest.mark.parametrize("question", ["ferry?", "owner?", "evil", "shelf-mark?"])
def test_a_saved_answer_is_loaded_unchanged(question: str) -> None:
    answer = FakeArchive(ALL).ask(question)
    again = codec.load(VerifiedAnswer, codec.dump(answer))
    assert again.to_dict() == answer.to_dict()
    assert all(c.document.text == "" for c in again.citations)


def test_json_of_another_version_is_read_or_refused() -> None:
    data = {**json.loads(codec.dump(Scope(3))), "later": 1}
    assert codec.load(Scope, json.dumps(data)) == Scope(3)
    for text in ("{}", "[]", "nonsense"):
        with pytest.raises(ValueError):
            codec.load(Scope, text)
