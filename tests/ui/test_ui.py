"""The chat without a browser: what its templates show, and what they never let through."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import gradio as gr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ui
from index_store.types import Document, DocumentWarning, Passage
from rag import Archive
from rag.citations.chicago import chicago
from rag.types import (
    Citation,
    Constraint,
    Explanation,
    Filters,
    Match,
    QuotationReport,
    ShownDocument,
    Statement,
    VerifiedAnswer,
)
from tests.kits.fake_archive import (
    DOCUMENTS,
    EVIL,
    HOSTILE,
    LETTER,
    LINDKVIST,
    LINDQVIST,
    TAME,
    FakeArchive,
    abstained,
    answered,
    cited,
    passages,
)
from ui_assets.model import Exchange
from ui_assets.session.conversations import Conversations
from ui_assets.session.desk import Desk, Session
from ui_assets.session.served import Served
from ui_assets.view import quotation_check, render, warnings_text, words
from ui_assets.view.excerpts import excerpt, marked_words, sources

ALLOWED_TAGS = {
    "a", "article", "bdi", "blockquote", "button", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "input", "label", "li", "mark", "ol",
    "p", "pre", "section", "span", "strong", "summary", "ul",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "class", "id", "href", "lang", "role", "hidden", "tabindex", "type", "title", "name", "checked",
    "maxlength", "autocomplete", "aria-label", "aria-labelledby", "aria-hidden", "aria-selected",
    "aria-controls", "aria-pressed", "data-conversation", "data-do", "data-put", "data-act",
    "data-turn", "data-good", "data-field", "data-form", "data-document", "data-start", "data-end",
    "data-at", "data-way",
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


def exchange(question: str) -> Exchange:
    desk = Desk(Served(FakeArchive()), Conversations(None))
    return list(desk.answers(desk.ask(Session(), question, "en")))[-1].kept[-1]


def told(answer: VerifiedAnswer) -> Exchange:
    return Exchange(1, answer.question, answer, sources=sources(FakeArchive(), answer))


def shown(one: Exchange) -> tuple[Page, Page]:
    return Page(conversation(one)), Page(panel(one))


def conversation(*exchanges: Exchange) -> str:
    return render.conversation(exchanges, "en", id="c")


def panel(*exchanges: Exchange) -> str:
    return render.panel(exchanges, "en", lambda document: [])


def test_hostile_text_stays_text() -> None:
    answer, evidence = shown(exchange(f"evil {HOSTILE}"))
    for page in (answer, evidence):
        assert {tag for tag, _ in page.elements} <= ALLOWED_TAGS
        for _, attributes in page.elements:
            assert set(attributes) <= ALLOWED_ATTRIBUTES
            assert re.fullmatch(r"#\w+(-\d+)+", attributes.get("href") or "#a-1")
        assert HOSTILE in page.text
    assert evidence.marks == [HOSTILE]


@given(st.text(alphabet="<>\"'&`${}[]()!*_#\\ \nabя\u202e\u0301", max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_text_comes_out_as_it_is(text: str) -> None:
    one = Exchange(1, text, fault=text)
    page = Page(render.conversation([one], "en", notice=text))
    assert page.text.count(text) >= (3 if text else 0)
    assert {tag for tag, _ in page.elements} <= ALLOWED_TAGS


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
    html = panel(told(answered("?", [statement], [citation])))
    assert Page(html).marks == [citation.quote]
    following = ". The ice came" if occurrence == 0 else ", they say"
    assert f"{citation.quote}</mark>{following}" in html


def test_the_same_words_in_two_documents_are_quoted_once_with_both_numbers() -> None:
    citations = [cited(1, LINDQVIST, "Yours"), cited(2, LINDQVIST, "Yours")]
    statement = Statement("Yours", "quotation", (1, 2), "verified")
    one = told(answered("?", [statement], citations))
    answer, evidence = shown(one)
    assert [tag for tag, _ in answer.elements].count("blockquote") == 1
    assert links(answer) == ["#source-1-1", "#source-1-2"]
    assert evidence.marks == ["Yours", "Yours"]


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
    evidence = shown(one)[1]
    assert evidence.marks == []  # where a quotation cannot be placed nothing is highlighted
    assert evidence.text.count("has changed in the store") == 2
    assert "I asked the harbour office" not in evidence.text


def test_only_prose_has_markers_and_only_its_own() -> None:
    prose = Statement("Coal [1], says a letter [7].", "prose", (1, 2), "supported")
    assert marked_words(prose) == ["Coal ", 1, ", says a letter [7].", " ", 2]
    record = Statement("“Forged [1]” — date: 1907.", "record", (1,), "verified", {})
    assert marked_words(record) == ["“Forged [1]” — date: 1907.", " ", 1]


def test_a_quotation_that_was_not_placed_is_neither_set_as_one_nor_silent() -> None:
    statement = Statement("Invented words.", "quotation", (), "unsupported")
    page = Page(conversation(told(answered("?", [statement], []))))
    assert "blockquote" not in {tag for tag, _ in page.elements}
    assert "not borne out by the archive" in page.text


def test_quotations_stand_in_their_own_language() -> None:
    answer, evidence = shown(exchange("ferry?"))
    for page in (answer, evidence):
        quoted = [a.get("lang") for tag, a in page.elements if tag == "blockquote"]
        assert {"en", "ru"} == set(quoted)
    assert "The same words: English" in evidence.text


def test_the_panel_tells_all_of_a_source() -> None:
    text = shown(exchange("ferry?"))[1].text
    for word in (
        LINDQVIST.title, "14 November 1907", "14. XI. 07", "V. Lindqvist → A. P. Orlova",
        LINDQVIST.source, LINDQVIST.archival_ref, LINDQVIST.warnings[0].message, "not given",
        "AI translation", "Original", "English", "Russian",
        chicago(LINDQVIST),
    ):  # fmt: skip
        assert word and word in text


def test_an_abstention_is_an_answer_with_the_nearest_documents_each_once() -> None:
    answer, evidence = shown(exchange("owner?"))
    assert "does not say who owned it" in answer.text
    assert links(answer) == ["#source-1-1"]
    assert LINDQVIST.title in answer.text and "fault" not in answer.text.lower()
    assert "The ice came early" in evidence.text and evidence.marks == []


def test_each_state_is_told_in_words_and_by_a_sign() -> None:
    one = [Statement("A [1].", "prose", (1,), support) for support in ("supported", "unsupported")]
    citation = cited(1, LINDQVIST, "V. Lindqvist")
    text = shown(told(answered("?", one, [citation])))[0].text
    assert "≈ supported by the passage" in text and "✗ not borne out by the archive" in text
    assert "✓ word for word" in shown(exchange("ferry?"))[0].text
    assert "✓ from the catalogue" in shown(exchange("shelf-mark?"))[0].text


def test_what_was_asked_in_place_of_a_question_and_a_fault_of_the_model_are_told() -> None:
    citation = cited(1, LINDQVIST, "V. Lindqvist")
    plain = answered("And he?", [Statement("A [1].", "prose", (1,), "supported")], [citation])
    before = Constraint("documents", "letter-1", "inferred", True)
    leaning = replace(
        plain, understood="And <b>Berg</b>?", notice="The model is silent.", constraints=(before,)
    )
    text = shown(told(leaning))[0].text
    assert "Asked as: And <b>Berg</b>?" in text and "The model is silent." in text
    assert "Documents those cited before" in text and "letter-1" not in text
    aside = replace(leaning, constraints=(replace(before, applied=False),))
    assert "those cited before" not in shown(told(aside))[0].text


def test_warnings_are_told_in_the_readers_language() -> None:
    document = replace(
        LINDQVIST,
        warnings=(
            DocumentWarning("undated", "The document has no date."),
            DocumentWarning("date_conflict", "Dated <1931>; signed 1932."),
            DocumentWarning("new", "Something else."),
        ),
    )
    shown = ShownDocument(document, (), None)
    english, russian = (Page(render.whole(shown, lang, 0, 0, [])).text for lang in ("en", "ru"))
    assert "The document has no date." in english and "Dated <1931>; signed 1932." in english
    assert "Документ без даты" in russian and "The document has no date." not in russian
    assert "расходится с датой в тексте. Dated <1931>; signed 1932." in russian
    assert "Something else." in russian


def test_every_kind_of_warning_has_russian_words(sample_archive: Archive) -> None:
    codes = {w.code for d in sample_archive.documents() for w in d.warnings}
    assert {"duplicate", "halves_differ"} <= codes <= warnings_text.RUSSIAN.keys()


def test_a_splice_is_told_with_its_places() -> None:
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
    assert "put together of several places" in page.text and "2 places" in page.text
    opened = [a["data-document"] for _, a in page.elements if a.get("data-do") == "whole"]
    assert opened == [LINDQVIST.document_id, LINDKVIST.document_id]


def test_only_the_sources_of_the_last_answer_are_open() -> None:
    page = Page(panel(exchange("ferry?"), exchange("owner?")))
    sections = [attributes for tag, attributes in page.elements if tag == "section"]
    assert ["hidden" in section for section in sections] == [True, False]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["27 November 1931", "1930–1932", "undated", "<b>"]),
        ("ru", ["27 ноября 1931 г.", "1930–1932 гг.", "без даты", "<b>"]),
    ],
)
def test_dates_are_said_in_words(lang: str, said: list[str]) -> None:
    voice = render.Voice(lang)
    told = [voice.date(edtf) for edtf in ("1931-11-27", "1930/1932", None, "<b>")]
    assert told == said


def test_a_fault_is_told_as_one_and_never_as_an_abstention() -> None:
    one = exchange("fault?")
    assert one.answer is None
    text = unescape(conversation(one))
    assert "A fault, not an answer" in text and "disk I/O error; run `fonds doctor`" in text
    assert "Nearest in the archive" not in text


def test_a_mistake_of_the_program_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        exchange("crash?")


def test_every_word_is_there_in_both_languages_and_every_word_used_is_there() -> None:
    for key, said in words.WORDS.items():
        assert all(said), key
        fields = [set(re.findall(r"\{(\w+)\}", text)) for text in said]
        assert fields[0] == fields[1], key
    used: set[str] = set()
    for asset in render.ASSETS.glob("*.html"):
        used |= set(re.findall(r"\bt\(['\"](\w+)['\"]", asset.read_text(encoding="utf-8")))
    assert used and used <= words.WORDS.keys()
    scripted = (render.ASSETS / "chat.js").read_text(encoding="utf-8")
    for key in re.findall(r"say\(\"(\w+)\"\)", scripted):
        assert f'"{key}":' in render.script()


@pytest.mark.parametrize(
    ("n", "en", "ru"),
    [
        (1, "1 document", "1 документ"),
        (3, "3 documents", "3 документа"),
        (11, "11 documents", "11 документов"),
        (21, "21 documents", "21 документ"),
        (1112, "1,112 documents", "1\u00a0112 документов"),
    ],
)
def test_numbers_agree_with_their_nouns(n: int, en: str, ru: str) -> None:
    assert [words.count(lang, "document", n) for lang in ("en", "ru")] == [en, ru]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_page_offers_three_routes_and_draws_itself(lang: str) -> None:
    class Request:
        def __init__(self) -> None:
            self.headers = {"accept-language": lang}
            self.query_params: dict[str, str] = {}

    served = Served(FakeArchive(TAME), sample=True)

    async def built() -> gr.Blocks:  # outside a loop Gradio makes ones it never closes
        return ui.build(served, Conversations(None))

    page = asyncio.run(built())
    config = page.get_config_file()
    public = [one for one in config["dependencies"] if one["api_visibility"] != "private"]
    assert [one["api_name"] for one in public] == ["ask", "search", "verify"]
    assert page.analytics_enabled is False
    load = next(f for f in page.fns.values() if f.name == "load").fn
    assert load is not None
    drawn = " ".join(str(part) for part in load(Session(), Request()))
    assert words.word(lang, "sample_about") in unescape(drawn)
    assert words.word(lang, "holds") in drawn


def test_the_assets_ask_nothing_of_other_hosts() -> None:
    for asset in render.ASSETS.iterdir():
        if asset.suffix in {".html", ".css", ".js"}:
            text = asset.read_text(encoding="utf-8")
            assert not re.search(
                r"https?:|//\w+\.|@import|url\(|\|\s*safe|autoescape false", text
            ), asset


def test_filters_are_chips_in_words() -> None:
    filters = Filters(date_from="1907", date_to="1908", lang="ru", exclude=(LINDQVIST.document_id,))
    chips = render.chips(filters, [LINDQVIST], "en")
    assert [(chip.field, chip.label, chip.value) for chip in chips] == [
        ("dates", "Years", "1907–1908"),
        ("lang", "Language", "Russian"),
        ("exclude", "without", LINDQVIST.title),
    ]


def test_the_fakes_keep_the_promises_of_the_store() -> None:
    for document in DOCUMENTS.values():
        assert all(p.text == document.text[p.start : p.end] for p in passages(document))
    answers: list[VerifiedAnswer] = [FakeArchive().ask("ferry?"), abstained("owner?")]
    for answer in answers:
        for one in answer.citations:
            assert one.quote == one.document.text[one.start : one.end]
    assert EVIL.text.count(HOSTILE) == 1 and LETTER and LINDKVIST.archival_ref is None
