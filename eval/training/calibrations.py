"""Writes what was fitted into `rag/models/calibrations.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.models import calibration
from rag.models.bundle import Models
from rag.models.calibration import FILE


def fittable(models: Models) -> Models:
    """The models with a start for what their encoder has no calibration for yet.

    Without it an uncalibrated encoder's cosines would not be used, and could not be fitted.
    """
    own = models.calibration
    start = replace(own, grounding=own.grounding or calibration.words().grounding)
    return replace(models, calibration=start)


def put_evidence(
    reader: Mapping[str, Any],
    words: Mapping[str, Any],
    fit: Mapping[str, Any],
    target: Path = FILE,
) -> None:
    """Sets the weights of sentences with the reader and with words alone."""

    def change(data: dict[str, Any]) -> None:
        data["reader"]["evidence"] = dict(reader)
        data["words"]["evidence"] = dict(words)
        data["fits"]["evidence_fitted"] = dict(fit)

    _change(target, change)


def put_rerank(weight: float, target: Path = FILE) -> None:
    """Sets how much the reader's log-odds count beside a hit's score."""

    def change(data: dict[str, Any]) -> None:
        data["reader"]["rerank"] = weight

    _change(target, change)


def put_grounding(
    encoder: str,
    with_encoder: Mapping[str, Any],
    without: Mapping[str, Any],
    fit: Mapping[str, Any],
    target: Path = FILE,
) -> None:
    """Sets the model of support for an encoder, and what is used `without` one.

    An encoder that has no entry yet starts from the neutral one.
    """

    def change(data: dict[str, Any]) -> None:
        entry = data["encoders"].setdefault(encoder, {**data["encoders"]["neutral"]})
        entry["grounding"] = dict(with_encoder)
        entry["fitted_on"] = {**entry["fitted_on"], "grounding": "see fits.grounding_fitted"}
        data["words"].update(without)
        data["fits"]["grounding_fitted"] = {"encoder": encoder, **fit}

    _change(target, change)


def put_pointing(weights: Mapping[str, float], fit: Mapping[str, Any], target: Path = FILE) -> None:
    """Sets how much a language model's yes or no counts."""

    def change(data: dict[str, Any]) -> None:
        data["pointing"] = dict(weights)
        data["fits"]["pointing_fitted"] = dict(fit)

    _change(target, change)


def _change(target: Path, change: Any) -> None:
    data = json.loads(target.read_text(encoding="utf-8"))
    change(data)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    target.write_text(f"{text}\n", encoding="utf-8")
