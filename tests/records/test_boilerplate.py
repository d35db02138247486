"""What of a document is its frame."""

from __future__ import annotations

import pytest

from index_store.types import Document
from rag.records.boilerplate import is_boilerplate


def of(text: str, before: str = "") -> bool:
    whole = before + text
    document = Document(
        "d", "d", "en", whole, title="Report on the winter", author="V. Lotvintseva"
    )
    return is_boilerplate(document, len(before), len(whole))


@pytest.mark.parametrize(
    "text",
    [
        "F. KEITH LARSEN", "President Berg", "Kamennoye, August 2, 1929, 7-8:10 p.m.",
        "18 ноября 1931 г.", "Тиманск, 18 ноября 1931 г.", "Lotvintseva", "# Report on the winter",
        "И. Рындин", "Berg's Health",
        "Letter (extract) TIMANSK, 11 September 1929",
        "Telegram unnumbered [2] Kamennoye, 5 May 1931",
    ],
)  # fmt: skip
def test_labels_are_frame(text: str) -> None:
    assert of(text, "Before it. ")


@pytest.mark.parametrize(
    "text",
    [
        "Refused.", "Berg refused.", "Согласен.", "Due: 5 May 1931.", "Срок: 18 ноября 1931 г.",
        "Present: Berg, Larsen, Ryndin.", "С приветом посылаю Вам уголь.",
        "Mr. Berg: Be sure the coal stays ahead of the flour.",
        "Ship sailed (with coal) 5 May 1931.",
    ],
)  # fmt: skip
def test_what_tells_something_is_not(text: str) -> None:
    assert not of(text, "Before it. ")


def test_in_a_telegram_all_in_capitals_they_tell_nothing() -> None:
    assert not of("CERTAINLY UNDESCRIBED.", "HAVE FOUND NEW TULIP. ")
    assert of("CERTAINLY UNDESCRIBED", "Have found new tulip. ")
    assert of("LOTVINTSEVA", "HAVE FOUND NEW TULIP. ")


def test_a_salutation_is_frame_at_the_top_alone() -> None:
    assert of("Most respected Arseny Pavlovich!")
    assert not of("Long live the crew of the ship!", "Before it. ")
