"""Uncertain dates in English and Russian, in metadata, in questions and under letters."""

from __future__ import annotations

import datetime
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import dates

DAY = datetime.date


@pytest.mark.parametrize(
    ("text", "edtf", "first", "last"),
    [
        ("1931", "1931", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("1931-11", "1931-11", DAY(1931, 11, 1), DAY(1931, 11, 30)),
        ("1931?", "1931?", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("1930/1932", "1930/1932", DAY(1930, 1, 1), DAY(1932, 12, 31)),
        ("../1931-08-15", "../1931-08-15", None, DAY(1931, 8, 15)),
        ("1931-08-15/..", "1931-08-15/..", DAY(1931, 8, 15), None),
        ("193X", "193X", DAY(1930, 1, 1), DAY(1939, 12, 31)),
        ("1931-XX", "1931-XX", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("late November 1931", "1931-11", DAY(1931, 11, 21), DAY(1931, 11, 30)),
        ("в конце ноября 1931", "1931-11", DAY(1931, 11, 21), DAY(1931, 11, 30)),
        ("mid-February 1932", "1932-02", DAY(1932, 2, 11), DAY(1932, 2, 20)),
        ("early 1932", "1932", DAY(1932, 1, 1), DAY(1932, 4, 30)),
        ("начало 1930-х гг.", "193X", DAY(1930, 1, 1), DAY(1933, 12, 31)),
        ("summer 1931", "1931-06/1931-08", DAY(1931, 6, 1), DAY(1931, 8, 31)),
        ("зима 1931", "1931-01/1932-02", DAY(1931, 1, 1), DAY(1932, 2, 29)),
        ("зима 1931/32", "1931-12/1932-02", DAY(1931, 12, 1), DAY(1932, 2, 29)),
        ("circa 1931", "1931~", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("около 1931 г.", "1931~", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("before 15 August 1931", "../1931-08-15", None, DAY(1931, 8, 14)),
        ("до 15 августа 1931", "../1931-08-15", None, DAY(1931, 8, 14)),
        ("not later than 15 August 1931", "../1931-08-15", None, DAY(1931, 8, 15)),
        ("не позднее 15 августа 1931 г.", "../1931-08-15", None, DAY(1931, 8, 15)),
        ("after March 1932", "1932-03/..", DAY(1932, 4, 1), None),
        ("не ранее 3 марта 1932 г.", "1932-03-03/..", DAY(1932, 3, 3), None),
        ("between 3 and 7 March 1932", "1932-03-03/1932-03-07", DAY(1932, 3, 3), DAY(1932, 3, 7)),
        ("между 3 и 7 марта 1932 г.", "1932-03-03/1932-03-07", DAY(1932, 3, 3), DAY(1932, 3, 7)),
        ("March 3–7, 1932", "1932-03-03/1932-03-07", DAY(1932, 3, 3), DAY(1932, 3, 7)),
        ("28 февраля – 3 марта 1932", "1932-02-28/1932-03-03", DAY(1932, 2, 28), DAY(1932, 3, 3)),
        (
            "не ранее 3 марта и не позднее 7 апреля 1932 г.",
            "1932-03-03/1932-04-07",
            DAY(1932, 3, 3),
            DAY(1932, 4, 7),
        ),
        ("1931 or later", "1931/..", DAY(1931, 1, 1), None),
        ("from March 1932 onwards", "1932-03/..", DAY(1932, 3, 1), None),
        ("с 1931 года и далее", "1931/..", DAY(1931, 1, 1), None),
        ("1930–1932 гг.", "1930/1932", DAY(1930, 1, 1), DAY(1932, 12, 31)),
        ("../1935", "../1935", None, DAY(1935, 12, 31)),
        ("1930/..", "1930/..", DAY(1930, 1, 1), None),
        ("1931~", "1931~", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("first half of 1973", "1973", DAY(1973, 1, 1), DAY(1973, 6, 30)),
        ("во второй половине ноября 1931 г.", "1931-11", DAY(1931, 11, 16), DAY(1931, 11, 30)),
        ("первая половина 1930-х гг.", "193X", DAY(1930, 1, 1), DAY(1934, 12, 31)),
        ("1931 or 1932", "1931/1932", DAY(1931, 1, 1), DAY(1932, 12, 31)),
        ("by March 1932", "../1932-03", None, DAY(1932, 3, 31)),
        ("к 1935 году", "../1935", None, DAY(1935, 12, 31)),
        (
            "между январём и июнем 1973 года",
            "1973-01/1973-06",
            DAY(1973, 1, 1),
            DAY(1973, 6, 30),
        ),
        ("9 іюля 1907 г.", "1907-07-09", DAY(1907, 7, 9), DAY(1907, 7, 9)),
        ("[1931?]", "1931?", DAY(1931, 1, 1), DAY(1931, 12, 31)),
        ("[before 15 August 1931]", "../1931-08-15", None, DAY(1931, 8, 14)),
    ],
)
def test_uncertain_dates(
    text: str, edtf: str, first: datetime.date | None, last: datetime.date | None
) -> None:
    found = dates.parse(text)
    assert found is not None
    assert (found.edtf, found.first, found.last, found.text) == (edtf, first, last, text)


@pytest.mark.parametrize(
    "text",
    [
        "1931-11-27",
        "November 27, 1931",
        "27 November 1931",
        "27th of November, 1931",
        "Friday, 27 Nov. 1931",
        "27 ноября 1931 года",
        "27 ноября 1931 г.",
        "[27] ноября [1931]",
        "27/XI-31",
        "27/ХI-31 г.",  # a Cyrillic Х
        "27. XI. 1931",
        "27.11.1931",
        "27/11/1931",
        "27.11.31",
        "14 (27) ноября 1931",
        "14/27 ноября 1931",
        "November 14 (27), 1931",
        "27 (14) ноября 1931 г.",
        "14 (27).XI.1931",
        "14(27).11.1931",
        "27/11 1931",
        "27/XI–1931",
    ],
)
def test_one_day_in_many_forms(text: str) -> None:
    found = dates.parse(text)
    assert found is not None
    assert (found.edtf, found.first, found.last) == ("1931-11-27",) + (DAY(1931, 11, 27),) * 2


def test_old_style_month_in_front_of_the_new() -> None:
    found = dates.parse("28 октября (10 ноября) 1917 г.")
    assert found and found.edtf == "1917-11-10"
    for text in (
        "10 ноября (28 октября) 1917 г.",
        "October 28 (November 10), 1917",
        "28.10.1917 (10.11.1917)",
        "28 октября 1917 г. (10 ноября 1917 г.)",
    ):
        found = dates.parse(text)
        assert found and found.edtf == "1917-11-10", text
    found = dates.parse("31.12.1916 (13.01.1917)")
    assert found and found.edtf == "1917-01-13"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31 February 1931",
        "31 февраля 1931",
        "29.02.1931",
        "27/XI",
        "hello",
        "before",
        "1932/1930",
        "27.13.1931",
        "in the year 1931",
        "19311",
        "1931-11-31",
        "12345 ноября 1931",
    ],
)
def test_no_dates(text: str) -> None:
    assert dates.parse(text) is None


@given(st.dates(DAY(1000, 1, 1), DAY(2099, 12, 31)))
@settings(deadline=None, max_examples=60)
def test_every_day_is_read_in_every_form(day: datetime.date) -> None:
    russian = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
    forms = [
        day.isoformat(),
        f"{day.day} {day:%B} {day.year}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day} {russian.split()[day.month - 1]} {day.year} г.",
        f"{day.day}.{day.month}.{day.year}",
    ]
    for form in forms:
        found = dates.parse(form)
        assert found and found.first == found.last == day, form
        again = dates.parse(found.edtf)
        assert again and again.edtf == found.edtf


def test_find_in_questions() -> None:
    def found(text: str) -> list[tuple[str, str]]:
        mentions = dates.find(text)
        assert all(m.date.text == text[m.start : m.end] for m in mentions)
        return [(m.date.text, m.date.edtf) for m in mentions]

    assert found("What did he write on 21 November 1931?") == [("21 November 1931", "1931-11-21")]
    assert found("Что он писал в ноябре 1931 года?") == [("ноябре 1931 года", "1931-11")]
    assert found("Who wrote in 1931?") == [("1931", "1931")]
    assert found("Letters before 1931 and after March 1932") == [
        ("before 1931", "../1931"),
        ("after March 1932", "1932-03/.."),
    ]
    assert found("с 1930 по 1932 год") == [("с 1930 по 1932 год", "1930/1932")]
    assert found("letters between 3 and 7 March 1932, please") == [
        ("between 3 and 7 March 1932", "1932-03-03/1932-03-07")
    ]
    assert found("the telegram from 3 August 1929") == [("3 August 1929", "1929-08-03")]
    assert found("letters from 1930 onwards") == [("1930 onwards", "1930/..")]
    assert found("Какие письма относятся к 1931 году?") == [("1931 году", "1931")]
    assert found("достроят к 1931 году") == [("к 1931 году", "../1931")]


@pytest.mark.parametrize(
    "text",
    [
        "1931 tons of cotton",
        "1931 тонна",
        "№ 1931",
        "p. 1931",
        "$1931",
        "11931",
        "1931,5",
        "0931",
        "3000 years",
        "Ф. 1931",
        "1931 человек",
        "12.1931",
    ],
)
def test_find_leaves_bare_numbers_alone(text: str) -> None:
    assert dates.find(text) == []


@given(st.text(alphabet="1936-/. XIноябряMay[]()до,", max_size=60))
@settings(deadline=None, max_examples=150)
def test_found_dates_are_in_order_and_apart(text: str) -> None:
    end = 0
    for mention in dates.find(text):
        assert end <= mention.start < mention.end <= len(text)
        assert mention.date.text == text[mention.start : mention.end]
        end = mention.end


BODY = "Dear friend!\n\nI came on 3 May 1930 and read your letter of 1 May 1930.\n\n"


@pytest.mark.parametrize(
    ("ending", "edtf"),
    [
        ("Yours,\nTverezov\n\n27/XI-31.", "1931-11-27"),
        ("Tverezov 27.XI.31", "1931-11-27"),
        ("Привет.\nА. Тверезов\nМосква, 27/XI-31 г.", "1931-11-27"),
        ("А. Тверезов. 27 ноября 1931 г.", "1931-11-27"),
        ("27 November 1931, Moscow\nA. Tverezov", "1931-11-27"),
        ("A. Tverezov\nDate: 27 Nov. 1931", "1931-11-27"),
        ("г. Лесной, ноябрь 1931", "1931-11"),
        ("A. Tverezov\n1931", "1931"),
    ],
)
def test_signature_date(ending: str, edtf: str) -> None:
    found = dates.signature_date(BODY + ending)
    assert found and found.edtf == edtf


@pytest.mark.parametrize(
    "ending",
    [
        "Yours,\nTverezov",
        "I shall come back to town on 27 November 1931.",
        "I leave Moscow on 27/XI-31, Tverezov",
        "Tverezov\nReceived 27 November 1931",
        "Тверезов\nПолучено 27 ноября 1931 г.",
        "Тверезов\nПравда, 27 ноября 1931 г.",
        "Tverezov\nForest and River. Letters. 1928-1941, pp. 161-163.",
    ],
)
def test_no_signature_date(ending: str) -> None:
    assert dates.signature_date(BODY + ending) is None


def test_a_heading_is_no_signature() -> None:
    assert dates.signature_date("Moscow, 3 January 1939\nI have your letter.") is None


def test_filter_bounds() -> None:
    assert dates.filter_bounds("1931") == ("1931-01-01", "1931-12-31")
    assert dates.filter_bounds("1932-02") == ("1932-02-01", "1932-02-29")
    assert dates.filter_bounds("1931-11-21") == ("1931-11-21", "1931-11-21")
    for value in ("31", "1931-13", "1931-02-30", "November 1931", "1931?", "", "1931-21"):
        with pytest.raises(ValueError, match="write 1931, 1931-11 or 1931-11-21"):
            dates.filter_bounds(value)


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "до ", "3 марта и не позднее ", "[", "may 1 ", "between 3 and ", "3 - 7 - "]
)
def test_time_is_linear(unit: str) -> None:
    """A quarter of a megabyte in half of the two seconds that a whole one may take."""
    text = unit * (250_000 // len(unit))
    started = time.process_time()
    dates.find(text)
    dates.parse(text)
    dates.signature_date(text)
    assert time.process_time() - started < 1.0
