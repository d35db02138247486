"""Archival references in both alphabets."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.records.shelfmarks import is_shelfmark, parse, same, strip_label


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("RGASPI F. 74. Op. 2. D. 38. L. 48-51.", ("RGASPI", "74", "2", "38", "48-51")),
        (
            "РГАСПИ. Ф. 558. Оп. 11. Д. 45. Л. 12–13 об.",
            ("РГАСПИ", "558", "11", "45", "12–13 об."),
        ),
        ("ГАРФ. Ф. Р-5446. Оп. 1. Д. 10. Лл. 5, 7-9", ("ГАРФ", "Р-5446", "1", "10", "5, 7-9")),
        ("АВП РФ, ф. 05, оп. 11, п. 77, д. 45, л. 3", ("АВП РФ", "05", "11", "45", "3")),
        ("rgaspi f.17 op.162 d.11 l.22", ("rgaspi", "17", "162", "11", "22")),
        ("RGAE, Fond 4372, Opis 9, Ed. khr. 45, LL. 2-3", ("RGAE", "4372", "9", "45", "2-3")),
        ("TsGA SPb. F. 7384. Op. 17", ("TsGA SPb", "7384", "17", None, None)),
        ("Ф. 558. Оп. 11. Д. 45", ("", "558", "11", "45", None)),
        ("GARF F. 5446", ("GARF", "5446", None, None, None)),
        ("[AA: A1608, B41/1/6]", ("AA", None, None, None, None)),
    ],
)
def test_parse(text: str, parts: tuple[str | None, ...]) -> None:
    mark = parse(text)
    assert mark is not None
    assert (mark.archive, mark.fond, mark.opis, mark.delo, mark.leaves) == parts
    assert is_shelfmark(text)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Stalin",
        "ф. 17",
        "Letter F. 17",
        "Dear F. 74 men",
        "He found it in RGASPI F. 74. Op. 2.",
        "RGASPI F. 74. Op. 2. D. 38. L. 48-51, a copy",
        "Source: Letters. 1928-1941, pp. 161-163.",
        "Переписка. 1931–1936 гг. С. 101.",
        "27/XI-31.",
    ],
)
def test_no_shelfmark(line: str) -> None:
    assert not is_shelfmark(line)


def test_same() -> None:
    mark = "RGASPI F. 74. Op. 2. D. 38. L. 48-51."
    assert same(mark, "РГАСПИ. Ф. 74. Оп. 2. Д. 38. Л. 48–51")
    assert same(mark, "Archive: rgaspi, fond 74, opis 2, delo 38, ll. 48 - 51")
    assert not same(mark, "РГАСПИ. Ф. 74. Оп. 2. Д. 38. Л. 48–52")
    assert not same(mark, "РГАСПИ. Ф. 74. Оп. 2. Д. 38")
    assert not same(mark, "ГАРФ. Ф. 74. Оп. 2. Д. 38. Л. 48–51")
    assert not same("РГАСПИ Ф. 7. Оп. 42. Д. 38", "РГАСПИ Ф. 74. Оп. 2. Д. 38")
    assert same("[AA:A1608,B41/1/6]", "[AA: A1608, B41/1/6]")
    assert not same("", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("С. 101.", "С. 101"),
        ("Source: Letters. 1928-1941, pp. 161-163.", "Letters. 1928-1941, pp. 161-163"),
        ("Источник: Переписка. 1931–1936 гг. С. 101.", "Переписка. 1931–1936 гг. С. 101"),
        ("Переписка. 1931–1936 гг.", "Переписка. 1931–1936 гг."),
        ("Archival reference: GARF F. 5. Op. 1.", "GARF F. 5. Op. 1"),
        ("Архив: ГАРФ. Ф. 5. Оп. 1. Л. 12 об.", "ГАРФ. Ф. 5. Оп. 1. Л. 12 об."),
        ("Опубликовано: Правда.", "Правда"),
        ("Published: Letters", "Letters"),
        ("Printed in Forest News, 5 May 1931.", "Forest News, 5 May 1931"),
        ("Source Book of the North.", "Source Book of the North"),
        ("Published letters", "Published letters"),
        ("and so on ...", "and so on ..."),
    ],
)
def test_strip_label(text: str, expected: str) -> None:
    assert strip_label(text) == expected


@given(
    st.sampled_from(["РГАСПИ", "ГАРФ", "RGASPI", "AVP RF"]),
    st.lists(st.integers(1, 9999), min_size=4, max_size=4),
)
@settings(deadline=None, max_examples=50)
def test_both_spellings_of_a_mark_are_the_same(archive: str, numbers: list[int]) -> None:
    fond, opis, delo, leaf = numbers
    latin = f"{archive} F. {fond}. Op. {opis}. D. {delo}. L. {leaf}"
    cyrillic = f"{archive}, ф. {fond}, оп. {opis}, д. {delo}, л. {leaf}."
    mark = parse(latin)
    assert mark is not None
    assert (mark.archive, mark.text) == (archive, latin)
    assert same(latin, cyrillic)
    assert not same(latin, latin + "0")


@pytest.mark.parametrize("unit", ["Л. 12-", "Ф. 1. ", "Source: ", ". ", "1, "])
def test_time_is_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    is_shelfmark(text)
    strip_label(text)
    same(text, text)
    assert time.process_time() - started < 2
