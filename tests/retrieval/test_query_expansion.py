"""Words of a question in the other language: translations, capitals, names by sound."""

from __future__ import annotations

import pytest

from rag.models.lexicon import bundled
from rag.retrieval.metonyms import FILE, WEIGHT
from rag.retrieval.query_expansion import expand_query


@pytest.mark.parametrize(
    ("russian", "english"),
    [("дезертир", "desert"), ("кит", "whale"), ("троцк", "trotski"), ("цру", "cia"),
     ("ждал", "wait"), ("наркомат", "commissariat"), ("квжд", "eastern")],
)  # fmt: skip
def test_words_of_archives_are_known(russian: str, english: str) -> None:
    assert english in list(bundled().translations(russian, "ru"))[:3]


def test_a_capital_matches_words_for_its_country() -> None:
    def nothing(prefix: str) -> list[str]:
        return []

    for text, lang, wanted in (
        ("Paris", "en", "french"),
        ("Париж", "en", "franc"),
        ("Bucharest", "ru", "румын"),
        ("Москве", "ru", "советск"),
    ):
        (found,) = expand_query(text, lang, bundled(), nothing)
        assert 0 < found[wanted] <= WEIGHT, (text, found)
        assert max(found.values()) > found[wanted], text
    (found,) = expand_query("France", "en", bundled(), nothing)
    assert "pari" not in found


def test_the_table_of_capitals_is_valid() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines) and len(lines) > 45
    assert all(len(line.split("\t")) == 4 for line in lines)


def test_a_rare_name_finds_the_stems_that_sound_like_it() -> None:
    vocabulary = ["verifi", "vetrlng", "ventling", "vessel"]

    def starting(prefix: str) -> list[str]:
        return [stem for stem in vocabulary if stem.startswith(prefix)]

    (ventling,) = expand_query("Вентлинг", "en", bundled(), starting)
    assert "ventling" in ventling and "vessel" not in ventling
    (number,) = expand_query("2217", "ru", bundled(), starting)
    assert number == {"2217": 1.0}
    (other,) = expand_query("Briefe", "de", bundled(), starting)
    assert list(other.values()) == [1.0]
