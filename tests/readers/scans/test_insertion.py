"""Recognised pages among pages with text: no word is lost, and each keeps its place."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index_store.layout import Layout, Page, WordBox
from index_store.types import Document
from rag.readers.scans.insertion import Part, inserted

_WORDS = st.lists(st.text("abй", min_size=1, max_size=4), min_size=1, max_size=4)


def text_of(pages: list[tuple[int, list[str]]]) -> Part:
    """The words of pages, with one box each, whose x is their number on the page."""
    text, labels, boxes = "", [], []
    for number, (frame, words) in enumerate(pages):
        text += " " if text else ""
        labels.append((len(text), str(frame + 1)))
        for n, word in enumerate(words):
            text += " " if n else ""
            boxes.append(WordBox(len(text), len(text) + len(word), number, n / 10, 0.0, 0.1, 0.1))
            text += word
    printed = tuple(Page(str(frame + 1), 10.0, 10.0, "", frame) for frame, _ in pages)
    return Part(text, tuple(labels), Layout(printed, tuple(boxes)))


@given(st.lists(st.tuples(st.booleans(), _WORDS), min_size=1, max_size=6), st.booleans())
def test_every_word_keeps_its_page_and_box(
    pages: list[tuple[bool, list[str]]], are_alike: bool
) -> None:
    """Also where the pages with text have the same label."""
    printed = [(n, words) for n, (is_read, words) in enumerate(pages) if not is_read]
    base = text_of(printed)
    document = Document("a", "a", "en", base.text, pages=base.pages, layout=base.layout)
    runs: list[list[tuple[int, list[str]]]] = []
    for n, (is_read, words) in enumerate(pages):
        if is_read and runs and runs[-1][-1][0] == n - 1:
            runs[-1].append((n, words))
        elif is_read:
            runs.append([(n, words)])
    if are_alike:
        document = replace(document, pages=tuple((o, "[n. p.]") for o, _ in base.pages))
    numbers = [n for n, _ in printed]
    found = inserted(document, numbers, {run[0][0]: text_of(run) for run in runs})
    assert found.text.split() == [word for _, words in pages for word in words]
    assert found.layout is not None
    assert [page.frame for page in found.layout.pages] == list(range(len(pages)))
    placed = [(found.text[w.start : w.end], w.page, w.x) for w in found.layout.words]
    assert placed == [
        (word, n, i / 10) for n, (_, words) in enumerate(pages) for i, word in enumerate(words)
    ]
    labels = [
        "[n. p.]" if are_alike and not is_read else str(n + 1)
        for n, (is_read, _) in enumerate(pages)
    ]
    assert [label for _, label in found.pages] == labels
    assert all(not found.text[offset].isspace() for offset, _ in found.pages)


def test_a_word_that_runs_over_stays_whole() -> None:
    boxes = (WordBox(4, 7, 0, 0.8, 0.9, 0.1, 0.1), WordBox(7, 11, 1, 0.1, 0.1, 0.1, 0.1))
    printed = (Page("1", 1, 1, "", 0), Page("3", 1, 1, "", 2))
    pages = ((0, "1"), (7, "3"))
    document = Document(
        "a", "a", "en", "the harbour froze", pages=pages, layout=Layout(printed, boxes)
    )
    found = inserted(document, [0, 2], {1: text_of([(1, ["photograph"])])})
    assert found.text == "the harbour\n\nphotograph\n\nfroze"
    assert found.pages == ((0, "1"), (7, "3"), (13, "2"), (25, "3"))
    assert found.layout
    assert [word.page for word in found.layout.words] == [0, 2, 1]
