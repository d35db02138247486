"""A real language model of a file, in this process; and files that are none."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import ModelError, SettingsError
from rag.llm import providers
from rag.llm.local import LocalModel
from rag.llm.points import Form, PointReader
from rag.settings import load
from tests.kits.small_model import small_model

USER = (
    "1. The ferry carried forty sacks of coal.\n2. Berg did not sell the lamps.\n\n"
    "Question: What did the ferry carry?"
)


@pytest.fixture(scope="module")
def model() -> Iterator[LocalModel]:
    made = LocalModel(small_model(), 60, "points", 1600)
    yield made
    made.close()


@pytest.mark.parametrize("stating", [False, True])
def test_it_keeps_to_the_form_and_tells_how_sure_it_is(model: LocalModel, stating: bool) -> None:
    form, reader = Form(2, stating), PointReader(2)
    pieces = list(model.write(form.system, USER, form))
    for piece in pieces:
        reader.feed(piece, piece.chances)
    told = json.loads("".join(pieces))
    assert list(told) == form.schema["required"] and told["answered"] in ("yes", "no")
    assert reader.probability is not None and 0 < reader.probability < 1
    progress = [piece.read for piece in pieces if piece.read is not None]
    assert progress == sorted(progress) and progress[-1] == 1
    again = "".join(model.write(form.system, USER, form))
    assert again == "".join(pieces), "the same question gets the same answer"


def test_an_answer_that_is_given_up_stops(model: LocalModel) -> None:
    writing = model.write("Count to a thousand, each number in words.", "Begin.")
    assert any(next(writing) for _ in range(8))
    started = time.monotonic()
    writing.close()
    list(model.write("Say yes.", "Yes?", Form(1, False)))
    assert time.monotonic() - started < 20


def test_what_does_not_fit_is_told(model: LocalModel) -> None:
    with pytest.raises(ModelError) as raised:
        list(model.write("Read.", "The ferry carried coal. " * 2000))
    assert raised.value.fault == "too_long"


def test_it_keeps_to_its_time() -> None:
    hurried = LocalModel(small_model(), 0.01, "points", 1600)
    with pytest.raises(ModelError) as raised:
        list(hurried.write("Count to a thousand.", "Begin."))
    assert raised.value.fault == "timeout"
    hurried.close()


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    text = tmp_path / "letters.gguf"
    text.write_text("Dear Klim", encoding="utf-8")
    for path, said in ((text, "is no GGUF file"), (tmp_path / "none.gguf", "cannot be read")):
        with pytest.raises(SettingsError, match=said):
            providers.build(load({"llm": f"gguf:{path}"}))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(200))
    model = providers.build(load({"llm": f"gguf:{broken}"}))
    assert model is not None and model.mode == "points"
    with pytest.raises(ModelError) as raised:
        list(model.write("Read.", "Begin."))
    assert raised.value.fault == "unloadable"
