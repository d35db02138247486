"""Models that can be fitted, and writing what was fitted into `rag/models/calibrations.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.models import calibration
from rag.models.bundle import Models
from rag.models.calibration import FILE
from rag.models.reader import BundledReader


def fittable(models: Models) -> Models:
    """The models with a start for what their encoder has no calibration for yet.

    Without it an uncalibrated encoder's cosines would not be used, and could not be fitted.
    """
    own, words = models.calibration, calibration.words()
    start = replace(
        own,
        evidence=own.evidence or words.evidence,
        grounding=own.grounding or words.grounding,
    )
    return replace(models, calibration=start, reader=models.reader or BundledReader())


def put(
    name: str,
    encoder: str,
    with_encoder: Mapping[str, Any],
    without: Mapping[str, Any],
    fit: Mapping[str, Any],
    target: Path = FILE,
) -> None:
    """Set `name` ("evidence" or "grounding") of an encoder, and what is used `without` one.

    `fit` says how and on which data it was fitted. An encoder that has no entry yet starts from the
    neutral one.
    """
    data = json.loads(target.read_text(encoding="utf-8"))
    entry = data["encoders"].setdefault(encoder, {**data["encoders"]["neutral"]})
    entry[name] = dict(with_encoder)
    entry["fitted_on"] = {**entry["fitted_on"], name: f"see fits.{name}_fitted"}
    data["words"].update(without)
    data["fits"][f"{name}_fitted"] = {"encoder": encoder, **fit}
    text = json.dumps(data, indent=2, ensure_ascii=False)
    target.write_text(f"{text}\n", encoding="utf-8")
