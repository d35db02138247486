"""Enumerations and the sentences that introduce them."""

from __future__ import annotations

import pytest

from rag.text.enumerations import MAX_LENGTH, enumeration

TEXT = """We met on Monday.

We want three things:
1. Coal for the ship.
2. Dogs. Fourteen of them.
3. Money.

Write soon."""
WHOLE = TEXT[TEXT.index("We want") : TEXT.index("\n\nWrite")]


@pytest.mark.parametrize(
    "sentence", ["We want three things:", "1. Coal for the ship.", "3. Money.", "Dogs."]
)
def test_it_is_quoted_whole(sentence: str) -> None:
    start = TEXT.index(sentence)
    assert TEXT[slice(*enumeration(TEXT, start, start + len(sentence)))] == WHOLE


@pytest.mark.parametrize("sentence", ["We met on Monday.", "Write soon."])
def test_other_sentences_stay_alone(sentence: str) -> None:
    span = TEXT.index(sentence), TEXT.index(sentence) + len(sentence)
    assert enumeration(TEXT, *span) == span


def test_a_document_that_is_one_long_list_is_not_quoted_whole() -> None:
    text = "\n".join(f"{n}. {'Something was heard and resolved. ' * 8}" for n in range(1, 9))
    assert len(text) > MAX_LENGTH
    assert enumeration(text, 0, 30) == (0, 30)
