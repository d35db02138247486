"""Words of archives: the collected terms, and the forms of dictionary words."""

from __future__ import annotations

import pytest

from index_store.lexical import stems
from rag.bilingual.inflect import other_forms
from rag.bilingual.lexicon import bundled
from rag.bilingual.pairs import TERMS, clean


def test_a_dictionary_word_comes_with_its_other_stems() -> None:
    """The stemmer has "ждал" apart from "ждать"; a word that stems alike is not given twice."""
    forms = other_forms("ждать")
    assert "ждал" in forms
    found = [stems(form) for form in ["ждать", *forms]]
    assert len(found) == len({tuple(stem) for stem in found})
    assert other_forms("дезертир") == [] and other_forms("тыдыщщ") == []


def test_the_terms_of_archives_are_whole() -> None:
    lines = TERMS.read_text(encoding="utf-8").splitlines()
    assert len(set(lines)) == len(lines) > 900
    for line in lines:
        english, russian = line.split("\t")
        assert clean("terms", english, russian), line


@pytest.mark.parametrize(
    ("russian", "english"),
    [("дезертир", "desert"), ("кит", "whale"), ("троцк", "trotski"), ("цру", "cia"),
     ("ждал", "wait"), ("наркомат", "commissariat"), ("квжд", "eastern")],
)  # fmt: skip
def test_words_of_archives_are_known(russian: str, english: str) -> None:
    assert english in list(bundled().translations(russian, "ru"))[:3]
