"""How sure an answer is: clear, doubtful, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag import Archive, Filters
from rag.answers.draft import Draft
from rag.questions.query import understand
from rag.types import Abstention, Statement

QUOTED = (Statement("Coal was short.", "quotation", (1,), "verified"),)
HEADING = "These passages come nearest; whether they answer is for you to judge."


@pytest.fixture(scope="module")
def draft(sample_archive: Archive) -> Draft:
    query = understand("Was coal short?", Filters(), sample_archive.store)
    return Draft(query, 0.7, "“Coal was short.” [1]", QUOTED)


def test_from_its_border_on_an_answer_is_clear(draft: Draft) -> None:
    clear = draft.judged(0.7)
    assert (clear.certainty, clear.text) == ("clear", draft.answer)


def test_below_it_the_answer_says_that_it_is_doubtful(draft: Draft) -> None:
    doubtful = draft.judged(0.71)
    assert doubtful.certainty == "doubtful"
    assert doubtful.text == f"{HEADING}\n\n{draft.answer}"


def test_a_doubted_answer_is_never_clear(draft: Draft) -> None:
    assert draft.doubted(0.6).judged(0.6).certainty == "doubtful"
    assert draft.doubted(0.9).confidence == draft.confidence


def test_what_a_record_says_needs_no_heading(draft: Draft) -> None:
    record = replace(draft, statements=(replace(QUOTED[0], kind="record"),))
    assert record.judged(0.71).text == draft.answer


def test_an_abstention_has_no_certainty(draft: Draft) -> None:
    silent = replace(draft, abstention=Abstention("silent", "Nothing."))
    assert silent.judged(0.5) == silent


def test_a_phrase_that_was_left_aside_makes_an_answer_doubtful(draft: Draft) -> None:
    query = replace(draft.query, unheld=("frozen fog",))
    judged = replace(draft, query=query).judged(0.5)
    assert judged.certainty == "doubtful"
    assert judged.text.startswith("No document has the words “frozen fog”. These passages")
