"""Dates that may be of the same day, and texts without their dates."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index_store.types import Document
from rag import dates
from rag.dates import HistoricalDate

UNDATED = Document("d", "d", "en", "Ice.")


def date(edtf: str) -> HistoricalDate:
    found = dates.parse(edtf)
    assert found is not None
    return found


def dated(first: str | None, last: str | None) -> Document:
    return replace(UNDATED, date_from=first, date_to=last)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1931", "1931-11", True),
        ("1931-11-30", "1931-12-01", False),
        ("1930/1932", "1932-12-31", True),
        ("../1931-08-15", "1931-08-15", True),
        ("../1931-08-15", "1931-08-16", False),
        ("1931-08-15/..", "2000", True),
        ("1931-08-15/..", "../1931-08-14", False),
        ("../1931", "1930/..", True),
    ],
)
def test_overlaps(one: str, other: str, expected: bool) -> None:
    assert dates.overlaps(date(one), date(other)) is expected
    assert dates.overlaps(date(other), date(one)) is expected
    first, last = (day.isoformat() if day else None for day in (date(one).first, date(one).last))
    document = dated(first, last)
    for if_undated in (True, False):
        found = dates.document_overlaps(document, date(other), if_undated=if_undated)
        assert found is expected


def test_an_undated_document_is_as_the_caller_says() -> None:
    for edtf in ("1931", "../1931", "1931/.."):
        assert dates.document_overlaps(UNDATED, date(edtf), if_undated=True)
        assert not dates.document_overlaps(UNDATED, date(edtf), if_undated=False)


DAYS = st.dates(datetime.date(1930, 1, 1), datetime.date(1930, 1, 9))
ENDS = st.one_of(st.none(), DAYS)


@settings(deadline=None, max_examples=200)
@given(ENDS, ENDS, ENDS, ENDS)
def test_as_by_counting_days(
    a: datetime.date | None,
    b: datetime.date | None,
    c: datetime.date | None,
    d: datetime.date | None,
) -> None:
    if (a and b and a > b) or (c and d and c > d):
        return

    def days(first: datetime.date | None, last: datetime.date | None) -> set[int]:
        return set(range(first.day if first else 0, (last.day if last else 10) + 1))

    one, other = HistoricalDate("", a, b, ""), HistoricalDate("", c, d, "")
    assert dates.overlaps(one, other) == bool(days(a, b) & days(c, d))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What did he write on 21 November 1931?", "What did he write on ?"),
        ("Что было с 1930 по 1932 год, а что в 1935?", "Что было , а что в ?"),
        ("p. 1931; 1931 tons", "p. 1931; 1931 tons"),
        ("", ""),
    ],
)
def test_without_dates(text: str, expected: str) -> None:
    assert dates.without_dates(text) == expected
    spaced = dates.without_dates(text, " ")
    assert len(spaced) == len(expected) + len(dates.find(text))
    assert dates.find(expected) == []
