"""Questions without what they are about."""

from __future__ import annotations

import pytest

from rag.questions.frame import frame


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("Where is Ventling's letter of 5 September 1926 kept?", "Where is N letter of kept?"),
        ("Где письмо Вентлинга Тверезову?", "Где письмо N N?"),
        ("Summarize “On the coal”", "Summarize “N”"),
        ("What is it about?", "What is it about?"),
    ],
)
def test_names_dates_and_quotations_are_left_out(question: str, without: str) -> None:
    assert frame(question, frozenset()) == without


def test_words_to_keep_are_no_names() -> None:
    assert frame("What does the Board say?", frozenset({"board"})) == "What does the Board say?"
