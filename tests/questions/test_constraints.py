"""What a question restricts: roles of names, dates of documents, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Archive, Filters
from rag.answers import evidence
from rag.models import calibration
from rag.models.bundle import Models
from rag.questions.correspondents import roles, spoken
from rag.questions.query import understand
from tests.kits import letters_kit


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("constraints")
    with letters_kit.opened(folder / "store") as archive:
        archive.ingest([letters_kit.write(folder / "in")])
        yield archive


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does the letter to Voroshilov say?", {("recipient", "Voroshilov", True)}),
        ("Voroshilov's letters", {("author", "Voroshilov", True)}),
        ("What did Stalin write to Voroshilov?",
         {("author", "Stalin", False), ("recipient", "Voroshilov", False)}),
        ("the telegram from captain Zastruyev", {("author", "Zastruyev", True)}),
        ("письмо Сталина Ворошилову",
         {("author", "Сталина", True), ("recipient", "Ворошилову", True)}),
        ("Что Сталин писал Ворошилову?",
         {("author", "Сталин", False), ("recipient", "Ворошилову", False)}),
        ("Когда написана записка Лотвинцевой Вентлингу?",
         {("author", "Лотвинцевой", True), ("recipient", "Вентлингу", True)}),
        ("письма из Сочи", {("place", "Сочи", True)}),
        ("письмо к Заструеву", {("recipient", "Заструеву", True)}),
        ("письмо от Заструева", {("author", "Заструева", True)}),
        ("Что написала Лотвинцева?", {("author", "Лотвинцева", False)}),
        ("Что написал Лотвинцева?", set()),
        ("Кем послана из Тиманска депеша, подписанная Рындиным?",
         {("place", "Тиманска", False), ("author", "Рындиным", False)}),
        ("записка Лотвинцевой", set()),
        ("письмо для Заструева", set()),
        ("письмо от Жаклин Кеннеди", {("author", "Жаклин Кеннеди", True)}),
        ("Кто писал от Рындина?", {("author", "Рындина", False)}),
        ("Что отправлено от Кеннеди?", {("author", "Кеннеди", False)}),
        ("письмо к Жаклин Кеннеди", {("recipient", "Жаклин Кеннеди", True)}),
        ("Кто писал к Кеннеди?", {("recipient", "Кеннеди", False)}),
        ("Что послано Рындину?", {("recipient", "Рындину", False)}),
        ("записка Рындиным вручена", {("author", "Рындиным", True)}),
        ("Что Нина Хрущёва написала Жаклин Кеннеди?",
         {("author", "Нина Хрущёва", False), ("recipient", "Жаклин Кеннеди", False)}),
        ("Почему Мензису не нравилась идея послать посланника в Токио?", set()),
        ("What did Bruce advise Menzies in London?", set()),
        ("О чём говорится в письме о Сталине?", set()),
    ],
)  # fmt: skip
def test_roles(question: str, expected: set[tuple[str, str, bool]]) -> None:
    assert {(r.field, r.name, r.firm) for r in roles(question)} == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Bruce advise Menzies in London?", ("Bruce", "Menzies")),
        ("Has Tito ever replied to Ford?", ("Tito", "Ford")),
        ("Why was it that Klim told comrade Vetlin to wait?", ("Klim", "Vetlin")),
        ("Что Мензис сообщил Брюсу 11 сентября 1939 года?", ("Мензис", "Брюсу")),
        ("Что ответил Ветлину Стожаров?", ("Стожаров", "Ветлину")),
        ("What did Tito tell the newspapers?", None),
        ("Что сказал Стожаров о Ветлине?", None),
        ("Who told Menzies?", None),
    ],
)
def test_who_tells_whom(question: str, expected: tuple[str, str] | None) -> None:
    assert spoken(question) == expected


def test_what_one_told_another_is_looked_for_in_what_he_wrote_to_him(archive: Archive) -> None:
    told = understand("What did Klim tell Vetlin in March 1931?", Filters(), archive.store)
    assert [(c.field, c.applied) for c in told.constraints] == [
        ("author", True), ("recipient", True), ("date", True)
    ]  # fmt: skip
    assert told.has_soft_constraints
    day = understand(
        "What did Vetlin tell Stozharov on 21 November 1931?", Filters(), archive.store
    )
    assert ("date", "1931-11-21") in {(c.field, c.value) for c in day.constraints}
    nothing = understand("What did Ryndin tell Stozharov in 1931?", Filters(), archive.store)
    assert [c.field for c in nothing.constraints] == ["date"]


@pytest.mark.parametrize(
    ("question", "constraints"),
    [
        ("What was said in late November 1931?", [("date", "1931-11-21/1931-11-30", True)]),
        ("Что было между 1930 и 1932 годом?", [("date", "1930/1932", True)]),
        ("Что писали до 1932 года?", [("date", "../1931-12-31", True)]),
        ("зимой 1931 года кто смеялся?", [("date", "1931-01/1932-02", True)]),
        ("What did the letter of 3 May 1905 say?", [("date", "1905-05-03", False)]),
        ("What happened on 21 November 1931?", []),
        ("What did Klim ask after the fire of 1931?", []),
        ("What did he write on 21 November 1931?", [("date", "1931-11-21", True)]),
        ("Klim's letter of March 1931", [("author", "Klim", True), ("date", "1931-03", True)]),
        ("Klim's letter to Klim", [("author", "Klim", True), ("recipient", "Klim", False)]),
        ("the letter to Mexico", []),
    ],
)
def test_constraints(
    archive: Archive, question: str, constraints: list[tuple[str, str, bool]]
) -> None:
    query = understand(question, Filters(), archive.store)
    found = [(c.field, c.value, c.applied) for c in query.constraints]
    assert found == constraints and all(c.origin == "inferred" for c in query.constraints)


def test_a_document_that_is_presupposed(archive: Archive) -> None:
    answer = archive.ask("What did Vetlin's letter of 1935 to Klim say about the mousetrap?")
    assert answer.abstention and answer.abstention.reason == "silent"
    assert "date: 1935" in answer.abstention.message
    assert {h.document.record_id for h in answer.abstention.nearest} == {"a"}
    assert answer.confidence < 0.5
    assert [c.applied for c in answer.constraints] == [True, True, False]


def test_an_undated_document_contradicts_no_date(archive: Archive) -> None:
    query = understand("The note of 1935 by I. N. Ryndin", Filters(), archive.store)
    assert [c.applied for c in query.constraints] == [True, False] and not query.contradicted


def test_a_letter_by_somebody_of_whom_there_is_none(tmp_path: Path) -> None:
    absent = letters_kit.PEOPLE + "  - name: П. Бронев\n    aliases: [Bronev]\n"
    with letters_kit.opened(tmp_path / "store") as archive:
        archive.ingest([letters_kit.write(tmp_path / "in", absent)])
        query = understand("What did Bronev's letter of 1932 say?", Filters(), archive.store)
        assert [(c.field, c.applied) for c in query.constraints] == [
            ("author", False), ("date", True)
        ]  # fmt: skip
        assert query.contradicted, "whatever of that year there is, others signed"
        loosely = understand("What did Bronev write in 1932?", Filters(), archive.store)
        assert loosely.relaxed_constraints == loosely.constraints[:1] and not loosely.contradicted


@pytest.mark.parametrize(
    ("question", "status"),
    [("What did Klim write about the ledger?", "answered"),
     ("What did Klim write to boatswain Ryndin about the ledger?", "abstained")],
)  # fmt: skip
def test_what_is_not_of_the_hand_asked_for_must_be_likelier_than_not(
    archive: Archive, question: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = replace(calibration.words().evidence, threshold=0.4)
    monkeypatch.setattr(Models, "evidence", property(lambda models: weights))
    monkeypatch.setattr(evidence, "confidence", lambda *_: 0.49)
    assert archive.ask(question).status == status


def test_constraints_can_be_taken_away(archive: Archive) -> None:
    question = "How many letters did Stozharov write in 1931?"
    answer = archive.ask(question, without=["date"])
    assert {d.document.document_id for d in answer.documents or ()} == {"b", "e"}
    assert [c.field for c in answer.constraints] == ["author"]


def test_given_filters_stay_firm(archive: Archive) -> None:
    answer = archive.ask("What did Vetlin write in 1931?", Filters(date_from="1932"))
    given, *inferred = answer.constraints
    assert (given.origin, given.applied) == ("given", True)
    assert all(constraint.origin == "inferred" for constraint in inferred)
    assert all((hit.document.date_to or "") >= "1932" for hit in answer.hits)


def test_search_prefers_what_the_question_names_and_demands_nothing(archive: Archive) -> None:
    hits = archive.search("What did Ignat Ryndin's telegram say about the ledger?", k=50).hits
    assert hits[0].document.document_id == "c", "it alone is his"
    plain = archive.search("What about the ledger?", k=50).hits
    assert plain[0].document.document_id != "c"
    assert {h.document.document_id for h in hits} >= {h.document.document_id for h in plain}
