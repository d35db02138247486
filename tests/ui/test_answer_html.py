"""The HTML of answers and their evidence: quotations, markers, states, abstentions, errors."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Document, Passage
from rag.citations.chicago import chicago
from rag.records.warning_names import name as short_name
from rag.types import (
    Citation,
    Constraint,
    Explanation,
    Match,
    QuotationReport,
    ShownDocument,
    Statement,
)
from tests.kits.fake_archive import FakeArchive, answered
from tests.kits.fake_documents import LINDKVIST, LINDQVIST, cited
from tests.kits.page_kit import Page, conversation, exchange, exchange_of, links, panel, shown
from ui_assets.view import quotation_check
from ui_assets.view.excerpts import excerpt, text_and_markers


def test_a_quotation_is_marked_where_it_stands_across_passages() -> None:
    evidence = shown(exchange("ferry?"))[1]
    assert evidence.marks == [
        "for coal.\n\nThey promised forty sacks.",
        "Паром не ходит с понедельника.",
    ]
    before, _, after = evidence.text.partition("for coal.\n\nThey promised forty sacks.")
    assert before.endswith("I asked the harbour office ")
    assert after.startswith(" The ferry has not run since Monday, they say")


@pytest.mark.parametrize("occurrence", [0, 1])
def test_repeated_words_are_marked_only_at_the_cited_place(occurrence: int) -> None:
    citation = cited(1, LINDQVIST, "The ferry has not run since Monday", occurrence)
    statement = Statement(citation.quote, "quotation", (1,), "verified")
    html = panel(exchange_of(answered("?", [statement], [citation])))
    assert Page(html).marks == [citation.quote]
    following = ". The ice came" if occurrence == 0 else ", they say"
    assert f"{citation.quote}</mark>{following}" in html


def test_the_same_words_in_two_documents_are_quoted_once_with_both_numbers() -> None:
    citations = [cited(1, LINDQVIST, "Yours"), cited(2, LINDQVIST, "Yours")]
    statement = Statement("Yours", "quotation", (1, 2), "verified")
    one = exchange_of(answered("?", [statement], citations))
    answer, evidence = shown(one)
    assert [tag for tag, _ in answer.elements].count("blockquote") == 1
    assert links(answer) == ["#source-1-1", "#source-1-2"]
    assert evidence.marks == ["Yours", "Yours"]


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_an_excerpt_is_a_slice_of_the_stored_text(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="aя \n.\U0001f4dc", min_size=1, max_size=80))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    parts = tuple(
        Passage(str(n), "d", n, a, b, text[a:b]) for n, (a, b) in enumerate(pairwise(cuts))
    )
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = excerpt(ShownDocument(Document("d", "d", "en", text), parts), start, end)
    assert cut.marked == text[start:end]
    whole = cut.before + cut.lead + cut.marked + cut.tail + cut.after
    first = start - len(cut.before + cut.lead)
    assert text[first : first + len(whole)] == whole
    for part in parts:
        if part.start < end and start < part.end:
            assert part.text in cut.lead + cut.marked + cut.tail


def test_words_that_the_store_no_longer_has_are_not_marked_elsewhere() -> None:
    citation = cited(1, LINDQVIST, "for coal.")
    moved = Citation(
        **{name: getattr(citation, name) for name in Citation.__slots__ if name != "start"},
        start=citation.start + 3,
    )
    gone = cited(2, Document("gone", "gone", "en", "for coal."), "for coal.")
    statement = Statement("for coal.", "quotation", (1, 2), "verified")
    one = exchange_of(answered("?", [statement], [moved, gone]))
    evidence = shown(one)[1]
    assert evidence.marks == []  # nothing is highlighted if the quotation is not found
    assert evidence.text.count("has changed in the store") == 2
    assert "I asked the harbour office" not in evidence.text


def test_only_prose_has_markers_and_only_its_own() -> None:
    prose = Statement("Coal [1], says a letter [7].", "prose", (1, 2), "supported")
    assert text_and_markers(prose) == ["Coal ", 1, ", says a letter [7].", " ", 2]
    record = Statement("“Forged [1]” — date: 1907.", "record", (1,), "verified", {})
    assert text_and_markers(record) == ["“Forged [1]” — date: 1907.", " ", 1]


def test_a_quotation_that_was_not_found_is_shown_as_unsupported_text() -> None:
    statement = Statement("Invented words.", "quotation", (), "unsupported")
    page = Page(conversation(exchange_of(answered("?", [statement], []))))
    assert "blockquote" not in {tag for tag, _ in page.elements}
    assert "not supported by the archive" in page.text


def test_quotations_have_the_language_of_their_document() -> None:
    answer, evidence = shown(exchange("ferry?"))
    for page in (answer, evidence):
        quoted = [a.get("lang") for tag, a in page.elements if tag == "blockquote"]
        assert {"en", "ru"} == set(quoted)
    assert "The same words: English" in evidence.text


def test_the_panel_shows_all_fields_of_a_source() -> None:
    text = shown(exchange("ferry?"))[1].text
    for word in (
        LINDQVIST.title, "14 November 1907", "14. XI. 07", "V. Lindqvist → A. P. Orlova",
        LINDQVIST.source, LINDQVIST.archival_ref, short_name(LINDQVIST.warnings[0]), "not given",
        "AI translation", "Original", "English", "Russian",
        chicago(LINDQVIST),
    ):  # fmt: skip
        assert word and word in text


def test_an_abstention_shows_each_nearest_document_once() -> None:
    answer, evidence = shown(exchange("owner?"))
    assert "does not say who owned it" in answer.text
    assert links(answer) == ["#source-1-1"]
    assert LINDQVIST.title in answer.text and "error" not in answer.text.lower()
    assert "The ice came early" in evidence.text and evidence.marks == []


def test_support_is_shown_in_words_and_by_a_sign() -> None:
    one = [Statement("A [1].", "prose", (1,), support) for support in ("supported", "unsupported")]
    citation = cited(1, LINDQVIST, "V. Lindqvist")
    text = shown(exchange_of(answered("?", one, [citation])))[0].text
    assert "≈ supported by the passage" in text and "✗ not supported by the archive" in text
    assert "✓ word for word" in shown(exchange("ferry?"))[0].text
    assert "✓ from the catalogue" in shown(exchange("shelf-mark?"))[0].text


def test_the_understood_question_and_an_error_of_the_model_are_shown() -> None:
    citation = cited(1, LINDQVIST, "V. Lindqvist")
    plain = answered("And he?", [Statement("A [1].", "prose", (1,), "supported")], [citation])
    before = Constraint("documents", "letter-1", "inferred", True)
    leaning = replace(
        plain, understood="And <b>Berg</b>?", notice="The model is silent.", constraints=(before,)
    )
    text = shown(exchange_of(leaning))[0].text
    assert "Question understood as: And <b>Berg</b>?" in text and "The model is silent." in text
    assert "Documents cited earlier" in text and "letter-1" not in text
    aside = replace(leaning, constraints=(replace(before, applied=False),))
    assert "cited earlier" not in shown(exchange_of(aside))[0].text


def test_a_splice_is_shown_with_its_places() -> None:
    parts = tuple(
        Match("exact", cited(n, document, words), ())
        for n, document, words in ((1, LINDQVIST, "V. Lindqvist"), (2, LINDKVIST, "лоцманы"))
    )
    explained = Explanation("splice", "these words stand in two documents", parts)
    report = QuotationReport("V. Lindqvist лоцманы", "absent", (), explained)

    class Checking(FakeArchive):
        def verify(self, quotation: str, document_id: str | None = None) -> QuotationReport:
            return report

    page = Page(quotation_check.report(Checking(), report.quotation, "en"))
    assert "come from several places" in page.text and "2 places" in page.text
    opened = [a["data-document"] for _, a in page.elements if a.get("data-do") == "whole"]
    assert opened == [LINDQVIST.document_id, LINDKVIST.document_id]


def test_only_the_sources_of_the_last_answer_are_open() -> None:
    page = Page(panel(exchange("ferry?"), exchange("owner?")))
    sections = [attributes for tag, attributes in page.elements if tag == "section"]
    assert ["hidden" in section for section in sections] == [True, False]


def test_an_error_is_never_shown_as_an_abstention() -> None:
    one = exchange("fault?")
    assert one.answer is None
    text = unescape(conversation(one))
    assert (
        "This is an error, not an answer" in text and "disk I/O error; run `fonds doctor`" in text
    )
    assert "Nearest in the archive" not in text


def test_a_doubtful_answer_says_that_it_may_be_none() -> None:
    citation = cited(1, LINDQVIST, "The ferry has not run since Monday")
    statement = Statement(citation.quote, "quotation", (1,), "verified")
    answer = replace(answered("?", [statement], [citation]), confidence=0.95)
    heading = "These passages come nearest; whether they answer is for you to judge."
    doubtful, _ = shown(exchange_of(replace(answer, certainty="doubtful")))
    assert heading in doubtful.text and "Confidence: fair" in doubtful.text
    clear, _ = shown(exchange_of(replace(answer, certainty="clear")))
    assert heading not in clear.text and "Confidence: high" in clear.text


def test_a_language_model_that_took_part_is_named_and_can_be_left_out() -> None:
    citation = cited(1, LINDQVIST, "The ferry has not run since Monday")
    statement = Statement(citation.quote, "quotation", (1,), "verified")
    answer = answered("?", [statement], [citation])
    alone, _ = shown(exchange_of(answer))
    assert "language model" not in alone.text
    helped, _ = shown(exchange_of(replace(answer, engine="qwen2.5-1.5b")))
    assert "with the language model qwen2.5-1.5b" in helped.text
    assert "ask without it" in helped.text


def test_the_warnings_of_a_document_are_shown_once() -> None:
    citations = [cited(1, LINDQVIST, "Yours"), cited(2, LINDQVIST, "The ferry has not run")]
    statements = [Statement(c.quote, "quotation", (c.n,), "verified") for c in citations]
    _, evidence = shown(exchange_of(answered("?", statements, citations)))
    assert evidence.text.count(short_name(LINDQVIST.warnings[0])) == 1
