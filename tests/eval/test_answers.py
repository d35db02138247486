"""What an answer is worth: the suite judges by the file, not by what the store says."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.measures import answers, distortions
from eval.measures.rows import Judged
from eval.measures.russian_lemmas import contains
from eval.sets.spans import Source, Span, gold_spans, sources
from eval.sets.suite import EvalQuestion
from index_store.types import Document
from rag.text.normalization import equal_ignoring_typography
from rag.types import Citation, Filters, Statement, VerifiedAnswer

TEXT = "The ship froze in. Nobody came. The icebreaker lay in dock."
TEXTS = {
    "a": Source(TEXT, "Book 1, p. 3.", "Source: F. 12. Op. 3.", "1928-10-24"),
    "b": Source(TEXT, "", "", ""),
}
A = Document("a", "a", "en", TEXT, source="Book 1, p. 3", archival_ref="F. 12. Op. 3")
B = Document("b", "b", "en", TEXT)
QUESTION = EvalQuestion(
    "q", "Where was the icebreaker?", "en", "en", {"a": 1}, quotes=("lay in dock",),
    answers=("in dock",),
)  # fmt: skip


def citation(n: int, document: Document, start: int, end: int) -> Citation:
    quote = document.text[start:end]
    return Citation(n, f"{document.document_id}#0", quote, start, end, "exact", document, {})


def answer(*citations: Citation, confidence: float = 0.8) -> VerifiedAnswer:
    told = "\n\n".join(f"“{c.quote}” [{c.n}]" for c in citations)
    statements = tuple(Statement(c.quote, "quotation", (c.n,), "verified") for c in citations)
    return VerifiedAnswer(
        "q", "answered" if citations else "abstained", confidence, told, statements, citations,
        (), (), None, "extractive", Filters(), {}, {},
    )  # fmt: skip


RIGHT = citation(1, A, 32, len(TEXT))
WRONG = citation(2, B, 0, 18)


def test_a_right_answer() -> None:
    values, judged = answers.score(QUESTION, answer(RIGHT), gold_spans(QUESTION, TEXTS), TEXTS)
    for name in (
        "right document", "all right", "gold span quoted", "containment", "citation precision",
        "citation recall", "quotation fidelity", "provenance",
    ):  # fmt: skip
        assert values[name] == (1.0, 1.0), name
    assert judged == Judged(True, True, True, 0.8)


def test_a_half_right_answer() -> None:
    told = answer(RIGHT, WRONG)
    values, _ = answers.score(QUESTION, told, gold_spans(QUESTION, TEXTS), TEXTS)
    assert values["right document"][0] == 1.0
    assert values["all right"][0] == 0.0
    assert values["citation precision"] == (0.5, 2.0)
    assert values["citation recall"] == (0.5, 2.0)


def test_the_same_words_in_another_document_are_not_the_gold_span() -> None:
    told = answer(citation(1, B, 32, len(TEXT)))
    values, judged = answers.score(QUESTION, told, gold_spans(QUESTION, TEXTS), TEXTS)
    assert values["gold span quoted"][0] == 0.0
    assert values["containment"][0] == 1.0
    assert judged.correct


def test_an_abstention_and_a_fault_are_worth_nothing() -> None:
    spans = gold_spans(QUESTION, TEXTS)
    values, judged = answers.score(QUESTION, answer(confidence=0.1), spans, TEXTS)
    assert {values[n] for n in ("right document", "all right", "containment")} == {(0.0, 1.0)}
    assert judged == Judged(True, False, False, 0.1)
    failed, worst = answers.failed(QUESTION, spans)
    assert set(failed.values()) == {(0.0, 1.0)}
    assert worst == Judged(True, False, False, 0.0)
    unanswerable = replace(QUESTION, answerable=False, grades={})
    assert answers.failed(unanswerable, []) == ({}, Judged(False, True, False, 1.0, True))


def test_an_answer_to_an_unanswerable_question_is_never_correct() -> None:
    unanswerable = replace(QUESTION, answerable=False, grades={}, quotes=(), answers=())
    values, judged = answers.score(unanswerable, answer(RIGHT), [], TEXTS)
    assert values["citation precision"] == (0.0, 1.0)
    assert judged == Judged(False, True, False, 0.8)


@pytest.mark.parametrize(
    "bad",
    [
        replace(RIGHT, quote=RIGHT.quote.replace("dock", "docks")),
        replace(RIGHT, start=RIGHT.start + 1),
        replace(RIGHT, end=len(TEXT) + 1),
        replace(RIGHT, document=replace(A, document_id="unknown")),
    ],
)
def test_a_quotation_that_is_not_in_the_file_is_not_faithful(bad: Citation) -> None:
    assert answers.faithful(RIGHT, TEXTS)
    assert not answers.faithful(bad, TEXTS)


def test_a_quotation_must_stand_in_the_whole_file_too(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_text("# On coal\n\nThe coal was weighed.\n", encoding="utf-8")
    (source,) = sources([tmp_path]).values()
    assert source.file is not None
    start = source.text.index("The coal")
    assert source.has("The coal was", start, start + 12)
    assert not replace(source, file="Something else.").has("The coal was", start, start + 12)


@pytest.mark.parametrize(
    "bad",
    [
        replace(RIGHT, end=len(TEXT) + 1),
        replace(RIGHT, document=replace(A, archival_ref="12")),
        replace(RIGHT, document=replace(A, archival_ref="F. 13")),
        replace(RIGHT, document=replace(A, archival_ref=None)),
        replace(RIGHT, document=replace(A, source="Book 2")),
        replace(RIGHT, passage_id="b#0"),
    ],
)
def test_provenance_must_be_that_of_the_file(bad: Citation) -> None:
    assert answers.resolves(RIGHT, TEXTS)
    assert not answers.resolves(bad, TEXTS)


def test_a_question_that_needs_two_documents() -> None:
    question = replace(QUESTION, gold_groups=(("a",), ("b", "c")), grades={"a": 1, "b": 1, "c": 1})
    values, _ = answers.score(question, answer(RIGHT), [], TEXTS)
    assert values["gold groups"] == (0.5, 1.0)


def test_spans_cover_by_more_than_half() -> None:
    span = Span("a", 10, 20)
    assert span.mostly_in(0, 16)
    assert not span.mostly_in(0, 15)
    assert len(gold_spans(replace(QUESTION, quotes=("The ",)), TEXTS)) == 2


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("It lay in Dock.", "in dock", True),
        ("It lay in docks.", "in dock", False),
        ("within dock", "in dock", False),
        ("С разобранною машиной стоит", "разобранная машина", True),
        ("Ещё не пришёл", "еще", True),
        ("пароход", "пар", False),
        ("anything", "", False),
        ("the year 1928.", "1928", True),
    ],
)
def test_containment(text: str, wanted: str, found: bool) -> None:
    assert contains(text, wanted) is found


SENTENCES = (
    "The «Gagara» — a sealing steamer — has been beset since October, and nobody came to help.",
    "Пароход «Гагара» — с октября во льдах, и помощи экипажу никто не оказал до весны.",
)
WORDS = distortions.vocabulary_of(SENTENCES)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SENTENCES), st.integers(0, 10_000))
def test_distortions_are_what_they_say(text: str, seed: int) -> None:
    draw = random.Random(seed)
    other = distortions.in_other_form(text, draw)
    assert other != text
    assert equal_ignoring_typography(text, other)
    assert not equal_ignoring_typography(text, distortions.mutated(text, WORDS, draw))
    assert distortions.noisy(text, 0.0, draw) == text
    noisy = distortions.noisy(text, 0.3, draw)
    assert [c for c in noisy if not c.isalpha()] == [c for c in text if not c.isalpha()]
    assert distortions.noisy(text, 0.1, random.Random(seed)) == distortions.noisy(
        text, 0.1, random.Random(seed)
    )
