"""Words of archives: the collected terms, and the forms of dictionary words."""

from __future__ import annotations

import pytest

from eval.training.lexicon.inflect import other_forms
from eval.training.lexicon.pairs import TERMS, clean
from index_store.analysis.stemming import stems
from rag.models.lexicon import bundled
from rag.retrieval.metonyms import FILE, WEIGHT
from rag.retrieval.query_expansion import words


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


def test_a_capital_stands_for_its_country() -> None:
    def nothing(prefix: str) -> list[str]:
        return []

    for text, lang, wanted in (
        ("Paris", "en", "french"),
        ("Париж", "en", "franc"),
        ("Bucharest", "ru", "румын"),
        ("Москве", "ru", "советск"),
    ):
        (found,) = words(text, lang, bundled(), nothing)
        assert 0 < found[wanted] <= WEIGHT, (text, found)
        assert max(found.values()) > found[wanted], text
    (found,) = words("France", "en", bundled(), nothing)
    assert "pari" not in found


def test_the_table_of_capitals_is_whole() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines) and len(lines) > 45
    assert all(len(line.split("\t")) == 4 for line in lines)
