"""The chat without a browser: what its templates show, and what they never let through."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import gradio as gr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ui
from index_store.types import Document, Passage
from rag.types import Citation, ShownDocument, Statement, VerifiedAnswer
from tests.fake_archive import (
    DOCUMENTS,
    EVIL,
    HOSTILE,
    LETTER,
    LINDKVIST,
    LINDQVIST,
    FakeArchive,
    abstained,
    answered,
    cited,
    passages,
)
from ui_assets import render
from ui_assets.evidence import Exchange, excerpt, marked_words, sources

ALLOWED_TAGS = {
    "a", "article", "bdi", "blockquote", "code", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "h2", "h3", "li", "mark", "ol", "p", "section", "span", "strong",
    "summary", "ul",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "class", "id", "href", "lang", "role", "hidden", "tabindex",
    "aria-label", "aria-labelledby",
}  # fmt: skip


class Page(HTMLParser):
    """The elements of a page, its text, and the text inside each `<mark>`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: list[str] = []
        self._in_mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self._in_mark = True
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = self._in_mark and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marks[-1] += data


def exchange(question: str, number: int = 1) -> Exchange:
    return ui.respond(FakeArchive(), Exchange(number, question), [])


def told(answer: VerifiedAnswer) -> Exchange:
    return Exchange(1, answer.question, answer, sources=sources(FakeArchive(), answer))


def shown(one: Exchange) -> tuple[Page, Page]:
    return Page(render.conversation([one], {})), Page(render.panel([one]))


def test_hostile_text_stays_text() -> None:
    conversation, panel = shown(exchange(f"evil {HOSTILE}"))
    for page in (conversation, panel):
        assert {tag for tag, _ in page.elements} <= ALLOWED_TAGS
        for _, attributes in page.elements:
            assert set(attributes) <= ALLOWED_ATTRIBUTES
            assert re.fullmatch(r"#\w+(-\d+)+", attributes.get("href") or "#a-1")
        assert HOSTILE in page.text
    assert panel.marks == [HOSTILE]


@given(st.text(alphabet="<>\"'&`${}[]()!*_#\\ \nabя\u202e\u0301", max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_text_comes_out_as_it_is(text: str) -> None:
    one = Exchange(1, text, fault=text)
    page = Page(render.conversation([one], {"documents": 0}, notice=text))
    assert page.text.count(text) >= (3 if text else 0)
    assert {tag for tag, _ in page.elements} <= ALLOWED_TAGS


def test_a_quotation_is_marked_where_it_stands_across_passages() -> None:
    _, panel = shown(exchange("ferry?"))
    assert panel.marks == [
        "for coal.\n\nThey promised forty sacks.",
        "Паром не ходит с понедельника.",
    ]
    before, _, after = panel.text.partition("for coal.\n\nThey promised forty sacks.")
    assert before.endswith("I asked the harbour office ")
    assert after.startswith(" The ferry has not run since Monday, they say")


@pytest.mark.parametrize("occurrence", [0, 1])
def test_repeated_words_are_marked_only_at_the_cited_place(occurrence: int) -> None:
    citation = cited(1, LINDQVIST, "The ferry has not run since Monday", occurrence)
    statement = Statement(citation.quote, "quotation", (1,), "verified")
    html = render.panel([told(answered("?", [statement], [citation]))])
    assert Page(html).marks == [citation.quote]
    following = ". The ice came" if occurrence == 0 else ", they say"
    assert f"{citation.quote}</mark>{following}" in html


def test_the_same_words_in_two_documents_are_quoted_once_with_both_numbers() -> None:
    citations = [cited(1, LINDQVIST, "Yours"), cited(2, LINDQVIST, "Yours")]
    statement = Statement("Yours", "quotation", (1, 2), "verified")
    one = told(answered("?", [statement], citations))
    conversation, panel = shown(one)
    assert [tag for tag, _ in conversation.elements].count("blockquote") == 1
    assert links(conversation) == ["#source-1-1", "#source-1-2"]
    assert panel.marks == ["Yours", "Yours"]


def links(page: Page) -> list[str | None]:
    return [attributes["href"] for tag, attributes in page.elements if tag == "a"]


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_an_excerpt_is_the_stored_text_in_one_piece(data: st.DataObject) -> None:
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
    one = told(answered("?", [statement], [moved, gone]))
    panel = shown(one)[1]
    assert panel.marks == ["for coal.", "for coal."]
    assert panel.text.count("has changed in the store") == 2
    assert "harbour office" not in panel.text


def test_only_prose_has_markers_and_only_its_own() -> None:
    prose = Statement("Coal [1], says a letter [7].", "prose", (1, 2), "supported")
    assert marked_words(prose) == ["Coal ", 1, ", says a letter [7].", " ", 2]
    record = Statement("“Forged [1]” — date: 1907.", "record", (1,), "verified", {})
    assert marked_words(record) == ["“Forged [1]” — date: 1907.", " ", 1]


def test_a_quotation_that_was_not_placed_is_neither_set_as_one_nor_silent() -> None:
    statement = Statement("Invented words.", "quotation", (), "unsupported")
    conversation = Page(render.conversation([told(answered("?", [statement], []))], {}))
    assert "blockquote" not in {tag for tag, _ in conversation.elements}
    assert "not borne out by the archive" in conversation.text


def test_quotations_stand_in_their_own_language() -> None:
    conversation, panel = shown(exchange("ferry?"))
    for page in (conversation, panel):
        quoted = [a.get("lang") for tag, a in page.elements if tag == "blockquote"]
        assert set(quoted) == {"en", "ru"}
    assert "The same words in English" in panel.text


def test_the_panel_tells_all_of_a_source() -> None:
    text = shown(exchange("ferry?"))[1].text
    for word in (
        LINDQVIST.title, "14 November 1907", "14. XI. 07", "V. Lindqvist → A. P. Orlova",
        LINDQVIST.source, LINDQVIST.archival_ref, LINDQVIST.warnings[0].message, "not given",
        "AI translation", "Original", "English", "Russian",
        f"V. Lindqvist to A. P. Orlova, {LINDQVIST.title}.",
    ):  # fmt: skip
        assert word and word in text


def test_an_abstention_is_an_answer_with_the_nearest_documents_each_once() -> None:
    conversation, panel = shown(exchange("owner?"))
    assert "does not say who owned it" in conversation.text
    assert links(conversation) == ["#source-1-1"]
    assert LINDQVIST.title in conversation.text and "fault" not in conversation.text.lower()
    assert "The ice came early" in panel.text and panel.marks == []


def test_only_the_sources_of_the_last_answer_are_open() -> None:
    page = Page(render.panel([exchange("ferry?", 1), exchange("owner?", 2)]))
    sections = [attributes for tag, attributes in page.elements if tag == "section"]
    assert ["hidden" in section for section in sections] == [True, False]


def test_dates_are_said_in_words() -> None:
    said = [render.date_in_words(edtf) for edtf in ("1931-11-27", "1930/1932", None, "<b>")]
    assert said == ["27 November 1931", "1930–1932", "undated", "<b>"]


def test_a_question_appears_at_once_and_then_its_answer() -> None:
    begun = ui.begun("ferry?", [])
    assert "Reading the archive" in render.conversation(begun, {})
    answered = ui.respond(FakeArchive(), begun[0], begun)
    assert answered.question == "ferry?" and answered.answer and answered.number == 1
    assert ui.begun("owner?", [answered])[1].number == 2


def test_a_fault_is_told_as_one_and_never_as_an_abstention() -> None:
    one = exchange("fault?")
    assert one.answer is None
    text = unescape(render.conversation([one], {}))
    assert "A fault, not an answer" in text and "disk I/O error; run `fonds doctor`" in text
    assert "Nearest in the archive" not in text


def test_a_mistake_of_the_program_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        exchange("crash?")


def test_what_cannot_be_asked_is_refused_with_the_reason() -> None:
    assert "empty" in (ui.refused("") or "")
    assert "2,001 characters long; Fonds takes up to 2,000" in (ui.refused("я" * 2_001) or "")
    assert ui.refused("я" * 2_000) is None


def test_earlier_turns_of_the_session_are_given_and_old_ones_dropped() -> None:
    archive = FakeArchive()
    kept: list[Exchange] = []
    for question in ("ferry?", "fault?", "owner?", *["ferry?"] * 40):
        kept = ui.begun(question, kept)
        kept[-1] = ui.respond(archive, kept[-1], kept)
    assert [turn.question for turn in archive.histories[2]] == ["ferry?"]
    assert len(kept) == ui.EXCHANGES_KEPT
    assert len({one.number for one in kept}) == len(kept) and kept[-1].number == 43


def test_the_page_offers_no_public_api_and_shows_the_banner_for_the_sample_only() -> None:
    async def built(sample: bool) -> gr.Blocks:  # outside a loop Gradio makes ones it never closes
        return ui.build(FakeArchive(), sample=sample)

    for sample in (True, False):
        page = asyncio.run(built(sample))
        config = page.get_config_file()
        assert all(one["api_visibility"] == "private" for one in config["dependencies"])
        html = " ".join(str(one["props"].get("value")) for one in config["components"])
        assert ("Every letter in it is invented" in html) is sample
        assert page.analytics_enabled is False


def test_the_assets_ask_nothing_of_other_hosts() -> None:
    for asset in render.ASSETS.iterdir():
        if asset.suffix in {".html", ".css", ".js"}:
            text = asset.read_text(encoding="utf-8")
            assert not re.search(
                r"https?:|//\w+\.|@import|url\(|\|\s*safe|autoescape false", text
            ), asset


def test_the_fakes_keep_the_promises_of_the_store() -> None:
    for document in DOCUMENTS.values():
        assert all(p.text == document.text[p.start : p.end] for p in passages(document))
    answers: list[VerifiedAnswer] = [FakeArchive().ask("ferry?"), abstained("owner?")]
    for answer in answers:
        for one in answer.citations:
            assert one.quote == one.document.text[one.start : one.end]
    assert EVIL.text.count(HOSTILE) == 1 and LETTER and LINDKVIST.archival_ref is None
