"""Complete lists, numbers and exact phrases, in both languages, each place checked here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag import Archive, Filters
from rag.questions.phrases import phrases_in
from tests.kits import letters_kit


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("listing")
    with letters_kit.opened(folder / "store") as archive:
        archive.ingest([letters_kit.write(folder / "in")])
        yield archive


def listed(archive: Archive, question: str) -> set[str]:
    answer = archive.ask(question)
    assert answer.documents is not None, answer.answer
    assert answer.status == "answered" and answer.statements[0].kind == "record"
    assert answer.statements[0].fields and answer.statements[0].fields["documents"] == str(
        len(answer.documents)
    )
    for citation in answer.citations:
        text = archive.show(citation.document.document_id).document.text
        assert text[citation.start : citation.end] == citation.quote
    assert answer.to_dict()["documents"][0]["document_id"]
    return {item.document.document_id for item in answer.documents}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("every document that mentions Patek", {"a.en", "a.ru", "b"}),
        ("все документы, где упоминается Патек", {"a.en", "a.ru", "b"}),
        ("Which letters mention Patek?", {"a.en", "a.ru", "b"}),
        ("В каких письмах упоминается Патек?", {"a.en", "a.ru", "b"}),
        ("How many documents mention Патека in 1932?", {"b"}),
        ("documents where Patek is mentioned", {"a.en", "a.ru", "b"}),
        ("documents that mention Ignat Ryndin", {"a.en", "a.ru"}),
        ("документы, где упоминается счетовод Рындин", {"b"}),
        ("every document that mentions Ryndin", {"a.en", "a.ru", "b"}),
        ("documents that mention Stozharov", {"a.en", "a.ru"}),
        ("list all documents that mention the ledger", {"d", "e"}),
        ("list all letters to Klim", {"a.en", "a.ru"}),
        ("перечисли все письма Стожарову", {"a.en", "a.ru"}),
        ("List all letters to Vetlin", {"b", "e"}),
        ("все письма Стожарова", {"b", "e"}),
        ("How many letters did Stozharov write in 1931?", {"e"}),
        ("Сколько писем написал Клим в 1932 году?", {"b"}),
        ("How many telegrams did Ryndin send?", {"c"}),
        ("all letters from Lesnoye", {"b", "e"}),
        ("все письма из Сосновки", {"a.en", "a.ru"}),
        ("How many documents are there in the archive?", {"a.en", "a.ru", "b", "c", "d", "e"}),
        ("How many letters are from 1932?", {"b"}),
        ("Are there any letters from 1932?", {"b"}),
        ("Is there a letter to Klim?", {"a.en", "a.ru"}),
        ("Does the archive have letters from 1932?", {"b"}),
        ("Есть ли в архиве письма за 1932 год?", {"b"}),
        ("Есть ли письма Стожарова?", {"b", "e"}),
        ("Какие письма относятся к 1932 году?", {"b"}),
        ('"in a mousetrap"', {"a.en"}),
        ("Which documents have the words “IN A MOUSETRAP”?", {"a.en"}),
        ('Where does "the ferryman laughed" stand?', {"a.en"}),
        ("Где стоят слова «боцман Рындин это знает»?", {"a.ru"}),
    ],
)
def test_lists(archive: Archive, question: str, expected: set[str]) -> None:
    assert listed(archive, question) == expected


def test_numbers(archive: Archive) -> None:
    answer = archive.ask("How many documents mention Patek?")
    assert answer.answer.startswith("3 documents (2 records) mention “Patek”.")
    assert [item.mentions for item in answer.documents or ()] == [1, 1, 1]
    answer = archive.ask("Сколько документов упоминают Патека?")
    assert answer.answer.startswith("Документов: 3 (записей: 2)")


@pytest.mark.parametrize(
    "question",
    [
        "What does the letter mention about coal?",
        "How many sacks of coal did the letter mention?",
        "What did Stozharov write about the ledger?",
        "Which archive holds all letters to Klim?",
        "Кого упоминает Ветлин?",
        "Сколько угля упомянуто?",
    ],
)
def test_other_questions_are_no_lists(archive: Archive, question: str) -> None:
    assert archive.ask(question).documents is None


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ('"a mouse trap"', "No document has the words “a mouse trap”."),
        ("«мы тут в мышеловках»", "Ни в одном документе нет слов «мы тут в мышеловках»."),
    ],
)
def test_phrases_that_stand_nowhere(archive: Archive, question: str, message: str) -> None:
    answer = archive.ask(question)
    assert answer.abstention and answer.abstention.reason == "no_evidence"
    assert answer.abstention.message == message
    assert not archive.search(question).hits


def test_a_phrase_that_is_not_all_of_a_question_is_left_aside(archive: Archive) -> None:
    answer = archive.ask('Who wrote "mousetraps" and when?')
    assert [(c.field, c.value, c.applied) for c in answer.constraints] == [
        ("phrase", "mousetraps", False)
    ]
    assert "No document has the words “mousetraps”." in answer.answer
    assert answer.certainty != "clear"
    assert archive.search('Who wrote "mousetraps" and when?').hits


def test_a_phrase_outside_the_filters(archive: Archive) -> None:
    answer = archive.ask('What of "in a mousetrap"?', Filters(lang="ru"))
    assert answer.abstention and answer.abstention.reason != "silent"
    assert archive.ask('"in a mousetrap"', Filters(lang="en")).status == "answered"


def test_search_for_a_phrase_finds_only_its_documents(archive: Archive) -> None:
    hits = archive.search('the word "mousetrap" in letters').hits
    assert {hit.document.document_id for hit in hits} == {"a.en"}
    assert "mousetrap" in hits[0].passage.text


@pytest.mark.parametrize(
    "text",
    [
        "The writer complained of mice in the letters and called the bridge a “house of cheese.”",
        "How did mice, letters, bridges, winters, coal and the harbour fare in the “cheese house”?",
    ],
)
def test_words_quoted_in_passing_are_not_demanded(archive: Archive, text: str) -> None:
    assert archive.search(text).hits
    reported = [c for c in archive.ask(text).constraints if c.field == "phrase"]
    assert reported and not any(c.applied for c in reported)


@pytest.mark.parametrize(
    ("question", "lang", "other"),
    [
        ('Кто писал слово "mousetrap"?', "ru", {"a.en"}),
        ("Who wrote «слово из письма» in a letter?", "en", set()),
    ],
)
def test_a_phrase_in_the_other_alphabet_bars_no_documents_in_the_questions(
    archive: Archive, question: str, lang: str, other: set[str]
) -> None:
    documents = [hit.document for hit in archive.search(question, k=50).hits]
    assert {d.document_id for d in documents if d.lang == lang}
    assert {d.document_id for d in documents if d.lang != lang} == other
    if other:
        assert documents[0].document_id in other, "what has the words comes first"
    assert not archive.search('"mousetraps"').hits


def test_names_in_quotation_marks_are_declined(archive: Archive) -> None:
    hits = archive.search("Что прислали на «Чайку»?").hits
    answer = archive.ask("Что прислали на «Чайке»?")
    assert hits and answer.constraints[0].to_dict() == {
        "field": "phrase", "value": "Чайке", "origin": "inferred", "applied": True,
    }  # fmt: skip
    (unknown,) = archive.ask("Кто ходил на «Буране»?").constraints
    assert (unknown.field, unknown.applied) == ("phrase", False)


def test_phrases_in() -> None:
    question = "a \"b c,\" and «д е» and “f g” and „h i“ but not 'j k'"
    assert phrases_in(question) == ("b c", "д е", "f g", "h i")
