"""Training what questions ask of records: wordings, and that the product reads what was written."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from eval.sets.suite import Suite, is_development, is_learned
from eval.training.intents import train as training
from rag.errors import EncoderError
from rag.models.intents import ASKS, LIKELY, read
from rag.questions.frame import frame
from tests.eval.training.test_finder import _key, _write
from tests.kits.hashing import HashingEncoder

OTHER = "Which ship brought coal to the harbour?"


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Questions that ask nothing of a record."""
    learned = _key("a", lambda key: is_development(key) and is_learned(key))
    rows: list[dict[str, Any]] = [
        {"id": f"q{n}", "text": text, "gold_docs": ["a"], "split_key": learned, "cluster": learned}
        for n, text in enumerate((OTHER, "How many nets did the trust buy?"))
    ]
    return _write(tmp_path / "suite", [{"id": "a", "text": "Coal came."}], rows)


def test_every_wording_is_filled_and_says_what_it_asks(suite: Suite) -> None:
    given = tomllib.loads(training.PHRASINGS.read_text(encoding="utf-8"))
    wordings = training.wordings(given)
    assert {name for asks, _, _ in wordings for name in asks} == set(ASKS)
    assert any(len(asks) > 1 for asks, _, _ in wordings)
    rows = training.examples([suite])
    assert not [row.text for row in rows if "{" in row.text or "}" in row.text]
    assert len({row.text for row in rows}) > 5 * len(wordings)
    assert [row.text for row in rows if not row.asks].count(OTHER) == 1
    assert rows == training.examples([suite])


def test_words_of_the_wordings_do_not_tell_which_document_is_meant() -> None:
    asking, documents = set(training.asking_words()), set(training.document_words())
    assert {"shelf-mark", "summarize", "шифр"} <= asking and not {"shelf-mark", "шифр"} & documents
    assert {"letter", "telegram", "brief"} <= documents <= asking


def test_the_product_reads_what_was_written(suite: Suite, tmp_path: Path) -> None:
    target, encoder = tmp_path / "intents.safetensors", HashingEncoder(256)
    told = training.train([suite], encoder, target)
    assert told["questions"] == len(training.examples([suite]))
    assert set(told["left_out"]) == {"others taken for one", *ASKS}
    found = read(target)
    assert found.encoder == "hashing" and found.asking == frozenset(training.asking_words())

    def likely(text: str) -> set[str]:
        vector = encoder.encode_queries([frame(text, found.asking)])[0]
        return {name for name, p in found.of(vector).items() if p >= LIKELY}

    assert "archival_ref" in likely("Under what shelf-mark is the letter filed?")
    assert not likely(OTHER)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "intents.safetensors"
    target.write_bytes(b"no weights")
    with pytest.raises(EncoderError, match="install Fonds again"):
        read(target)
