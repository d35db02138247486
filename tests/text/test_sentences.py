from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.sentences import sentences


def texts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Hale met Dr. R.G. Pitt at 5 p.m. on Nov. 3.", "It rained."],
        ["Paid £9 6s. 4d. to Thos. Low.", "Balance, £28 8s. 8d.", "Lieut. Gray agreed."],
        ["See No. 4, pp. 16-18.", "He said no.", "Then he left."],
        ["It cost 1.5 million.", "1931 was worse."],
        ["В 1931 г. Лидин писал К. Е. Варину, т. е. отцу.", "Ответа не было."],
        ["Хлеб, соль и т. д.", "Рабочие ушли."],
        ["Это было на ул. Садовой в г. Верске.", "См. Ф. 7. Оп. 2. Д. 38. Л. 4-5."],
        ['"Will you come?" he asked.', '"Yes!"', "And then... he left."],
        ["«Куда?» — спросил он.", "— Туда."],
        ["(He came at noon.)", "She left."],
        ["They plan to: a) wait; b) write.", "We agreed."],
        ["Письмо М. Горького и М. А. Берга.", "До дома 5 м.", "Потом он ушёл."],
        ["He went home.[3]", "Nobody saw him (!) that day."],
        ["1. The first point.", "2. The second."],
        ["Он приехал в 1930 г.", "Потом уехал."],
        ["I went to the U.S. Senate.", "We live in the U.S.", "It is large."],
        ["Am 3. März 1931 kam Dr. Ohlsen mit Frl. Berg.", "Er blieb bis zum 5. Oktober."],
        ["Das war im 19. Jahrhundert.", "Siehe Nr. 5, Bd. 3 und vgl. Anm. 7.", "Es waren ca. 50."],
        ["La Sra. Ibarra llegó con el Sr. Prado.", "Véase el núm. 5."],
        ["Zob. list ks. Wolskiego, str. 5.", "Mieszka na ul. Długiej."],
    ],
)
def test_stops(expected: list[str]) -> None:
    assert texts(" ".join(expected)) == expected


def test_lines_that_stand_alone_are_sentences() -> None:
    letter = "Dear Anna,\n\nThe ice has gone. Write soon.\n\nYours,\nPavel Lidin\n3/IV-27."
    assert texts(letter) == [
        "Dear Anna,", "The ice has gone.", "Write soon.", "Yours,", "Pavel Lidin", "3/IV-27.",
    ]  # fmt: skip


def test_printed_lines_of_prose_are_not_cut() -> None:
    prose = (
        "The harbour was closed to all ships from the first week of January, and\n"
        "Captain Orlov had to leave the stores on the ice beyond the lighthouse.\n"
        "Nobody in Petersburg was told of it before the end of the month, which\n"
        "was a mistake."
    )
    assert len(sentences(prose)) == 2


def test_paragraphs_on_single_lines_are_kept_apart() -> None:
    lines = ["О закупке зерна", "Мы купили зерно весной " * 9 + "и летом", "Лидин"]
    assert texts("\n".join(lines)) == lines


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from(" \n\r\t\u2028\x00.!?…\"')]»([—-aAяЯ19é\u0301。\x0c"), max_size=80))
def test_spans_cover_everything_once(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize("piece", [".", "Mr. ", ".[1] ", '."', "([", "а.", "\n", " "])
def test_linear_on_adversarial_text(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    before = time.perf_counter()
    sentences(text)
    assert time.perf_counter() - before < 4
