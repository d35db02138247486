"""Misread texts, and what is measured on them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.misreadings import misread
from eval.probes.noise import RATES, as_markdown, measure
from eval.sets.suite import load
from rag.errors import UsageError
from tests.eval.test_run import DOCUMENTS, QUESTIONS
from tests.eval.test_suite import suite_in, write
from tests.kits.hashing import HashingEncoder

PROSE = "The modern clerk returned the village ledgers. Милый друг, письмо пришло в апреле. " * 30


@given(st.text("mrnclдиш. 1\n", max_size=60), st.sampled_from(RATES), st.integers(0, 99))
def test_every_character_keeps_its_place(text: str, rate: float, seed: int) -> None:
    read = misread(text, rate, random.Random(seed))
    assert len(read.places) == len(text) + 1
    assert list(read.places) == sorted(read.places)
    assert read.places[-1] == len(read.text)
    for at, character in enumerate(text):
        if not character.isalpha() and character != " ":
            assert read.text[read.places[at]] == character
    if rate == 0:
        assert read.text == text


def test_the_share_of_misread_letters_is_the_rate() -> None:
    from rapidfuzz.distance import Levenshtein

    letters = sum(map(str.isalpha, PROSE))
    for rate in RATES:
        read = misread(PROSE, rate, random.Random(1)).text
        assert 0.9 * rate <= Levenshtein.distance(PROSE, read) / letters <= 1.5 * rate


def test_a_suite_is_measured_at_each_rate(tmp_path: Path) -> None:
    folder = suite_in(tmp_path, QUESTIONS)
    write(folder / "corpus.jsonl", *DOCUMENTS)
    rows = measure([load(folder)], HashingEncoder(), None, vectors=False)
    assert [(row["rate"], row["by"]) for row in rows] == [(rate, "words") for rate in RATES]
    assert rows[0]["before"]["R@10"] == rows[0]["after"]["R@10"] == 1.0
    assert rows[0]["quotations"]["right place"] == 1.0
    table = as_markdown(rows)
    assert table.count("| small |") == 2 * len(RATES) and "10%" in table


def test_only_json_lines_are_misread(tmp_path: Path) -> None:
    folder = suite_in(tmp_path, QUESTIONS)
    (folder / "corpus.jsonl").rename(folder / "corpus.txt")
    toml = folder / "suite.toml"
    toml.write_text(toml.read_text().replace("corpus.jsonl", "corpus.txt"))
    with pytest.raises(UsageError, match="JSON Lines"):
        measure([load(folder)], HashingEncoder(), None, vectors=False)
