"""The words of the interface: both languages, numbers, dates, warnings."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from index_store.types import DocumentWarning
from rag import Archive
from rag.types import Filters, ShownDocument
from tests.kits.fake_documents import LINDQVIST
from tests.kits.page_kit import Page
from ui_assets.view import render
from ui_assets.view.localizer import Localizer
from ui_assets.view.words import LANGUAGES
from ui_assets.view.words.english import ENGLISH
from ui_assets.view.words.russian import RUSSIAN


def test_warnings_are_in_the_readers_language() -> None:
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
    assert "The document has no date" in english and "Dated <1931>; signed 1932." in english
    assert "Документ без даты" in russian and "The document has no date." not in russian
    assert "расходится с датой в тексте." in russian and "Dated <1931>; signed 1932." in russian
    assert "Something else." in russian


def test_every_kind_of_warning_has_russian_words(sample_archive: Archive) -> None:
    codes = {w.code for d in sample_archive.documents() for w in d.warnings}
    assert {"duplicate", "halves_differ"} <= codes <= RUSSIAN.warnings.keys()
    assert ENGLISH.warnings.keys() == RUSSIAN.warnings.keys()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["27 November 1931", "1930–1932", "undated", "<b>"]),
        ("ru", ["27 ноября 1931 г.", "1930–1932 гг.", "без даты", "<b>"]),
    ],
)
def test_dates_are_written_in_words(lang: str, said: list[str]) -> None:
    voice = Localizer(lang)
    told = [voice.date(edtf) for edtf in ("1931-11-27", "1930/1932", None, "<b>")]
    assert told == said


def test_every_language_has_every_text_that_is_used() -> None:
    for language in LANGUAGES.values():
        assert language.texts.keys() == ENGLISH.texts.keys()
        assert language.nouns.keys() == ENGLISH.nouns.keys()
        for key, text in language.texts.items():
            assert text, key
            values = [set(re.findall(r"\{(\w+)\}", t)) for t in (text, ENGLISH.texts[key])]
            assert values[0] == values[1], key
    used: set[str] = set()
    for asset in render.ASSETS.glob("*.html"):
        used |= set(re.findall(r"\bt\(['\"](\w+)['\"]", asset.read_text(encoding="utf-8")))
    assert used and used <= ENGLISH.texts.keys()
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
    assert [Localizer(lang).count("document", n) for lang in ("en", "ru")] == [en, ru]


def test_filters_are_chips_in_words() -> None:
    filters = Filters(date_from="1907", date_to="1908", lang="ru", exclude=(LINDQVIST.document_id,))
    chips = render.chips(filters, [LINDQVIST], "en")
    assert [(chip.field, chip.label, chip.value) for chip in chips] == [
        ("dates", "Years", "1907–1908"),
        ("lang", "Language", "Russian"),
        ("exclude", "without", LINDQVIST.title),
    ]
