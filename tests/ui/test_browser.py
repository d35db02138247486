"""The chat in a real Chromium, over the fake archive: what runs, what shows, what leaves."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, expect

from tests.kits.browser_kit import DESK, PHONE, Chat, chromium, served
from tests.kits.fake_archive import HOSTILE
from tests.kits.vectors import VECTORS

pytestmark = pytest.mark.browser

FOREIGN = (
    ".fonds :is(script, style, img, svg, math, b, em:not(td em), embed, object, video, audio, link,"
    " meta, base, marquee, textarea, .katex, [onload], [onerror], [onmouseover], [onfocus],"
    " a[href^='http'], a[href^='javascript'])"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("browser"), "tame") as address:
        yield address


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Chat]:
    """A page over an archive in which most documents are hostile."""
    with (
        served(tmp_path_factory.mktemp("hostile"), "hostile") as address,
        browser.new_context(viewport=DESK, locale="en-GB") as context,
    ):
        chat = Chat(context.new_page(), address)
        yield chat
        chat.check()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def opened(browser: Browser, url: str) -> Iterator[Chat]:
    """One page for most tests: loading it takes longer than most of them."""
    with browser.new_context(
        viewport=DESK, locale="en-GB", permissions=["clipboard-read", "clipboard-write"]
    ) as context:
        yield Chat(context.new_page(), url)


@pytest.fixture
def chat(opened: Chat) -> Iterator[Chat]:
    """A new conversation without filters; no page may fail or ask anything of another host."""
    opened.page.set_viewport_size(DESK)
    opened.go("ask")
    opened.page.locator(".fonds-new").click()
    expect(opened.page.locator(".fonds-evidence")).to_have_count(0)
    yield opened
    opened.page.keyboard.press("Escape")
    opened.check()


def test_a_marker_opens_its_source_with_the_quotation_marked(chat: Chat) -> None:
    chat.ask("Ferry: when did it stop?")
    chat.shoot("answer")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Searched 3 documents, 1907–1909")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("English and Russian")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Confidence: high")
    assert chat.last.get_by_text("word for word").count() >= 2
    chat.page.get_by_role("link", name="Source 2").first.click()
    source = chat.page.locator("#source-1-2")
    expect(source).to_have_class(re.compile("is-current"))
    expect(source.locator("mark")).to_have_text("Паром не ходит с понедельника.")
    expect(source.locator("mark")).to_be_in_viewport()
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1 mark")).to_be_in_viewport()
    expect(source).not_to_have_class(re.compile("is-current"))
    excerpt = chat.page.locator("#source-1-1 .fonds-excerpt")
    excerpt.evaluate("box => { box.style.maxHeight = '4rem'; box.scrollTop = 0; }")
    expect(chat.page.locator("#source-1-1 mark")).not_to_be_in_viewport()
    chat.page.get_by_role("link", name="Source 1").first.click()
    expect(chat.page.locator("#source-1-1 mark")).to_be_in_viewport()


def test_a_marker_shows_a_card_when_pointed_at_or_focused(chat: Chat) -> None:
    chat.ask("Ferry?")
    card = chat.page.get_by_role("tooltip")
    marker = chat.last.get_by_role("link", name="Source 1").first
    marker.hover()
    for words in (
        "V. Lindqvist to A. P. Orlova",
        "14 November 1907",
        "Harbour Archive F. 3",
        "for coal.",
    ):
        expect(card).to_contain_text(words)
    chat.shoot("card")
    chat.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    marker.focus()
    expect(card).to_be_visible()
    expect(marker).to_have_attribute("aria-describedby", "fonds-card")


def test_the_reader_walks_on_through_the_document(chat: Chat) -> None:
    chat.ask("Log of the ice?")
    source = chat.page.locator("#source-1-1")
    excerpt = source.locator(".fonds-excerpt")
    expect(excerpt).to_contain_text("Day 5.")
    expect(excerpt).to_contain_text("Day 7.")
    assert "Day 4." not in excerpt.inner_text() and "Day 8." not in excerpt.inner_text()
    source.get_by_role("button", name="Earlier").click()
    expect(excerpt).to_contain_text("Day 4. The ice stood as on day 3.\n\nDay 5.")
    for _ in range(6):
        source.get_by_role("button", name="Later").click()
    expect(source).to_contain_text("The document ends here.")
    expect(excerpt).to_contain_text("Day 11. The ice stood as on day 10.\n\nDay 12.")
    chat.shoot("walked")


def test_original_stands_beside_translation_and_else_in_a_tab(chat: Chat) -> None:
    chat.ask("Ferry?")
    pair = chat.page.locator("#source-1-2 .fonds-text")
    expect(pair.nth(1)).to_contain_text("The ferry has not run since Monday")
    expect(pair.nth(1).locator("blockquote")).to_have_attribute("lang", "en")
    tops = "texts => texts.map(text => Math.round(text.getBoundingClientRect().top))"
    under = pair.evaluate_all(tops)
    chat.page.set_viewport_size({"width": 1920, "height": 1080})
    beside = pair.evaluate_all(tops)
    assert under[0] < under[1] and beside[0] == beside[1]
    chat.shoot("beside")
    chat.page.set_viewport_size(DESK)
    tabs = chat.page.locator("#source-1-1").get_by_role("tab")
    tabs.nth(1).click()
    expect(chat.page.locator("#source-1-1")).to_contain_text("Дорогая Анна Петровна!")
    chat.shoot("versions")
    tabs.nth(1).press("ArrowLeft")
    expect(chat.page.locator("#source-1-1 mark")).to_be_visible()


def test_a_whole_document_opens_and_its_references_are_copied(chat: Chat) -> None:
    chat.ask("Ferry?")
    source = chat.page.locator("#source-1-1")
    source.get_by_role("button", name="Copy: Archival reference").click()
    assert chat.page.evaluate("navigator.clipboard.readText()") == (
        "Harbour Archive F. 3. Op. 1. D. 17. L. 5"
    )
    source.locator(".fonds-cite summary").click()
    for style in ("Chicago", "ГОСТ Р 7.0.5", "BibTeX", "RIS", "CSL-JSON"):
        expect(source.get_by_role("button", name=f"Copy: {style}")).to_be_visible()
    chat.shoot("cite")
    source.get_by_role("button", name="Open whole document").click()
    dialog = chat.page.locator("#fonds-dialog")
    expect(dialog.locator("mark")).to_have_text("for coal.\n\nThey promised forty sacks.")
    expect(dialog).to_contain_text("V. Lindqvist")
    chat.shoot("document")
    chat.page.keyboard.press("Escape")
    source.get_by_role("button", name="Show in list").click()
    row = chat.page.locator(".fonds-documents tr.is-current")
    expect(row).to_contain_text("V. Lindqvist to A. P. Orlova")


def test_selected_words_of_an_answer_are_checked(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.last.locator("blockquote").first.click(click_count=3)
    chat.page.get_by_role("button", name="Check these words").click()
    dialog = chat.page.locator("#fonds-dialog")
    expect(dialog).to_contain_text("These words stand in the archive")
    expect(dialog).to_contain_text("Паром не ходит с понедельника.")
    chat.shoot("checked-words")


def test_a_pasted_quotation_is_checked_with_its_differences_marked(chat: Chat) -> None:
    chat.go("check")
    box = chat.page.get_by_label("Quotation")
    box.fill("The ferry has not run since Tuesday")
    chat.page.get_by_role("button", name="Check", exact=True).click()
    report = chat.page.locator(".fonds-place-check .fonds-report")
    expect(report).to_contain_text("Not quite")
    expect(report.locator("mark")).to_have_text(["Tuesday", "Monday"])
    expect(report.locator("del")).to_have_text("Tuesday")
    expect(report.locator("ins")).to_have_text("Monday")
    chat.shoot("quotation")
    box.fill("No such words at all")
    chat.page.get_by_role("button", name="Check", exact=True).click()
    expect(report).to_contain_text("not in the archive")


def test_filters_become_chips_and_are_obeyed(chat: Chat) -> None:
    chat.page.locator("select[name=lang]").select_option("ru")
    chip = chat.page.locator(".fonds-chips .fonds-chip")
    expect(chip).to_contain_text("Russian")
    low = chat.page.get_by_role("slider", name="From")
    low.press("ArrowRight")
    expect(chip).to_have_count(2)
    expect(chip.first).to_contain_text("1908–1909")
    chat.shoot("filters")
    chat.page.get_by_role("button", name="Remove the filter: Years").click()
    expect(chip).to_have_count(1)
    chat.ask("Ferry?")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Searched 1 document, 1907, Russian")
    chat.page.get_by_role("button", name="Remove the filter: Language").click()
    expect(chip).to_have_count(0)
    expect(chat.page.locator("select[name=lang]")).to_have_value("")


def test_a_limit_understood_from_the_question_can_be_taken_back(chat: Chat) -> None:
    chat.ask("Ferry?")
    understood = chat.last.locator(".fonds-understood")
    expect(understood).to_contain_text("1 November 1907")
    understood.get_by_role("button").click()
    expect(chat.page.locator("#exchange-2 .fonds-foot")).to_be_visible()
    expect(chat.page.locator("#exchange-2 .fonds-understood")).to_have_count(0)


def test_a_source_is_left_out_and_the_question_asked_again(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.page.locator("#source-1-1").get_by_label("Use this source").uncheck()
    chat.shoot("unticked")
    chat.page.get_by_role("button", name="Answer again without the unticked").click()
    expect(chat.page.locator("#exchange-2 blockquote")).to_have_count(1)
    expect(chat.page.locator(".fonds-chips .fonds-chip")).to_contain_text("V. Lindqvist to A. P.")
    chat.page.get_by_role("button", name="Remove the filter: without").click()
    expect(chat.page.locator(".fonds-chips .fonds-chip")).to_have_count(0)


def test_evidence_comes_before_the_answer_which_can_be_stopped(chat: Chat) -> None:
    chat.box.fill("Slow ferry?")
    chat.box.press("Enter")
    expect(chat.page.locator("#source-1-1")).to_be_visible()
    expect(chat.last.locator(".fonds-pending")).to_be_visible()
    chat.shoot("reading")
    chat.page.get_by_role("button", name="Stop").click()
    expect(chat.last.locator(".fonds-fault")).to_contain_text("Stopped before")
    chat.page.wait_for_timeout(2_300)  # the answer that comes too late is dropped
    expect(chat.last.locator(".fonds-fault")).to_contain_text("Stopped before")
    chat.last.get_by_role("button", name="Edit").click()
    expect(chat.box).to_have_value("Slow ferry?")
    chat.ask("Ferry?")
    chat.last.get_by_role("button", name="Ask again").click()
    expect(chat.page.locator("#exchange-3 .fonds-foot")).to_be_visible()


def test_an_abstention_names_the_nearest(chat: Chat) -> None:
    chat.ask("Owner of the ferry?")
    expect(chat.last).to_contain_text("No answer in the archive")
    expect(chat.last.locator(".fonds-nearest")).to_contain_text("V. Lindqvist to A. P. Orlova")
    expect(chat.last.locator(".fonds-foot")).to_contain_text("Confidence: low")
    chat.shoot("abstention")


def test_faults_are_shown_as_faults_and_the_session_goes_on(chat: Chat) -> None:
    chat.ask("Fault, please")
    expect(chat.last.get_by_role("alert")).to_contain_text("run `fonds doctor`")
    chat.ask("Crash, please")
    expect(chat.page.locator("#exchange-2 .fonds-fault")).to_contain_text("did not foresee")
    chat.shoot("fault")
    chat.ask("Ferry?")
    expect(chat.page.locator("#exchange-3 blockquote").first).to_be_visible()


def test_an_over_long_question_is_left_to_mend(chat: Chat) -> None:
    chat.box.fill("x" * 2_001)
    chat.box.press("Enter")
    expect(chat.page.get_by_text("2,001 characters")).to_be_visible()
    assert len(chat.box.input_value()) == 2_001
    chat.ask("Ferry?")


def test_conversations_are_renamed_searched_exported_and_deleted(chat: Chat) -> None:
    chat.ask("Ferry of the harbour?")
    item = chat.page.locator(".fonds-conversations li.is-open")
    expect(item).to_contain_text("Ferry of the harbour?")
    item.locator("summary").click()
    item.get_by_role("button", name="Rename").click()
    chat.page.get_by_label("Title", exact=True).fill("Ice & ferry")
    chat.page.get_by_role("button", name="Save").click()
    expect(item).to_contain_text("Ice & ferry")
    search = chat.page.get_by_role("searchbox", name="Search conversations")
    search.fill("no such words")
    expect(chat.page.locator(".fonds-conversations")).to_contain_text("None has these words")
    search.fill("ПАРОМ")
    expect(item).to_be_visible()
    for form, name in (
        ("Markdown", "Ice-ferry.md"),
        ("Word (DOCX)", "Ice-ferry.docx"),
        ("JSON", "Ice-ferry.json"),
    ):
        item.locator("summary").click()
        with chat.page.expect_download() as download:
            item.get_by_role("button", name=f"Export as {form}").click()
        assert download.value.suggested_filename == name
        saved = Path(download.value.path())
        if form == "Word (DOCX)":
            text = "\n".join(p.text for p in docx.Document(str(saved)).paragraphs)
        else:
            text = saved.read_text(encoding="utf-8")
        assert "Паром не ходит с понедельника." in text
        assert "Harbour Archive F. 3. Op. 1. D. 17. L. 5" in text
        if form == "JSON":
            citations = json.loads(text)["exchanges"][0]["answer"]["citations"]
            assert [c["quote"] for c in citations][1] == "Паром не ходит с понедельника."
    search.fill("")
    item.locator("summary").click()
    item.get_by_role("button", name="Delete").click()
    chat.page.locator("#fonds-delete").get_by_role("button", name="Delete").click()
    expect(chat.page.get_by_text("Ice & ferry")).to_have_count(0)


def test_a_verdict_is_given_with_its_reason(chat: Chat) -> None:
    chat.ask("Ferry?")
    good = chat.last.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    chat.last.get_by_label("What was good or bad about it?").fill("to the point")
    chat.last.get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("status").get_by_text("Noted.")).to_be_attached()


def test_a_reload_keeps_the_conversation_and_a_link_leads_to_one_answer(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.ask("Owner of it?")
    chat.page.reload()
    expect(chat.page.locator(".fonds-exchange")).to_have_count(2)
    expect(chat.page.locator("#source-2-1")).to_be_visible()
    chat.page.locator("#exchange-1").get_by_role("button", name="Link").click()
    link = chat.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(re.escape(chat.url) + r"/\?c=[\w-]{16}#exchange-1", link)
    chat.page.goto("about:blank")
    chat.page.goto(link)
    expect(chat.page.locator("#evidence-1")).to_be_visible()
    expect(chat.page.locator("#evidence-2")).to_be_hidden()
    expect(chat.page.locator("#exchange-1 .fonds-question")).to_be_in_viewport()


def test_two_users_see_nothing_of_each_other(chat: Chat, browser: Browser) -> None:
    chat.ask("Ferry of the first user?")
    address = chat.page.url.removeprefix(chat.url).lstrip("/")
    with browser.new_context() as context:
        other = Chat(context.new_page(), chat.url)
        other.open(address)
        expect(other.page.locator(".fonds-hint")).to_be_visible()
        other.ask("Owner, asks the second?")
        assert other.page.get_by_text("Ferry of the first user?").count() == 0
        expect(other.page.locator(".fonds-conversations li")).to_have_count(1)


def test_hostile_titles_texts_and_questions_run_nothing(hostile: Chat) -> None:
    hostile.ask(f"evil {HOSTILE}")
    hostile.page.get_by_role("link", name="Source 1").first.click()
    hostile.page.locator("#source-1-1 h3").hover()
    assert hostile.page.evaluate("window.hacked") is None
    assert hostile.page.locator(FOREIGN).count() == 0
    assert hostile.page.locator("#source-1-1 mark").inner_text() == HOSTILE
    assert HOSTILE in hostile.page.locator("#source-1-1 h3").inner_text()


def test_a_hundred_vectors_run_nothing_anywhere(hostile: Chat) -> None:
    assert len(set(VECTORS)) == 100
    style = "getComputedStyle(document.querySelector('.fonds-head')).cssText"
    before = hostile.page.evaluate(style)
    hostile.ask("vectors " + " ".join(VECTORS)[:1_900])
    expect(hostile.page.locator("#evidence-2 .fonds-source")).to_have_count(100)
    quoted = hostile.last.locator(".fonds-quotation .fonds-verbatim").all_text_contents()
    assert quoted == list(VECTORS)
    assert hostile.page.locator("#evidence-2 mark").all_text_contents() == list(VECTORS)
    hostile.last.get_by_role("link", name="Source 7", exact=True).first.hover()
    expect(hostile.page.get_by_role("tooltip")).to_be_visible()
    hostile.page.locator("#source-2-7").get_by_role("button", name="Open whole").click()
    expect(hostile.page.locator("#fonds-dialog mark")).to_have_text(VECTORS[6])
    hostile.page.keyboard.press("Escape")
    assert hostile.page.locator(FOREIGN).count() == 0
    hostile.go("archive")
    expect(hostile.page.locator(".fonds-documents tbody tr").first).to_be_visible()
    assert hostile.page.locator(FOREIGN).count() == 0
    hostile.page.get_by_role("button", name="Next").click()
    expect(hostile.page.locator(".fonds-pager")).to_contain_text("51–100 of 104")
    hostile.go("check")
    hostile.page.get_by_label("Quotation").fill(VECTORS[0])
    hostile.page.get_by_role("button", name="Check", exact=True).click()
    expect(hostile.page.locator(".fonds-asked-words").last).to_have_text(VECTORS[0])
    assert hostile.page.locator(FOREIGN).count() == 0
    assert hostile.page.evaluate("window.hacked") is None
    hostile.go("ask")
    assert hostile.page.evaluate(style) == before


def test_the_archive_is_sorted_searched_and_read_by_year(chat: Chat) -> None:
    chat.go("archive")
    search = chat.page.get_by_role("searchbox", name="Search titles")
    search.fill("lindqvist harbour")
    rows = chat.page.locator(".fonds-documents tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("An AI translation; quote the original.")
    search.fill("")
    expect(rows).to_have_count(3)
    heading = chat.page.get_by_role("columnheader", name="Date")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    chat.page.get_by_role("button", name="1909: 1 document").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Log of the harbour office")
    chat.shoot("archive")
    chat.page.get_by_role("button", name="1909: 1 document").click()
    expect(rows).to_have_count(3)


def test_a_suite_runs_and_its_report_runs_nothing(chat: Chat) -> None:
    chat.go("evaluation")
    chat.page.get_by_role("button", name="Run").click()
    report = chat.page.frame_locator("iframe.fonds-frame")
    expect(report.get_by_role("heading", name="P@1 .5")).to_be_visible()
    assert chat.page.evaluate("window.hacked") is None
    chat.shoot("evaluation")


def test_the_keyboard_is_enough(chat: Chat) -> None:
    chat.page.keyboard.press("Control+k")
    chat.page.keyboard.type("Ferry?")
    chat.page.keyboard.press("Enter")
    expect(chat.last.locator(".fonds-foot")).to_be_visible()
    chat.page.keyboard.press("Shift+Tab")
    for _ in range(12):
        if chat.page.evaluate("document.activeElement.classList.contains('fonds-marker')"):
            break
        chat.page.keyboard.press("Shift+Tab")
    marker = chat.page.evaluate("document.activeElement.getAttribute('href')")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator(marker)).to_be_focused()
    expect(chat.page.locator(f"{marker} mark")).to_be_in_viewport()
    chat.shoot("keyboard")
    chat.page.keyboard.press("Escape")
    assert chat.page.evaluate("document.activeElement.getAttribute('href')") == marker
    chat.page.keyboard.press("Alt+n")
    expect(chat.page.locator(".fonds-hint")).to_be_visible()


def test_the_language_follows_the_browser_and_can_be_switched(browser: Browser, url: str) -> None:
    with browser.new_context(locale="ru-RU", viewport=DESK) as context:
        chat = Chat(context.new_page(), url)
        expect(chat.page.get_by_role("heading", name="Спросите архив")).to_be_visible()
        assert chat.page.evaluate("document.documentElement.lang") == "ru"
        chat.ask("Паром: когда он встал?")
        expect(chat.last.locator(".fonds-foot")).to_contain_text("3 документа, 1907–1909")
        assert chat.violations() == []
        chat.shoot("russian")
        chat.page.get_by_role("button", name="English").click()
        expect(chat.page.get_by_role("button", name="New conversation")).to_be_visible()
        expect(chat.page.get_by_placeholder("Ask the archive")).to_be_visible()
        chat.go("archive")  # Gradio's own box follows the browser, which is Russian
        expect(chat.page.get_by_role("button", name="Drag files here, or click")).to_be_visible()
        chat.go("ask")
        expect(chat.last.locator(".fonds-asked")).to_have_text("Паром: когда он встал?")
        chat.check()


def test_a_phone_has_one_column_a_drawer_and_a_sheet(browser: Browser, url: str) -> None:
    with browser.new_context(viewport=PHONE, has_touch=True, locale="en-GB") as context:
        chat = Chat(context.new_page(), url)
        expect(chat.page.locator(".fonds-hint")).to_be_visible()
        chat.shoot("phone-first")
        chat.ask("Owner?")
        chat.ask("Ferry?")
        assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
        expect(chat.page.locator("#source-2-1")).not_to_be_in_viewport()
        chat.shoot("phone-answer")
        chat.last.get_by_role("link", name="Source 1").first.tap()
        expect(chat.page.locator("#source-2-1 mark")).to_be_in_viewport()
        expect(chat.page.locator("#source-2-1 .fonds-title").first).to_be_in_viewport()
        chat.shoot("phone-evidence")
        chat.page.locator(".fonds-panel").get_by_role("button", name="Close").click()
        expect(chat.page.locator("#source-2-1")).not_to_be_in_viewport()
        chat.page.get_by_role("button", name="Conversations and filters").click()
        expect(chat.page.locator(".fonds-new")).to_be_in_viewport()
        chat.shoot("phone-drawer")
        chat.page.keyboard.press("Escape")
        expect(chat.page.locator(".fonds-new")).not_to_be_in_viewport()
        chat.page.get_by_role("button", name="Conversations and filters").click()
        expect(chat.page.locator(".fonds-new")).to_be_in_viewport()
        chat.page.mouse.click(380, 400)  # beside the drawer
        expect(chat.page.locator(".fonds-new")).not_to_be_in_viewport()
        chat.go("archive")
        expect(chat.page.locator(".fonds-documents table")).to_be_visible()
        assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
        chat.check()
        assert chat.violations() == []


def test_a_tablet_has_two_columns(chat: Chat) -> None:
    chat.ask("Ferry?")
    chat.page.set_viewport_size({"width": 900, "height": 1100})
    expect(chat.page.locator(".fonds-source").first).to_be_in_viewport()
    expect(chat.page.locator(".fonds-new")).not_to_be_in_viewport()
    chat.shoot("tablet")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, url: str, scheme: str) -> None:
    with browser.new_context(viewport=DESK, color_scheme=scheme, locale="en-GB") as context:  # type: ignore[arg-type]
        chat = Chat(context.new_page(), url)
        expect(chat.page.locator(".fonds-hint")).to_be_visible()
        dark = chat.page.evaluate("document.body.classList.contains('dark')")
        assert dark is (scheme == "dark")
        found = {"first": chat.violations()}
        chat.shoot(f"first-{scheme}")
        chat.ask("Ferry?")
        chat.ask("Fault")
        chat.ask("Owner?")
        chat.ask("Ferry?")
        chat.page.get_by_role("link", name="Source 1").first.click()
        found["answers"] = chat.violations()
        chat.shoot(f"answer-{scheme}")
        chat.page.locator("#source-1-1").get_by_role("button", name="Open whole").click()
        expect(chat.page.locator(".fonds-whole")).to_be_visible()
        found["document"] = chat.violations()
        chat.page.keyboard.press("Escape")
        for page in ("check", "archive", "evaluation"):
            chat.go(page)
            if page == "check":
                chat.page.get_by_label("Quotation").fill("The ferry has not run since Tuesday")
                chat.page.get_by_role("button", name="Check", exact=True).click()
                expect(chat.page.locator(".fonds-differences")).to_be_visible()
            if page == "archive":
                expect(chat.page.locator(".fonds-documents table")).to_be_visible()
            found[page] = chat.violations()
            chat.shoot(f"{page}-{scheme}")
        assert {page: ones for page, ones in found.items() if ones} == {}


def test_three_endpoints_are_public_and_the_browser_is_kept_to_this_host(url: str) -> None:
    with urllib.request.urlopen(url) as response:
        policy = response.headers["content-security-policy"]
        cookie = response.headers["set-cookie"]
        page = response.read().decode()
    assert "default-src 'self'" in policy and "http" not in policy
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "fonts.googleapis" not in page
    with urllib.request.urlopen(f"{url}/gradio_api/info") as response:
        offered = json.load(response)
    assert set(offered["named_endpoints"]) == {"/ask", "/search", "/verify"}
    assert offered["unnamed_endpoints"] == {}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/gradio_api/file=/etc/passwd")
    assert refused.value.code in (403, 404)
    refused.value.close()


def test_the_first_run_offers_the_sample_and_loads_files_with_a_report_of_the_bad_one(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text("A letter about the ice.", encoding="utf-8")
    (tmp_path / "bad.txt").write_text("no\0text", encoding="utf-8")
    with (
        served(tmp_path / "data", "empty") as address,
        browser.new_context(viewport=DESK, locale="en-GB") as context,
    ):
        chat = Chat(context.new_page(), address)
        expect(chat.page.get_by_role("heading", name="still empty")).to_be_visible()
        expect(chat.page.get_by_text("does not read scans")).to_be_visible()
        expect(chat.page.get_by_role("link", name="Load files")).to_be_visible()
        chat.shoot("first-run")
        chat.page.get_by_role("button", name="Open the sample archive").click()
        expect(chat.page.locator(".fonds-banner")).to_contain_text("invented")
        chat.page.get_by_role("button", name="Ferry: when did it stop?").click()
        expect(chat.last.locator(".fonds-foot")).to_be_visible()
        chat.go("archive")
        expect(chat.page.locator(".fonds-documents tbody tr")).to_have_count(3)
        chat.page.locator(".fonds-upload input[type=file]").set_input_files(
            [tmp_path / "good.txt", tmp_path / "bad.txt"]
        )
        report = chat.page.locator(".fonds-place-archive .fonds-report")
        expect(report).to_contain_text("1 added")
        expect(report).to_contain_text("bad.txt: is not text; save it as UTF-8")
        expect(chat.page.locator(".fonds-documents tbody tr")).to_have_count(1)
        expect(chat.page.locator(".fonds-banner")).to_have_count(0)
        chat.shoot("loaded")
        chat.check()
