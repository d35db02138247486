"""Marks on the pages of real files in a real Chromium: a PDF, and a scan with its ALTO.

The files are read, stored, asked and shown as for a reader; what the marks hold is counted in
pixels against where each word was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from rag.archive import Archive
from rag.settings import Settings
from tests.kits.browser_kit import DESKTOP, PHONE, Chat, served
from tests.kits.bundled import bundled
from tests.kits.drawn_pages import DrawnPage, draw
from tests.kits.ink import Placed, found, inked
from tests.kits.pdf_kit import SIZE, WIDTH, pdf, prose

pytestmark = pytest.mark.browser

FIRST = (
    "Dear Nikolai Andreyevich, the harbour master asked for forty sacks of coal before the ice "
    "closed the strait, and I gave him my word that he should have them. He wrote the order into "
    "the great book himself and gave it to the boatswain, who can read figures but not letters, "
    "and so nobody noticed that the day was left out.",
    "You will remember the winter when the lamp on the north mole went dark for a week. It was "
    "the same book then, and the same hand. I do not say that anyone meant harm. I say that a "
    "book without days is a drawer without a bottom: what you put into it falls through, and the "
    "man who stands below it is not always an honest one.",
)
SECOND = (
    "On the second of December the sledges came back half empty. Eleven men had gone out with "
    "them, nine of ours and two from the customs house, and each of them swore that they had "
    "been loaded on the quay in the presence of the watch.",
    "The storekeeper sent only thirty-eight sacks over the ice, and nobody could tell who had "
    "kept the other two. I went to see him that evening with the book under my coat. He gave me "
    "tea, he gave me sugar, and he gave me no answer at all.",
    "I have locked the book in the iron chest and I keep the key on a cord about my neck. If the "
    "commission comes before the thaw, let them ask the boatswain first, and let them ask him "
    "about the tarpaulin.",
    "Your K. Haldane",
)
LETTER = [prose(*(wrap(text, 58) for text in page)) for page in (FIRST, SECOND)]
SIDECAR = """\
title: "K. Haldane to N. A. Velin, on the coal"
date: 1908-12-05
author: K. Haldane
recipient: N. A. Velin
archival_ref: Harbour Archive F. 3. Op. 2. D. 11. L. 4-5
"""
LOG = (
    "From the log of the lighthouse.", "", "On the ninth of March the keeper saw",
    "a green lantern drifting beyond the reef.", "He rang the bell until the morning came.",
)  # fmt: skip
PDF_QUESTION = "How many sacks did the storekeeper send over the ice?"
SCAN_QUESTION = "What did the keeper see beyond the reef on the ninth of March?"


def pdf_words() -> list[Placed]:
    """The words of the letter: each in a cell as wide as its letters and as high as its line."""
    placed = []
    for number, lines in enumerate(LETTER, 1):
        for x, y, line in lines:
            at = 0
            for word in line.split():
                at = line.index(word, at)
                left, wide = x + at * SIZE * WIDTH, len(word) * SIZE * WIDTH
                cell = (left / 595, (842 - y - 8) / 842, wide / 595, 11 / 842)
                placed.append(Placed(word, number, cell))
                at += len(word)
    return placed


def scan_words(page: DrawnPage) -> list[Placed]:
    wide, high = page.image.size
    return [
        Placed(word.text, 1, (x / wide, y / high, w / wide, h / high))
        for line in page.lines
        for word in line
        for x, y, w, h in [word.box]
    ]


def alto(page: DrawnPage, picture: str) -> str:
    """The page as ALTO 4, in one block."""
    wide, high = page.image.size
    lines = []
    for line in filter(None, page.lines):
        words = (
            f'<String CONTENT="{word.text}" HPOS="{x}" VPOS="{y}" WIDTH="{w}" HEIGHT="{h}"/>'
            for word in line
            for x, y, w, h in [word.box]
        )
        lines.append(f"<TextLine>{'<SP/>'.join(words)}</TextLine>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">'
        "<Description><MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation>"
        f"<fileName>{picture}</fileName></sourceImageInformation></Description><Layout>"
        f'<Page ID="p" PHYSICAL_IMG_NR="1" WIDTH="{wide}" HEIGHT="{high}"><PrintSpace HPOS="0"'
        f' VPOS="0" WIDTH="{wide}" HEIGHT="{high}"><TextBlock ID="b">{"".join(lines)}</TextBlock>'
        "</PrintSpace></Page></Layout></alto>"
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real chat over a store with the letter and the scan."""
    folder = tmp_path_factory.mktemp("marks")
    letter, log, scan = folder / "letter.pdf", folder / "log.xml", draw(LOG)
    letter.write_bytes(pdf(LETTER))
    (folder / "letter.pdf.meta.yaml").write_text(SIDECAR, encoding="utf-8")
    log.write_text(alto(scan, "log.png"), encoding="utf-8")
    (folder / "log.png").write_bytes(scan.encoded())
    with Archive(Settings(store=folder / "store"), bundled()) as archive:
        report = archive.ingest([letter, log])
        assert (report.added, report.failures) == (2, ()), report
    with served(folder, module="ui", errors=folder / "errors") as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("question", "words"),
    [(PDF_QUESTION, pdf_words()), (SCAN_QUESTION, scan_words(draw(LOG)))],
    ids=["pdf", "alto"],
)
def test_the_marks_hold_the_ink_of_the_quoted_words(
    browser: Browser, url: str, question: str, words: list[Placed], scheme: str
) -> None:
    """In the panel at two widths of the window, zoomed, and in full screen."""
    with browser.new_context(
        viewport=DESKTOP, color_scheme=scheme, locale="en-GB", device_scale_factor=2  # type: ignore[arg-type]
    ) as context:  # fmt: skip
        chat = Chat(context.new_page(), url)
        chat.ask(question)
        source = chat.page.locator("#source-1-1")
        quote = source.locator("mark").inner_text()
        source.get_by_role("tab", name="Page").click()
        view = source.locator(".fonds-page")
        measured = {}

        def measure(name: str) -> None:
            img = view.locator("img")
            expect(img).to_be_visible()
            img.evaluate("image => image.decode()")
            chat.page.wait_for_timeout(150)
            measured[name] = inked(chat.page, view, words, quote)

        wider: ViewportSize = {"width": 1920, "height": 1000}
        for size in (DESKTOP, wider):
            chat.page.set_viewport_size(size)
            measure(f"{size['width']}")
        source.get_by_role("button", name="Larger").click()
        measure("zoomed")
        source.get_by_role("button", name="Full screen").click()
        view = chat.page.locator("#fonds-page-dialog .fonds-page")
        measure("full")
        print(scheme, {name: (round(a, 4), round(b, 4)) for name, (a, b) in measured.items()})
        assert all(held >= 0.99 and foreign <= 0.01 for held, foreign in measured.values()), (
            measured
        )
        chat.check()


def test_the_mark_stands_on_a_checked_quotation_of_the_first_page(
    browser: Browser, url: str
) -> None:
    """A quotation that begins and ends within lines, on a phone."""
    quote = "master asked for forty sacks"
    with browser.new_context(
        viewport=PHONE, has_touch=True, locale="en-GB", device_scale_factor=3
    ) as context:
        chat = Chat(context.new_page(), url)
        chat.go("check")
        chat.page.get_by_label("Quotation").fill(quote)
        chat.page.get_by_role("button", name="Check", exact=True).click()
        chat.page.get_by_role("button", name="Show on the page").click()
        view = chat.page.locator("#fonds-page-dialog .fonds-page")
        expect(view.locator(".fonds-box")).to_have_count(2)
        view.locator("img").evaluate("image => image.decode()")
        held, foreign = inked(chat.page, view, pdf_words(), quote)
        assert held >= 0.99 and foreign <= 0.01
        assert len(pdf_words()[found(quote, pdf_words())]) == 5
        chat.check()


def test_the_states_that_the_guide_shows(browser: Browser, url: str) -> None:
    """FONDS_SHOTS names a folder for the screenshots; the two of `docs/images` are these."""
    for name, size, ratio in (("page-view", DESKTOP, 1), ("page-view-phone", PHONE, 2)):
        with browser.new_context(
            viewport=size, locale="en-GB", device_scale_factor=ratio
        ) as context:
            chat = Chat(context.new_page(), url)
            chat.ask(PDF_QUESTION)
            chat.last.locator("a.fonds-marker").first.click()
            source = chat.page.locator("#source-1-1")
            source.get_by_role("tab", name="Page").click()
            source.get_by_role("button", name="Larger").click()
            source.get_by_role("button", name="Larger").click()
            expect(source.locator(".fonds-box").first).to_be_in_viewport()
            chat.page.mouse.move(5, 5)
            source.locator("img").evaluate("image => image.decode()")
            chat.shoot(name)
            assert chat.violations() == []
            chat.check()


def test_the_answer_names_the_page_and_so_does_its_export(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    with browser.new_context(viewport=DESKTOP, locale="en-GB") as context:
        chat = Chat(context.new_page(), url)
        chat.ask(PDF_QUESTION)
        expect(chat.page.locator("#source-1-1 .fonds-fields")).to_contain_text("page 2")
        chat.page.locator(".fonds-more summary").first.click()
        with chat.page.expect_download() as saved:
            chat.page.get_by_role("button", name="Export as Markdown").click()
        path = tmp_path / "saved.md"
        saved.value.save_as(path)
        assert "- Page: 2\n" in path.read_text(encoding="utf-8")
        chat.check()
