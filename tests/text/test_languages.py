"""The words of each language: complete, and true patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest

from rag import dates
from rag.text.language import Language
from rag.text.languages import LANGUAGES, either, language, union


def patterns(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a language with the name of its field."""
    if is_dataclass(value):
        for field in fields(value):
            yield from patterns(getattr(value, field.name), field.name)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from patterns(item, name)
    elif isinstance(value, tuple):
        for item in value:
            yield from patterns(item, name)
    elif isinstance(value, str):
        yield name, value


@pytest.mark.parametrize("each", LANGUAGES, ids=lambda each: each.code)
def test_every_text_is_a_pattern(each: Language) -> None:
    for name, pattern in patterns(each):
        re.compile(pattern)
        if name not in ("code", "name"):
            assert not pattern.startswith("|") and not pattern.endswith("|"), name
            assert "||" not in pattern, name


TABLES: dict[str, Callable[[Language], Mapping[str, object]]] = {
    "types": lambda each: each.documents.types,
    "title_types": lambda each: each.documents.title_types,
    "questions": lambda each: each.questions.field,
    "followups": lambda each: each.followups.field,
    "field_question": lambda each: each.followups.field_question,
    "kinds": lambda each: each.answers.kinds,
    "field_labels": lambda each: each.answers.field_labels,
}


@pytest.mark.parametrize("table", TABLES)
def test_languages_have_the_same_entries(table: str) -> None:
    first, *others = (list(TABLES[table](each)) for each in LANGUAGES)
    assert first and all(other == first for other in others)


@pytest.mark.parametrize("each", LANGUAGES, ids=lambda each: each.code)
def test_months_are_read_as_they_are_written(each: Language) -> None:
    assert len(each.dates.months) == len(each.dates.months_with_day) == 12
    for number, month in enumerate(each.dates.months_with_day, 1):
        found = dates.parse(f"5 {month} 1931")
        assert found is not None and found.edtf == f"1931-{number:02}-05"
    for number, month in enumerate(each.dates.months, 1):
        found = dates.parse(f"{month} 1931")
        assert found is not None and found.edtf == f"1931-{number:02}"


@pytest.mark.parametrize("each", LANGUAGES, ids=lambda each: each.code)
def test_lists_of_lower_case_words_are_in_lower_case(each: Language) -> None:
    lists = (
        each.sentences.never_end, each.sentences.numbered, each.names.titles, each.names.common,
        each.questions.asking, each.verbs.say, each.documents.machine_translator,
        each.documents.unnamed_translator, each.followups.subjects,
    )  # fmt: skip
    assert all(word == word.lower() for words in lists for word in words)


def test_codes_are_unique_and_an_unknown_one_has_english_words() -> None:
    assert [language(each.code) for each in LANGUAGES] == list(LANGUAGES)
    assert language("de").code == "en"


def test_either_and_union_join_what_languages_have() -> None:
    assert either(lambda each: each.conjunction) == "and|и"
    assert either(lambda each: each.dates.year) == "год(?:а|у|ом|е|ы|ов|ах)?|гг?"
    assert union(lambda each: each.documents.machine_translator) == {
        "ai", "machine", "mt", "ии", "машинный"
    }  # fmt: skip
