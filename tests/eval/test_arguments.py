"""The commands of `python -m eval` that print JSON find what they call."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from pkgutil import resolve_name

import pytest

from eval import __main__ as command
from eval.arguments import MEASUREMENTS
from eval.probes import encodings


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_measurement_can_be_called_with_its_options(name: str) -> None:
    measurement = MEASUREMENTS[name]
    function = resolve_name(f"{measurement.module}:{measurement.function}")
    bound = inspect.signature(function).bind(Path("data"), **measurement.options)
    assert bound.args[0] == Path("data")


def test_a_measurement_is_given_the_folder_and_printed_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(encodings, "measure", lambda data: {"folder": str(data), "верно": 1})
    monkeypatch.setattr("sys.argv", ["eval", "encodings", "sets"])
    assert command.main() == 0
    assert json.loads(capsys.readouterr().out) == {"folder": "sets", "верно": 1}
