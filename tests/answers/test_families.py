"""Families of questions over the sample archive, worded in many ways.

Each line of `tests/families` has a question, the beginning of the id of a document that the answer
must cite, words that it must have, and how many quotations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag import Archive

FAMILIES = Path(__file__).resolve().parents[1] / "families"


def right(archive: Archive, case: dict[str, Any]) -> bool:
    answer = archive.ask(case["q"])
    cited = {citation.document.document_id for citation in answer.citations}
    quotations = [s for s in answer.statements if s.kind == "quotation"]
    return (
        answer.status == "answered"
        and any(document.startswith(case["doc"]) for document in cited)
        and all(words in answer.answer for words in case.get("says", []))
        and len(quotations) >= case.get("quotes", 0)
    )


def cases_of(family: str) -> list[dict[str, Any]]:
    lines = (FAMILIES / f"{family}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(("family", "least"), [("records", 26), ("overviews", 17), ("parts", 11)])
def test_most_of_a_family_is_answered(sample_archive: Archive, family: str, least: int) -> None:
    cases = cases_of(family)
    wrong = [case["q"] for case in cases if not right(sample_archive, case)]
    assert len(cases) - len(wrong) >= least, wrong


@pytest.mark.parametrize(("family", "most"), [("actors", 9), ("mentioned", 11)])
def test_near_misses_that_get_a_clear_answer_do_not_grow(
    sample_archive: Archive, family: str, most: int
) -> None:
    """Who did it, and things that are mentioned but not told: what the reader cannot tell yet."""
    cases = cases_of(family)
    clear = [c["q"] for c in cases if sample_archive.ask(c["q"]).certainty == "clear"]
    assert len(clear) <= most, clear


def test_every_title_pasted_into_a_question_finds_its_document(sample_archive: Archive) -> None:
    titles = {d.title for d in sample_archive.documents() if d.title}
    for title in sorted(titles):
        for question in (title, f"What does “{title}” say?"):
            answer = sample_archive.ask(question)
            cited = {citation.document.title for citation in answer.citations}
            near = {hit.document.title for hit in answer.hits[:3]}
            assert title in cited | near, question


def test_a_phrase_that_nobody_wrote_is_left_aside_and_said_to_be(sample_archive: Archive) -> None:
    answer = sample_archive.ask("What did “the weight of the frozen fog” do to the Gagara in dock?")
    assert answer.certainty != "clear"
    assert "the weight of the frozen fog" in answer.answer
    alone = sample_archive.ask("“the weight of the frozen fog”")
    assert alone.status == "abstained"
