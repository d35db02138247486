"""Short facts of a record, and the kinds of text that a title names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index_store.types import Document, DocumentWarning
from rag.records.description import NOT_GIVEN, differs, field_values, header_of, record_of
from rag.records.document_types import THING, TYPES, types_in_title

LETTER = Document(
    "a.ru", "a", "ru", "Лёд.", title="On ice", author="Лидин", date="1927", date_text="1927 г."
)
OTHER = replace(LETTER, warnings=(DocumentWarning("halves_differ", "…"),))


def test_versions_that_differ_are_records_of_their_own() -> None:
    assert (differs(LETTER), record_of(LETTER)) == (False, "a")
    assert (differs(OTHER), record_of(OTHER)) == (True, "a.ru")
    undated = replace(LETTER, warnings=(DocumentWarning("undated", "…"),))
    assert not differs(undated)


def test_a_header_has_each_value_once() -> None:
    assert header_of(LETTER) == "On ice Лидин 1927 г. 1927"
    assert header_of(replace(LETTER, recipient="Лидин", date_text="1927")) == "On ice Лидин 1927"


def test_a_missing_field_is_not_given_and_a_shelf_mark_brings_the_source() -> None:
    assert field_values(LETTER, ["author", "place"]) == {"author": "Лидин", "place": NOT_GIVEN}
    assert list(field_values(LETTER, ["archival_ref"])) == ["archival_ref", "source"]


@pytest.mark.parametrize(
    ("title", "types"),
    [
        ("Letter from Lidin to Varina", {"letter"}),
        ("Письмо Лидина Вариной", {"letter"}),
        ("Отчёт о речи наркома", {"report", "speech"}),
        ("Постановление; запись беседы", {"resolution", "conversation"}),
        ("Letterhead, noted", set()),
    ],
)
def test_types_in_title(title: str, types: set[str]) -> None:
    assert types_in_title(title) == types


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("cablegrams", "telegram"), ("телеграммы", "telegram"), ("писем", "letter"),
        ("minutes", "minutes"), ("протоколе", "minutes"), ("despatches", "record"),
    ],
)  # fmt: skip
def test_document_words(word: str, name: str) -> None:
    assert THING.fullmatch(word)
    assert [key for key, pattern in TYPES.items() if pattern.fullmatch(word)] == [name]
