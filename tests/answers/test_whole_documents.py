"""Questions for all that somebody wrote are answered by showing the document."""

from __future__ import annotations

import pytest

from rag import Archive


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What did Quillan write to Lotvintseva in August 1932?", "1932-08-20-lotvintseva.en"),
        ("Что Лотвинцева писала Тверезову в мае 1931 года?", "1931-05-25-tverezov.ru"),
        ("What does Lotvintseva say in her letter of 25 May 1931?", "1931-05-25-tverezov.en"),
    ],
)
def test_the_document_is_shown(sample_archive: Archive, question: str, document: str) -> None:
    answer = sample_archive.ask(question)
    assert answer.statements[0].kind == "record" and answer.certainty == "clear"
    assert {c.document.document_id for c in answer.citations} == {document}


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("What did Captain Quillan write to Lotvintseva in May 1930?", "no such document"),
        ("Что писал Тверезов Заструеву в мае 1935 года?", "Такого документа в архиве нет"),
    ],
)
def test_what_was_not_written_is_told(sample_archive: Archive, question: str, message: str) -> None:
    answer = sample_archive.ask(question)
    assert answer.abstention and message in answer.abstention.message
    assert answer.abstention.nearest and answer.certainty is None


@pytest.mark.parametrize(
    "question",
    [
        "What did Quillan write to Lotvintseva about the lamp in August 1932?",
        "When did Quillan write to Lotvintseva?",
        "What did Tverezov write?",
        "How many men did Lotvintseva lose in May 1931?",
    ],
)
def test_other_questions_are_not(sample_archive: Archive, question: str) -> None:
    statements = sample_archive.ask(question).statements
    assert not (len(statements) > 1 and statements[0].kind == "record")
