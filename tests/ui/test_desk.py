"""What the chat keeps, chooses and exports, without a page."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index_store.types import Document
from rag.errors import FondsError, StoreError, UsageError
from rag.types import (
    Difference,
    Filters,
    IngestReport,
    Match,
    Statement,
    Turn,
    VerifiedAnswer,
    answers,
)
from tests.kits.fake_archive import (
    ALL,
    HOSTILE,
    LINDKVIST,
    LINDQVIST,
    LOG,
    TAME,
    FakeArchive,
    abstained,
    answered,
    cited,
    evil,
)
from ui_assets.export import conversation
from ui_assets.export.docx import STYLES
from ui_assets.model import Exchange, Scope
from ui_assets.server import visitor
from ui_assets.session import codec, evaluation
from ui_assets.session.conversations import Conversations, ConversationsError
from ui_assets.session.desk import EXCHANGES_KEPT, TURNS_GIVEN, Desk, Session, refused, unfiltered
from ui_assets.session.fragments import Details
from ui_assets.session.served import Served, Unmade
from ui_assets.view import quotation_check
from ui_assets.view.facets import count, examples, filters_from, scope
from ui_assets.view.table import table


@pytest.fixture
def conversations() -> Iterator[Conversations]:
    kept = Conversations(None)
    yield kept
    kept.close()


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive(TAME)


@pytest.fixture
def desk(archive: FakeArchive, conversations: Conversations) -> Desk:
    return Desk(Served(archive), conversations)


def asked(desk: Desk, session: Session, question: str, **more: Any) -> Session:
    session = desk.ask(session, question, "en", **more)
    return [session, *desk.answers(session)][-1]


# The sitting


def test_a_question_is_there_at_once_then_its_evidence_then_its_answer(desk: Desk) -> None:
    session = desk.ask(Session(user="a"), "ferry?", "en")
    assert session.is_waiting and session.kept[0].question == "ferry?"
    first, last = desk.answers(session)
    assert first.kept[0].sources and first.is_waiting
    assert last.kept[0].answer and last.kept[0].scope == Scope(3, 1907, 1909, ("en", "ru"))


def test_a_stream_gives_evidence_then_words_then_the_answer(
    archive: FakeArchive, conversations: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Piece(str):
        hits: tuple[Any, ...] = ()
        answer: VerifiedAnswer | None = None
        anew = False

    def pieces(question: str, filters: Filters, history: tuple[Turn, ...]) -> Iterator[Piece]:
        for text, more in (
            ("", {"hits": archive.search(question).hits}),
            ("Void. ", {}),
            ("The ferry ", {"anew": True}),
            ("stood.", {}),
            ("", {"answer": archive.ask(question, filters, history)}),
        ):
            piece = Piece(text)
            piece.__dict__.update(more)
            yield piece

    monkeypatch.setattr(answers, "Piece", Piece, raising=False)
    archive.stream = pieces  # type: ignore[attr-defined]
    desk = Desk(Served(archive), conversations)
    steps = list(desk.answers(desk.ask(Session(), "ferry?", "en")))
    drafts = [step.kept[-1].draft for step in steps]
    assert drafts == ["", "Void. ", "The ferry ", "The ferry stood.", ""]
    assert all(step.kept[-1].sources for step in steps) and steps[-1].kept[-1].answer


def test_what_cannot_be_asked_is_refused_with_the_reason(desk: Desk) -> None:
    assert "empty" in (refused("", "en") or "")
    assert "2,001 characters long; Fonds takes up to 2,000" in (refused("я" * 2_001, "en") or "")
    assert "2,001" in (refused("я" * 2_001, "ru") or "")
    assert refused("я" * 2_000, "en") is None
    assert desk.ask(Session(), "  ", "en").notice and not desk.ask(Session(), " ", "en").kept


def test_earlier_turns_are_given_and_old_ones_dropped(desk: Desk, archive: FakeArchive) -> None:
    session = Session()
    for question in ("ferry?", "fault?", "owner?", *["ferry?"] * (EXCHANGES_KEPT + 5)):
        session = asked(desk, session, question)
    assert [turn.question for turn in archive.histories[2]] == ["ferry?"]
    assert len(archive.histories[-1]) == TURNS_GIVEN
    assert len(session.kept) == EXCHANGES_KEPT
    assert len({one.number for one in session.kept}) == EXCHANGES_KEPT


def test_unticked_sources_are_left_out_and_only_known_ones(
    desk: Desk, archive: FakeArchive
) -> None:
    session = asked(desk, Session(), "ferry?")
    again = {"put": "again", "turn": "1", "documents": [LINDQVIST.document_id, "no-such"]}
    session = desk.put(session, again, "en")
    list(desk.answers(session))
    assert archive.filters[-1].exclude == (LINDQVIST.document_id,)
    assert session.filters.exclude == (LINDQVIST.document_id,)
    without = desk.act(
        session,
        {"act": "unfilter", "field": "exclude", "document": LINDQVIST.document_id},
        "en",
    )
    assert without.filters == Filters()


def test_a_limit_of_the_question_is_left_aside_and_stays_so(
    desk: Desk, archive: FakeArchive
) -> None:
    session = asked(desk, Session(user="a"), "ferry?")
    session = desk.put(session, {"put": "without", "turn": "1", "field": "date_from"}, "en")
    session = list(desk.answers(session))[-1]
    assert archive.without[-1] == ("date_from",)
    session = desk.put(session, {"put": "retry", "turn": 2}, "en")
    list(desk.answers(session))
    assert archive.without[-1] == ("date_from",)
    kept = desk.conversations.exchanges("a", session.conversation or "")
    assert kept and [e.without for e in kept] == [(), ("date_from",), ("date_from",)]


def test_an_archive_that_cannot_leave_a_limit_aside_says_so(conversations: Conversations) -> None:
    class Older(FakeArchive):
        def ask(  # type: ignore[override]
            self, question: str, filters: Filters = Filters(), history: Any = ()
        ) -> VerifiedAnswer:
            return super().ask(question, filters, history)

    desk = Desk(Served(Older(TAME)), conversations)
    session = asked(desk, Session(), "ferry?", without=("date",))
    assert "rephrase" in (session.kept[-1].fault or "")


def test_actions_about_nothing_change_nothing(desk: Desk) -> None:
    session = asked(desk, Session(user="a"), "ferry?")
    for action in (
        {"put": "retry", "turn": "9"},
        {"put": "without", "turn": "", "field": "date"},
    ):
        assert desk.put(session, action, "en") == session
    assert desk.act(session, {"act": "verdict", "turn": "9", "good": "1"}, "en") == session
    assert desk.act(session, {"act": "no such"}, "en") == session
    assert desk.act(session, {"act": "unfilter", "field": "__class__"}, "en") == session


# What is kept


def test_a_conversation_comes_back_as_it_was(desk: Desk) -> None:
    session = Session(user="a")
    for question in ("ferry?", "owner?", "fault?"):
        session = asked(desk, session, question)
    assert session.conversation
    back = desk.open(Session(user="a"), session.conversation, "en")
    for one, other in zip(session.kept, back.kept, strict=True):
        assert (one.question, one.fault, one.scope) == (other.question, other.fault, other.scope)
        shown = [
            [(s.document.title, s.excerpt, s.first, s.last) for s in e.sources]
            for e in (one, other)
        ]
        assert shown[0] == shown[1]
        assert (one.answer and one.answer.to_dict()) == (other.answer and other.answer.to_dict())


def test_another_user_finds_changes_and_deletes_nothing(desk: Desk) -> None:
    session = asked(desk, Session(user="a"), "ferry?")
    mine = session.conversation or ""
    kept = desk.conversations
    assert desk.open(Session(user="b"), mine, "en").kept == ()
    assert kept.listed("b") == [] and kept.title("b", mine) is None
    kept.rename("b", mine, "stolen")
    kept.delete("b", mine)
    kept.judge("b", mine, 1, True, "")
    assert desk.exported(Session(user="b"), mine, "docx", "en") is None
    assert [one.title for one in kept.listed("a")] == ["ferry?"]
    assert kept.judged() == []
    stranger = desk.ask(replace(session, user="b"), "owner?", "en")
    assert stranger.conversation != mine


def test_who_keeps_no_cookie_keeps_no_conversation(desk: Desk) -> None:
    session = asked(desk, Session(), "ferry?")
    assert session.conversation is None and session.kept[0].answer
    assert desk.conversations.listed("") == []


def test_conversations_are_found_by_any_word_in_any_case(desk: Desk) -> None:
    session = asked(desk, Session(user="a"), "ferry?")
    asked(desk, Session(user="a"), "Owner ё?")
    kept = desk.conversations
    found = {
        words: [c.title for c in kept.listed("a", words)]
        for words in ("FERRY", "паром не ХОДИТ", "е?", "%", "", "no such")
    }
    assert found["FERRY"] == ["Owner ё?", "ferry?"]  # the abstention speaks of the ferry
    assert found["паром не ХОДИТ"] == ["ferry?"]
    assert found["е?"] == ["Owner ё?"] and found["%"] == [] == found["no such"]
    assert len(found[""]) == 2
    desk.act(session, {"act": "rename", "id": session.conversation, "title": " Ice \n "}, "en")
    assert [c.title for c in kept.listed("a", "ice")][-1:] == ["Ice"]
    gone = desk.act(session, {"act": "delete", "id": session.conversation}, "en")
    assert gone.kept == () and gone.conversation is None and len(kept.listed("a")) == 1


def test_an_answer_that_comes_too_late_is_dropped(desk: Desk) -> None:
    waiting = desk.ask(Session(user="a"), "ferry?", "en")
    stopped = desk.abandon(waiting, "Stopped.")
    assert stopped.kept[0].fault == "Stopped." and not stopped.is_waiting
    list(desk.answers(waiting))
    kept = desk.conversations.exchanges("a", waiting.conversation or "")
    assert kept and kept[0].fault == "Stopped." and kept[0].answer is None


def test_a_question_that_was_cut_off_says_so(desk: Desk) -> None:
    waiting = desk.ask(Session(user="a"), "ferry?", "en")
    back = desk.open(Session(user="a"), waiting.conversation or "", "ru")
    assert "Ответ не сохранился" in (back.kept[0].fault or "")


def test_verdicts_are_kept_for_evaluation(desk: Desk) -> None:
    session = asked(desk, Session(user="a"), "ferry?")
    verdict = {"act": "verdict", "turn": 1, "good": "0", "reason": "too short"}
    session = desk.act(session, verdict, "en")
    assert session.kept[0].verdict == -1
    (judged,) = desk.conversations.judged()
    assert (judged["question"], judged["verdict"], judged["reason"]) == ("ferry?", -1, "too short")
    assert judged["answer"]["status"] == "answered"


def test_conversations_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "conversations.sqlite"
    first = Conversations(path)
    asked(Desk(Served(FakeArchive(TAME)), first), Session(user="a"), "ferry?")
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


def test_an_answer_that_cannot_be_kept_is_shown_all_the_same(desk: Desk) -> None:
    session = desk.ask(Session(user="a"), "ferry?", "en")
    desk.conversations.close()
    *_, last = desk.answers(session)
    assert last.kept[-1].answer and "cannot be read or written" in (last.notice or "")


@pytest.mark.parametrize("question", ["ferry?", "owner?", "evil", "shelf-mark?"])
def test_an_answer_survives_being_kept(question: str) -> None:
    answer = FakeArchive(ALL).ask(question)
    again = codec.load(VerifiedAnswer, codec.dump(answer))
    assert again.to_dict() == answer.to_dict()
    assert all(c.document.text == "" for c in again.citations)


def test_what_was_kept_by_another_version_is_read_or_refused() -> None:
    data = {**json.loads(codec.dump(Scope(3))), "later": 1}
    assert codec.load(Scope, json.dumps(data)) == Scope(3)
    for text in ("{}", "[]", "nonsense"):
        with pytest.raises(ValueError):
            codec.load(Scope, text)


# Export


EXPORTED = [
    Exchange(1, "ferry?", FakeArchive().ask("ferry?"), scope=Scope(3, 1907, 1909), asked=1.5e9),
    Exchange(2, "owner?", abstained("owner?"), asked=1.6e9),
    Exchange(3, "fault?", fault="It broke.", asked=1.7e9 + 0.5),
]


def test_an_export_has_every_citation_whole() -> None:
    text = conversation.markdown("Ice & ferry", EXPORTED, "en").content.decode()
    for words in (
        "# Ice \\& ferry\n\n## 1. ferry?\n\n",
        "> Паром не ходит с понедельника. \\[2\\] (word for word)\n",
        "- Archival reference: Harbour Archive F. 3. Op. 1. D. 17. L. 5\n",
        "\n- Warning: An AI translation; quote the original.\n\n",
        "14 July 2017 · Filters: From 1 November 1907 · Searched 3 documents, 1907–1909",
        "No answer in the archive. ",
        "does not say who owned it",
        "A fault, not an answer: It broke.",
    ):
        assert words in text, words
    data = json.loads(conversation.as_json("Ice", EXPORTED).content)
    assert data["exchanges"][0]["answer"] == FakeArchive().ask("ferry?").to_dict()
    assert data["exchanges"][2]["fault"] == "It broke."


def test_hostile_words_stay_words_in_markdown() -> None:
    exchanges = [Exchange(1, HOSTILE, answered("?", *evil()))]
    text = conversation.markdown(HOSTILE, exchanges, "en").content.decode()
    assert "<script" not in text.replace("\\<script", "")
    assert not re.search(r"(?<!\\)[\[\]<>`]", text.replace("\n> ", "\n"))


@given(st.text(min_size=1, max_size=80))
def test_a_file_name_is_one_everywhere(title: str) -> None:
    name = conversation.as_json(title, []).name
    assert name.endswith(".json") and not set(name) & set('/\\:*?"<>|\0\n')


def test_a_docx_tells_the_same_in_styles_and_languages() -> None:
    file = conversation.docx("Ice & ferry", EXPORTED, "en")
    assert file.name == "Ice-ferry.docx" and file.media_type.endswith("wordprocessingml.document")
    made = docx.Document(BytesIO(file.content))
    told = [(p.style.name, p.text) for p in made.paragraphs if p.style]
    assert told == [
        (STYLES[block.kind], block.text + block.note)
        for block in conversation.blocks("Ice & ferry", EXPORTED, "en")
    ]
    assert ("Title", "Ice & ferry") in told and ("Heading 1", "1. ferry?") in told
    assert ("Quote", "Паром не ходит с понедельника. [2] (word for word)") in told
    spoken = {
        p.runs[0].text: p.runs[0]._r.xpath("w:rPr/w:lang/@w:val")
        for p in made.paragraphs
        if p.style and p.style.name == "Quote"
    }
    assert spoken["Паром не ходит с понедельника."] == ["ru-RU"]
    assert ["en-GB"] in spoken.values()
    about = made.core_properties
    assert (about.title, about.author, about.comments) == ("Ice & ferry", "Fonds", "")
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # of the last question
    assert about.created == about.modified == moment


def test_a_docx_is_the_same_bytes_and_leads_nowhere() -> None:
    exchanges = [*EXPORTED, Exchange(4, f"\x00\x0b{HOSTILE}", answered("?", *evil()))]
    with patch("time.localtime", return_value=(2001, 2, 3, 4, 5, 6, 5, 34, 0)):
        file = conversation.docx(f"\x1f{HOSTILE * 9}", exchanges, "ru")
    assert file.content == conversation.docx(f"\x1f{HOSTILE * 9}", exchanges, "ru").content
    made = docx.Document(BytesIO(file.content))
    assert made.paragraphs[0].text == f"\ufffd{HOSTILE * 9}"
    assert any(p.text == f"4. \ufffd\ufffd{HOSTILE}" for p in made.paragraphs)
    assert any(p.text.startswith("Архивный шифр: ") for p in made.paragraphs)
    with ZipFile(BytesIO(file.content)) as package:
        for name in package.namelist():
            assert b"TargetMode" not in package.read(name), name


# Choosing


def test_facets_count_years_without_gaps_and_values_by_number() -> None:
    facets = count(list(ALL.values()))
    assert facets.years == ((1907, 2), (1908, 0), (1909, 1)) and facets.most == 2
    assert facets.undated == len(ALL) - 3 and facets.languages[0] == "en"
    assert scope([LINDKVIST, LOG]) == Scope(2, 1907, 1909, ("en", "ru"))
    assert count([]).years == () and count([]).most == 1


def test_filters_take_only_what_is_offered() -> None:
    facets = count(list(TAME.values()))
    form = {"date_from": "1909", "date_to": "1908", "lang": "ru", "author": "K. Haldane"}
    chosen = filters_from(form, facets)
    assert chosen == Filters("1908", "1909", "ru", "K. Haldane")
    whole = filters_from({"date_from": "1907", "date_to": "1909", "kind": ""}, facets)
    assert whole == Filters()
    forged = {"date_from": "x", "lang": "xx", "kind": "forged", "exclude": ["no such", "log"]}
    assert filters_from(forged, facets) == Filters(exclude=("log",))
    assert unfiltered(chosen, {"field": "dates"}) == Filters(lang="ru", author="K. Haldane")


def test_examples_come_from_the_archive() -> None:
    for lang in ("en", "ru"):
        asked = examples(list(TAME.values()), lang)
        assert asked and all(
            any(d.title in q or (d.author or "-") in q for d in TAME.values()) for q in asked
        )
        assert len(examples([], lang, sample=True)) == 4
    assert examples([], "en") == []


def test_the_table_sorts_searches_and_turns_pages() -> None:
    many = [Document(f"d{n:03}", "r", "en", "", title=f"T{n % 7}") for n in range(120)]
    documents = [*many, *TAME.values()]
    first = table(documents, {})
    assert [d.document_id for d in first.rows][:2] == ["lindqvist-en", "lindqvist-ru"]
    assert (first.all, first.first, first.last, first.sort) == (123, 1, 50, "date")
    assert table(documents, {"page": "99"}).first == 101
    assert [d.document_id for d in table(documents, {"year": "1909"}).rows] == ["log"]
    assert table(documents, {"words": "HARBOUR lindqvist"}).all == 1
    assert table(documents, {"words": "nothing"}).rows == ()
    pointed = table(documents, {"document": "d119"})
    assert "d119" in [d.document_id for d in pointed.rows] and pointed.document == "d119"
    up, down = (table(documents, {"sort": s}).rows for s in ("title", "-title"))
    assert up[0].title == "Log of the harbour office" and down[0].title.startswith("В.")
    assert table(documents, {"sort": "__class__"}).sort == "date"


# Pieces of the page


def test_walking_gives_the_text_in_order_and_then_ends(archive: FakeArchive) -> None:
    details = Details(Served(archive))
    walk = {"document": "log", "way": "down"}
    assert "Day 3. The ice stood as on day 2." in details.give("walk", {**walk, "at": "2"}, "en")
    assert "ends here" in details.give("walk", {**walk, "at": "12"}, "en")
    assert "begins here" in details.give("walk", {**walk, "at": "-1", "way": "up"}, "en")
    assert "is not in the store" in details.give("whole", {"document": "<b>"}, "en")
    assert "&lt;b&gt;" in details.give("whole", {"document": "<b>"}, "en")
    whole = details.give("whole", {"document": "log", "start": 5, "end": 99_999}, "en")
    assert "<mark>" not in whole and "Day 12." in whole


def test_differences_are_marked_where_they_stand() -> None:
    citation = cited(1, LINDQVIST, "The ferry has not run since Monday")
    near = Match("near", citation, (Difference("boat", "ferry"), Difference("Tuesday", "Monday")))
    assert quotation_check.stored(near) == [
        ("The ", False), ("ferry", True), (" has not run since ", False), ("Monday", True),
    ]  # fmt: skip
    elsewhere = Match("near", citation, (Difference("x", "not there"), Difference("y", "")))
    assert quotation_check.stored(elsewhere) == [(citation.quote, False)]
    words = "The boat has not run since Tuesday"
    assert quotation_check.quoted(words, near)[1::2] == [("boat", True), ("Tuesday", True)]
    html = quotation_check.report(FakeArchive(TAME), "<b>no such</b>", "en")
    assert "not in the archive" in html and "&lt;b&gt;" in html and "<b>" not in html


# What is served


def test_files_go_into_ones_own_archive_and_never_into_the_sample(tmp_path: Path) -> None:
    sample, own = FakeArchive(TAME), FakeArchive({})
    served = Served(sample, sample=True, own=lambda: own, uploads=tmp_path / "kept")
    (tmp_path / "a.txt").write_text("A letter.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\0", encoding="utf-8")
    *steps, report = served.load([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert steps == [(1, 2), (2, 2)]
    assert isinstance(report, IngestReport) and len(report.failures) == 1
    assert served.archive is own and not served.sample and set(own.stored) == {"a"}
    assert set(sample.stored) == set(TAME) and (tmp_path / "kept" / "a.txt").is_file()


def test_what_was_not_loaded_leaves_the_sample_where_it_is(tmp_path: Path) -> None:
    served = Served(
        FakeArchive(TAME), sample=True, own=lambda: FakeArchive({}), uploads=tmp_path / "kept"
    )
    (tmp_path / "b.txt").write_text("\0", encoding="utf-8")
    list(served.load([tmp_path / "b.txt"]))
    assert served.sample
    with pytest.raises(FondsError, match=r"gone\.txt cannot be kept"):
        list(served.load([tmp_path / "gone.txt"]))
    running = served.load([tmp_path / "b.txt"])
    next(running)
    with pytest.raises(UsageError, match="already"):
        list(served.load([tmp_path / "b.txt"]))
    list(running)
    with pytest.raises(UsageError, match="takes no files"):
        list(Served(FakeArchive(TAME)).load([]))


def test_a_fault_of_an_ingest_is_raised(tmp_path: Path) -> None:
    class Full(FakeArchive):
        def ingest(self, paths: Any, *, progress: Any = None) -> IngestReport:
            raise StoreError("the disk is full")

    (tmp_path / "a.txt").write_text("A letter.", encoding="utf-8")
    with pytest.raises(StoreError, match="disk is full"):
        list(Served(Full(TAME), uploads=tmp_path / "kept").load([tmp_path / "a.txt"]))


def held(served: Served) -> int:
    """How many documents the catalogue has."""
    return len(served.catalogue.facets.documents)


def test_an_empty_store_can_give_way_to_the_sample() -> None:
    served = Served(Unmade(FakeArchive({})), sample_archive=lambda: FakeArchive(TAME))
    assert served.can_open_sample and held(served) == 0
    served.open_sample()
    assert served.sample and held(served) == 3
    full = Served(FakeArchive(TAME), sample_archive=lambda: FakeArchive({}))
    full.open_sample()
    assert not full.sample and held(full) == 3


def test_facets_are_counted_again_when_the_store_has_changed(archive: FakeArchive) -> None:
    served = Served(archive)
    assert held(served) == 3
    assert [d.document_id for d in served.catalogue.versions(LINDQVIST)] == ["lindqvist-ru"]
    del archive.stored["lindqvist-ru"]
    assert held(served) == 2
    assert served.catalogue.versions(LINDQVIST) == []


# Evaluation


def run(monkeypatch: pytest.MonkeyPatch, program: str) -> list[evaluation.Progress]:
    import sys

    monkeypatch.setattr(
        evaluation, "command", lambda suite, out: [sys.executable, "-c", program, str(out)]
    )
    monkeypatch.setattr(evaluation, "LOOK_EVERY", 0.02)
    return list(evaluation.run("sample"))


def test_a_suite_is_followed_to_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sample" in evaluation.suites()
    page = "import sys, pathlib; pathlib.Path(sys.argv[1], 'report.html').write_text('<p>.5')"
    *_, last = run(monkeypatch, page)
    assert last.done and last.html == "<p>.5"
    *_, last = run(monkeypatch, "print('figures')")
    assert last.done and (last.html, last.said) == ("", "figures")


def test_a_suite_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(evaluation.EvaluationError, match="no module"):
        run(monkeypatch, "import sys; sys.exit('no module')")
    with pytest.raises(evaluation.EvaluationError, match="no suite"):
        list(evaluation.run("../../etc"))
    monkeypatch.setattr(evaluation, "command", lambda suite, out: ["sleep", "9"])
    running = evaluation.run("sample")
    next(running)
    with pytest.raises(evaluation.Busy):
        list(evaluation.run("sample"))
    running.close()  # type: ignore[attr-defined]


# The browser


class Request:
    def __init__(self, cookie: str = "", languages: str = "") -> None:
        self.headers = {"cookie": cookie, "accept-language": languages}


@pytest.mark.parametrize(
    ("cookie", "languages", "lang"),
    [
        ("", "", "en"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "de,ru;q=0.5", "ru"),
        ("", "de", "en"),
        ("fonds-lang=ru", "en", "ru"),
        ("fonds-lang=xx", "ru", "ru"),
        ('fonds-lang="; \x01=', "en", "en"),
    ],
)
def test_the_language_is_the_readers(cookie: str, languages: str, lang: str) -> None:
    assert visitor.language_of(Request(cookie, languages)) == lang


def test_a_visitor_is_known_by_a_cookie_of_ours_alone() -> None:
    assert visitor.user_of(Request(f"fonds-visitor={'0a' * 16}")) == f"visitor:{'0a' * 16}"
    for forged in ("", "fonds-visitor=user:admin", "fonds-visitor=' OR 1=1", "fonds-visitor=A"):
        assert visitor.user_of(Request(forged)) == ""
    signed = Request(f"fonds-visitor={'0a' * 16}")
    signed.username = "orlova"  # type: ignore[attr-defined]
    assert visitor.user_of(signed) == "user:orlova"


def test_statements_of_every_kind_are_exported() -> None:
    statements = [
        Statement("Prose [1].", "prose", (1,), "supported"),
        Statement("A record.", "record", (1,), "verified", {}),
        Statement("Not so.", "quotation", (), "unsupported"),
    ]
    answer = answered("?", statements, [cited(1, LINDQVIST, "V. Lindqvist")])
    text = conversation.markdown("t", [Exchange(1, "?", answer)], "en").content.decode()
    assert "Prose \\[1\\]. (supported by the passage)" in text
    assert "A record. \\[1\\] (from the catalogue)" in text
    assert "Not so. (not borne out by the archive)" in text and "> Not so." not in text
    text = conversation.markdown("t", [Exchange(1, "?", answer)], "ru").content.decode()
    assert "Prose \\[1\\]. (подтверждается отрывком)" in text and "- Архивный шифр: " in text
