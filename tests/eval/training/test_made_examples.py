"""Near misses and short questions that are made for the reader."""

from __future__ import annotations

import random

import pytest

from eval.training.made_examples import Example, subject_questions, swapped, without_evidence

TEXT = (
    "The trust met in May. It lent 640 roubles to Ventling in 1926. In Ledogorsk nobody knew of it."
)
FIRST = TEXT.index("It lent")
LENT = (FIRST, TEXT.index(" In Ledogorsk"))


def example(question: str, answer: str = "640 roubles") -> Example:
    at = TEXT.index(answer)
    return Example(question, "Minutes", TEXT, True, LENT, (at, at + len(answer)))


def test_without_its_evidence_a_passage_does_not_answer() -> None:
    made = without_evidence(example("What was lent?"))
    assert made is not None and not made.answers and made.evidence is None
    assert made.passage == "The trust met in May. In Ledogorsk nobody knew of it."


def test_a_passage_of_one_sentence_has_nothing_left() -> None:
    assert without_evidence(Example("Who came?", "", "He came.", True, (0, 8))) is None
    assert without_evidence(Example("Who came?", "", "He came.", True)) is None


def test_a_year_becomes_another_of_the_passage() -> None:
    text = "In 1926 the ship lay in dock. In 1931 she sailed."
    asked = Example("Where did the ship lie in 1926?", "", text, True, (0, 29))
    made = swapped(asked, random.Random(0))
    assert made is not None and made.question == "Where did the ship lie in 1931?"
    assert not made.answers and made.passage == text


@pytest.mark.parametrize(
    "question",
    ["What was lent to Petrov?", "How much did the trust lend?", "What was lent in 1926?"],
)
def test_what_has_no_counterpart_is_not_swapped(question: str) -> None:
    assert swapped(example(question), random.Random(0)) is None


def test_the_answer_is_never_put_into_the_question() -> None:
    text = "He wrote to Olsen. The letter to Brandt was lost."
    at = text.index("Brandt")
    asked = Example("Who wrote to Olsen?", "", text, True, (0, 18), (at, at + 6))
    assert swapped(asked, random.Random(0)) is None


def test_subjects_are_asked_about_where_they_are_mentioned_and_where_not() -> None:
    passages = [
        ("Letters", "We saw the captain of Alder Queen. She is well."),
        ("Letters", "Nothing else was seen that day by anyone."),
        ("Письма", "Мы говорили о пароходе. Он ушёл."),
    ]
    made = subject_questions(passages, 10, random.Random(0))
    assert {("Alder Queen" in e.question, e.answers) for e in made if e.header == "Letters"} == {
        (True, True),
        (True, False),
    }
    russian = next(e for e in made if e.header == "Письма")
    assert "пароходе" in russian.question and russian.evidence is not None
    assert russian.passage[slice(*russian.evidence)] == "Мы говорили о пароходе."
