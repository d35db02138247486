"""What a question asks of a record, by the trained weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.errors import EncoderError
from rag.models import intents
from rag.models.intents import ASKS, LIKELY, SURE
from rag.models.registry import load_encoder
from rag.questions.frame import frame


def asked(question: str, least: float = LIKELY) -> set[str]:
    known = intents.bundled()
    vector = load_encoder().encode_queries([frame(question, known.asking)])[0]
    return {name for name, p in known.of(vector).items() if p >= least}


def test_it_belongs_to_the_bundled_encoder() -> None:
    assert intents.bundled().encoder == load_encoder().identity.name


WORDINGS = {
    "In which folder of the archive would I look for Marsh's report?": "archival_ref",
    "Where can I find the memorandum of 3 May 1951 in print?": "source",
    "Who drew up the memorandum?": "author",
    "Is the date given for Petrov's cable trustworthy?": "doubts",
    "Does a translation of the protocol exist?": "versions",
    "I need a digest of Weber's despatch": "overview",
    "В какой описи числится донесение Орлова?": "archival_ref",
    "Что за содержание у донесения Орлова?": "overview",
    "Welche Signatur hat das Telegramm an Weber?": "archival_ref",
}


def test_most_wordings_that_it_has_not_met_are_understood() -> None:
    missed = [question for question, name in WORDINGS.items() if name not in asked(question)]
    assert len(missed) <= 2, missed


@pytest.mark.parametrize(
    "question",
    [
        "What did the Minister fear would happen to wool prices?",
        "Why did Olsen refuse the loan?",
        "How many ships lay in the harbour in May 1931?",
        "Кто отказался платить за уголь?",
        "Что обещал министр крестьянам?",
        "Warum streikten die Bergleute?",
    ],
)
def test_questions_about_what_documents_say(question: str) -> None:
    assert asked(question, SURE) == set()


def test_a_bad_file_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    bad = tmp_path / "intents.safetensors"
    load: Any = intents.bundled
    monkeypatch.setattr(intents, "FILE", bad)
    bad.write_bytes(b"no weights")
    with pytest.raises(EncoderError, match=r"intents\.safetensors cannot be read"):
        load.__wrapped__()
    told = {"encoder": "x", "asks": '["date"]', "asking": "[]", "documents": "[]"}
    values = {"weights": np.zeros((2, 1), np.float32), "bias": np.zeros(1, np.float32)}
    save_file(values, bad, metadata=told)
    with pytest.raises(EncoderError, match="another version"):
        load.__wrapped__()
    assert len(ASKS) == len(set(ASKS))
