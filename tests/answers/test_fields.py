"""Which questions ask about a record, for which field, of which document."""

from __future__ import annotations

import pytest

from rag.questions.field_patterns import FIELDS, NAMES_A_DOCUMENT


def fields(question: str) -> set[str]:
    if not NAMES_A_DOCUMENT.search(question):
        return set()
    return {name for name, pattern in FIELDS.items() if pattern.search(question)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which archive holds the telegram to Sinclair?", {"archival_ref"}),
        ("Where is the letter of 3 May kept?", {"archival_ref"}),
        ("What is the shelf-mark of the minutes?", {"archival_ref"}),
        ("В каком архиве хранится телеграмма Синклеру?", {"archival_ref"}),
        ("Каков архивный шифр письма Ворошилову?", {"archival_ref"}),
        ("Where was the letter to Voroshilov published?", {"source"}),
        ("Где опубликована телеграмма Синклеру?", {"source"}),
        ("When was the letter to Voroshilov written?", {"date"}),
        ("When did Sazhin write to Tverezov?", {"date"}),
        ("Когда было написано письмо Ворошилову?", {"date"}),
        ("Какова дата письма Ворошилову?", {"date"}),
        ("Who wrote the letter to Voroshilov?", {"author"}),
        ("Кто написал письмо Ворошилову?", {"author"}),
        ("Кто и кому написал об угле?", {"author", "recipient"}),
        ("Who signed the telegram of 1929?", {"author"}),
        ("To whom was the letter of 27 November addressed?", {"recipient"}),
        ("Кому адресована телеграмма?", {"recipient"}),
        ("Who is the recipient of the telegram?", {"recipient"}),
        ("Where was the telegram sent from?", {"place"}),
        ("Who translated the letter to Voroshilov?", {"translator"}),
    ],
)
def test_fields_asked_for(question: str, expected: set[str]) -> None:
    assert fields(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What did Stalin write about Mexico?",
        "What does the letter say about Japan?",
        "Why did the captain send a telegram?",
        "Who is a deserter?",
        "When was Manchuria seized?",
        "When did the oil crisis begin?",
        "Where is Warsaw?",
        "Что Сталин писал о Мексике?",
        "О чём говорится в письме?",
        "Когда началась навигация?",
        "Сколько угля требовали в телеграмме?",
    ],
)
def test_questions_about_what_is_said(question: str) -> None:
    assert fields(question) == set()
