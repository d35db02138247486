from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Document
from rag.text.chunking import (
    MAX_JOINED_WORDS,
    MAX_PARAGRAPH_WORDS,
    MAX_PASSAGE_CHARS,
    MAX_PIECE_WORDS,
    split,
)

WORDS = re.findall(
    r"\w+", "the grain boat lay in the river until the thaw came and the men went home"
)


def document(text: str) -> Document:
    return Document("d", "d", "en", text)


def prose(words: int) -> str:
    """A paragraph of so many words in sentences of fifteen."""
    told = [WORDS[i % 15] for i in range(words)]
    return " ".join(" ".join(told[i : i + 15]).capitalize() + "." for i in range(0, words, 15))


def check(text: str) -> list[str]:
    passages = split(document(text))
    last = 0
    for ordinal, passage in enumerate(passages):
        assert (passage.passage_id, passage.ordinal) == (f"d#{ordinal}", ordinal)
        assert passage.text == text[passage.start : passage.end] == passage.text.strip() != ""
        assert passage.start >= last
        assert not text[last : passage.start].strip()
        assert len(passage.text) <= MAX_PASSAGE_CHARS
        assert len(passage.text.split()) <= MAX_JOINED_WORDS
        last = passage.end
    assert not text[last:].strip()
    return [passage.text for passage in passages]


ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.text(st.sampled_from("ab. \n\r\t\u2028\x00\u0301я,;—"), max_size=200),
    st.lists(
        st.sampled_from(["word", "Word.", "x" * 900, "\n", "\n\n", " ", "é\u0301" * 600, "а; "]),
        max_size=150,
    ).map(" ".join),
)


@settings(deadline=None, max_examples=100)
@given(ANY_TEXT)
def test_any_text(text: str) -> None:
    check(text)


def test_paragraphs() -> None:
    paragraphs = [prose(60), prose(MAX_PARAGRAPH_WORDS), prose(30)]
    assert check("\n\n".join(paragraphs)) == paragraphs


def test_one_paragraph_a_line() -> None:
    paragraphs = [prose(80), prose(45), prose(120)]
    assert check("\n".join(paragraphs)) == paragraphs


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    lines = [prose(150)[i : i + 70] for i in range(0, len(prose(150)), 70)]
    assert len(check("\n".join(lines))) == 1


def test_short_paragraphs_join_their_neighbours() -> None:
    letter = (
        f"Report on the ice\n\nDear Anna,\n\n{prose(60)}\n\n{prose(50)}\n\nYours,\nPavel\n\n1927"
    )
    first, second = check(letter)
    assert first.startswith("Report") and first.endswith(prose(60))
    assert second.startswith(prose(50)) and second.endswith("1927")


def test_long_paragraphs_are_cut_at_sentences_into_even_pieces() -> None:
    pieces = check(prose(700))
    assert [piece[-1] for piece in pieces] == ["."] * len(pieces)
    assert all(120 <= len(piece.split()) <= MAX_PIECE_WORDS for piece in pieces)


def test_a_heading_goes_with_a_paragraph_that_is_cut() -> None:
    assert check(f"On grain\n\n{prose(400)}")[0].startswith("On grain\n\nThe grain")


def test_an_endless_sentence_is_cut_at_its_clauses() -> None:
    clause = "and the boat lay in the river, "
    pieces = check((clause * 100).strip())
    assert all(piece.endswith(",") for piece in pieces)


def test_no_piece_begins_with_a_mark() -> None:
    pieces = check("и\u0306е\u0308" * 2000)
    assert all(piece[0] in "ие" for piece in pieces)


def test_blank_text_has_no_passages() -> None:
    assert split(document(" \n\u2028\t")) == []


@pytest.mark.parametrize(
    "text",
    [
        "word and others, so. " * 50_000,
        "x" * 10**6,
        "汉" * 10**6,
        "a " * 200_000,
        "e\u0301" * 10**5,
    ],
    ids=["line", "word", "unspaced", "letters", "marks"],
)
def test_linear(text: str) -> None:
    before = time.perf_counter()
    check(text)
    assert time.perf_counter() - before < 5
