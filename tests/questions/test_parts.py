"""Questions that ask for several things."""

from __future__ import annotations

import pytest

from rag.questions.parts import parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who found it, and what did he ask?", ["Who found it", "what did he ask?"]),
        ("Where is the mill? Who owns it now?", ["Where is the mill", "Who owns it now?"]),
        ("Кто нашёл часы и сколько за них просил?", ["Кто нашёл часы", "сколько за них просил?"]),
    ],
)
def test_each_part_is_asked(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    ["What is the ship called?", "What did he and the man who came see?", "Кто и кому писал?"],
)
def test_a_question_of_one_part(question: str) -> None:
    assert parts_of(question) == []
