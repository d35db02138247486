"""Numbers in digits and in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.numbers import numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forty tons and 17 men", {"40", "17"}),
        ("Сорок тонн и двумя людьми", {"40", "2"}),
        ("24,000 roubles, 24 000 рублей, 24.000", {"24000"}),
        ("восьмидесяти пяти", {"80", "5"}),
        ("триста; двухсот; тысячами", {"300", "200", "1000"}),
        ("007", {"7"}),
        ("000", {"0"}),
        ("one man, один человек", set()),
        ("weight, stoic, столица, пятно", set()),
        ("", set()),
    ],
)
def test_numbers(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 10**12), max_size=5))
def test_every_number_in_digits_is_found(listed: list[int]) -> None:
    assert numbers("; ".join(f"{number:,}" for number in listed)) == set(map(str, listed))
    assert numbers("; ".join(f"{number}" for number in listed)) == set(map(str, listed))
