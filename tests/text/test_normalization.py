from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.normalization import Keyed, equal_ignoring_typography, key

TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("aeиеЯ1 .\u0301\u0308\u0306\u1161\u11a8\u1100가é-"))
)

SAME = [
    ("e\u0301te\u0301", "été"),
    ("the\u00a0ice", "the ice"),
    ("the\u2009 ice\nwent", "the ice went"),
    ("the\u200b ice", "the ice"),
    ("exam\u00adple", "example"),
    ("exam-\nple", "example"),
    ("example", "exam-\r\nple"),
    ("exam\u00ad\nple", "example"),
    ("anti-\nJapanese", "anti-Japanese"),
    ("мото-\nцикл", "мотоцикл"),
    ("«лёд»", "„лёд“"),
    ("the “ice” went", 'the "ice" went'),
    ("don’t", "don't"),
    ("boats -- and men", "boats—and men"),
    ("pp. 16-18", "pp. 16–18"),
    ("ice , water", "ice, water"),
    ("the ice went", "the ice went."),
    ("“the ice went”", "the ice went."),
    ("№ 5", "№5"),
]
DIFFERENT = [
    ("now here", "nowhere"),
    ("Ice", "ice"),
    ("все", "всё"),
    ("и", "й"),
    ("№ 5", "No 5"),
    ("½", "1/2"),
    ("１", "1"),
    ("ﬁsh", "fish"),
    ("ice, water", "ice water"),
    ("ice.", "ice!"),
    ("ice.", "ice"),
    ("(ice)", "ice"),
    ("reform", "re-form"),
    ("161163", "161-\n163"),
    ("antiJapanese", "anti-\nJapanese"),
    ("ice…", "ice"),
    ("ice", "ice..."),
    ("за\u0301мок", "замок"),
]


@pytest.mark.parametrize(("quoted", "stored"), SAME)
def test_form_only(quoted: str, stored: str) -> None:
    assert equal_ignoring_typography(quoted, stored)
    assert key(quoted) == key(stored)


@pytest.mark.parametrize(("quoted", "stored"), DIFFERENT)
def test_more_than_form(quoted: str, stored: str) -> None:
    assert not equal_ignoring_typography(quoted, stored)


def test_key_keeps_case_letters_and_digits() -> None:
    assert key("В 1931 г. — «Ёж», №\u00a05; x²") == "В1931гЁж5x²"


@settings(deadline=None, max_examples=150)
@given(TEXT)
def test_key_of_every_composition(text: str) -> None:
    assert key(unicodedata.normalize("NFD", text)) == key(text)
    assert all(character.isalnum() for character in key(text))


@settings(deadline=None, max_examples=150)
@given(TEXT, st.data())
def test_places_in_the_key_lead_back(text: str, data: st.DataObject) -> None:
    keyed = Keyed(text)
    assert keyed.key == key(text)
    if keyed.key:
        start = data.draw(st.integers(0, len(keyed.key) - 1))
        end = data.draw(st.integers(start + 1, len(keyed.key)))
        first, last = keyed.span(start, end)
        assert 0 <= first < last <= len(text)
        if unicodedata.is_normalized("NFC", text):
            assert key(text[first:last]) == keyed.key[start:end]


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_every_text_has_its_own_form(text: str) -> None:
    assert equal_ignoring_typography(
        unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)
    )


@pytest.mark.parametrize("text", ["-" * 10**6, "a-\n" * 300_000, " " * 10**6, "'" * 10**6])
def test_linear(text: str) -> None:
    before = time.perf_counter()
    equal_ignoring_typography(text, text + "x")
    assert time.perf_counter() - before < 4
