"""A sentence that announces several things is quoted with them."""

from __future__ import annotations

import pytest

from index_store.types import Document, Hit, Passage
from rag.answers.selection import Quotation, _asked_for, _with_items

TEXT = "I ask for three things. Coal. Dogs for the sledges. Money by May. I shake your hand."
PASSAGE = Passage("d#0", "d", 0, 0, len(TEXT), TEXT)
HIT = Hit(PASSAGE, Document("d", "d", "en", TEXT), 1, 1.0)


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("What three things did he ask for?", 3),
        ("О каких трёх вещах он просил?", 3),
        ("Which of the 5 ships sank?", None),
        ("What did the three men want?", None),
        ("What did he ask for in 1931?", None),
    ],
)
def test_how_many_are_asked_for(question: str, count: int | None) -> None:
    assert _asked_for(question) == count


def test_as_many_sentences_follow() -> None:
    end = TEXT.index(" Coal")
    found = _with_items(Quotation(HIT, 0, end), 3)
    assert TEXT[found.start : found.end] == TEXT[: TEXT.index(" I shake")]


def test_another_number_announces_nothing() -> None:
    end = TEXT.index(" Coal")
    assert _with_items(Quotation(HIT, 0, end), 4) == Quotation(HIT, 0, end)
