"""Two versions of a text beside each other: on invented letters, and on a long real one."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Archive
from rag.records import alignment, counterparts
from rag.records.alignment import Pair, paragraphs
from tests.conftest import SHARED

ENGLISH = [
    "My dear Captain!",
    "The sawmill at Verkhny Log has 340 logs left. Zastruyev says that another 125 lie under the "
    "ice. Sazhin promised horses, but the horses have not come.",
    "Tell Ventling that the telegraph to Arkhangelsk is broken again.",
    "I shake your hand.",
]
RUSSIAN = [
    "Дорогой капитан!",
    "На лесопилке в Верхнем Логу осталось 340 брёвен. Заструев говорит, что ещё 125 лежат подо "
    "льдом. Сажин обещал лошадей, но лошади не пришли.",
    "Скажите Вентлингу, что телеграф в Архангельск опять сломан.",
    "Жму руку.",
]


def beside(a: str, b: str, words: str) -> str | None:
    """What `b` has where `a` has the words."""
    start = a.index(words)
    span = alignment.counterpart(a, b, start, start + len(words))
    return None if span is None else b[slice(*span)]


def test_sentences_beside_each_other_in_both_directions() -> None:
    a, b = "\n\n".join(ENGLISH), "\n\n".join(RUSSIAN)
    assert beside(a, b, "another 125") == "Заструев говорит, что ещё 125 лежат подо льдом."
    assert (
        beside(b, a, "лошади не пришли") == "Sazhin promised horses, but the horses have not come."
    )
    assert beside(a, b, "My dear Captain!") == "Дорогой капитан!"


def test_several_paragraphs_are_beside_several() -> None:
    a, b = "\n\n".join(ENGLISH), "\n\n".join(RUSSIAN)
    start, end = a.index("The sawmill"), a.index("I shake")
    span = alignment.counterpart(a, b, start, end)
    assert span is not None and b[slice(*span)] == "\n\n".join(RUSSIAN[1:3])


def test_paragraphs_that_one_version_joins_or_lacks() -> None:
    a = "\n\n".join(ENGLISH)
    joined = "\n\n".join([RUSSIAN[0], " ".join(RUSSIAN[1:3]), RUSSIAN[3]])
    assert beside(a, joined, "Tell Ventling") == RUSSIAN[2]
    longer = "\n\n".join([*ENGLISH[:3], *ENGLISH[1:]])
    lacking = "\n\n".join([*RUSSIAN[:3], *RUSSIAN[2:]])
    again = longer.rindex("The sawmill")
    assert alignment.counterpart(longer, lacking, again, again + 40) is None
    assert beside(longer, lacking, "Tell Ventling") == RUSSIAN[2]


@pytest.mark.parametrize(("a", "b"), [("", ""), ("Ice.", ""), ("", "Лёд."), ("  \n", "Лёд.")])
def test_nothing_beside_nothing(a: str, b: str) -> None:
    assert paragraphs(a, b) == ()
    assert alignment.counterpart(a, b, 0, 1) is None


TEXT = st.lists(st.text(st.sampled_from("aяB1 .\n?Ж"), max_size=30), max_size=8).map("\n\n".join)


@settings(deadline=None, max_examples=200)
@given(TEXT, TEXT)
def test_pairs_are_in_order_and_whole(a: str, b: str) -> None:
    pairs = paragraphs(a, b)
    for one, next_one in pairwise(pairs):
        assert one.left[1] <= next_one.left[0] and one.right[1] <= next_one.right[0]
    for pair in pairs:
        assert a[slice(*pair.left)].strip() == a[slice(*pair.left)] != ""
        assert b[slice(*pair.right)].strip() == b[slice(*pair.right)] != ""


def test_a_text_beside_itself() -> None:
    text = "\n\n".join(f"{words} {n}." for n, words in enumerate(ENGLISH * 5))
    assert [pair.left for pair in paragraphs(text, text)] == [
        pair.right for pair in paragraphs(text, text)
    ]
    assert len(paragraphs(text, text)) == 20


def test_long_texts_take_bounded_time() -> None:
    a, b = ("\n\n".join(f"{word} {n}." for n in range(1000)) for word in ("Line", "Строка"))
    started = time.perf_counter()
    assert len(paragraphs(a, b)) > 900
    assert time.perf_counter() - started < 20
    assert paragraphs(a * 3, b * 3) == (), "too long to align, and said to be so"


# Letter to a Hindoo (1908): paragraphs of the English that each Russian one renders, by hand.
# Paragraph 60 stands elsewhere in the Russian, 0, 81 and 82 have no partner.
_LINKS = [
    *((i, i - 1) for i in range(1, 9)), *((i, i - 2) for i in range(9, 13)), (13, 10), (14, 10),
    *((i, i - 4) for i in range(15, 44)), (21, 18), (22, 18), *((i, i - 5) for i in range(44, 53)),
    (53, 49), (54, 50), (55, 51), (56, 51), (57, 52), (58, 53), (59, 54), (60, 48),
    *((i, i - 6) for i in range(61, 76)), (66, 59), *((i, i - 7) for i in range(76, 81)),
]  # fmt: skip
HINDOO = frozenset(_LINKS)


def links(pairs: tuple[Pair, ...], left: list[int], right: list[int]) -> set[tuple[int, int]]:
    """Pairs of paragraphs, from where each begins."""
    return {
        (i, j)
        for pair in pairs
        for i, start in enumerate(left)
        if pair.left[0] <= start < pair.left[1]
        for j, begin in enumerate(right)
        if pair.right[0] <= begin < pair.right[1]
    }


def test_letter_to_a_hindoo() -> None:
    path = SHARED / "data/parallel/tolstoy_hindoo_en_ru.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not here: this clone stands alone")
    letter = json.loads(path.read_text(encoding="utf-8"))
    a, b = "\n\n".join(letter["en"]), "\n\n".join(letter["ru"])
    starts = [
        [sum(len(p) + 2 for p in letter[lang][:n]) for n in range(len(letter[lang]))]
        for lang in ("en", "ru")
    ]
    found = links(paragraphs(a, b), *starts)
    right = len(found & HINDOO)
    assert right / len(found) >= 0.97
    assert right / len(HINDOO) >= 0.94


def test_answers_show_the_other_version(sample_archive: Archive) -> None:
    answer = sample_archive.ask("How many dogs were sent with the driver Danila Khvoin?")
    found = [c for c in answer.citations if c.document.record_id == "1929-02-02-minutes"]
    assert found
    for citation in found:
        shown = citation.counterpart
        assert shown is not None and shown.document_id != citation.document.document_id
        text = sample_archive.show(shown.document_id).document.text
        assert shown.text == text[shown.start : shown.end]
        assert ("Хвоин" in shown.text) == ("Khvoin" in citation.quote)


def test_nothing_is_shown_where_the_halves_differ(sample_archive: Archive) -> None:
    store = sample_archive.store
    for document_id in ("1929-03-14-sazhin.en", "1929-03-14-sazhin.ru"):
        document = store.document(document_id)
        assert counterparts.find(document, 0, len(document.text), store) is None
    alone = store.document("1929-04-22-zastruyev.ru")
    assert counterparts.find(alone, 0, 10, store) is None


def test_verification_shows_the_other_version(sample_archive: Archive) -> None:
    (match,) = sample_archive.verify("Угля у нас семнадцать тонн.").matches
    assert match.citation.counterpart is not None
    assert match.citation.counterpart.text == "We have seventeen tons of coal."
