"""Numbers fitted to an encoder or to a development set, read from `calibrations.json`.

The file says for each number what it is, on which data it was fitted and, where it depends on
cosines, for which encoder. An encoder without an entry gets the neutral one: no number that was
fitted to another encoder's cosines is ever used for it.

Not here: how numbers are fitted (`eval.training`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from index_store.types import Spread

FILE = Path(__file__).with_name("calibrations.json")
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """How sentences are ranked, and when the best of them answers the question.

    `rank` are linear weights of features and `passage` that of the passage's score. `confidence`
    and `intercept` are a logistic model of "the best sentence answers"; from `threshold` on its
    probability is enough for an answer.
    """

    rank: Mapping[str, float]
    passage: float
    confidence: Mapping[str, float]
    intercept: float
    threshold: float


@dataclass(frozen=True, slots=True)
class GroundingLevel:
    """A logistic model of "the passage supports the statement".

    Its features are the share of the statement's words that the passage has (`cover`) and the
    `cosine` of the two; from `threshold` on its probability is enough.
    """

    intercept: float
    cover: float
    cosine: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted to one encoder.

    `fusion_weights`: the share of each list in a hit's score. `cosine_prior`: pseudo-observations
    that stabilize mean and variance of cosines when there are few passages. `near_subject`: the
    cosine from which a passage is on the question's subject. None where nothing was fitted.
    """

    fusion_weights: Mapping[str, float]
    cosine_prior: Spread | None = None
    near_subject: float | None = None
    evidence: EvidenceWeights | None = None
    grounding: GroundingLevel | None = None


@dataclass(frozen=True, slots=True)
class WordCalibration:
    """What is used without an encoder, or with one that has no calibration of its own."""

    evidence: EvidenceWeights
    grounding: GroundingLevel
    min_clause_coverage: float
    """Share of each clause's words that the passage must have, so that a true clause cannot carry
    an invented one."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers that hold for any encoder; `calibrations.json` says what each is."""

    likely_boost: float
    single_passage_boost: float
    pooled_passages: int
    min_deviation_share: float
    on_subject: float
    left_aside: float
    contradicted: float
    field_confidence: float
    unproven_field_confidence: float
    topic_share: float
    conversation_share: float
    same_document_log_odds: float
    other_document_log_odds: float


def for_encoder(name: str) -> Calibration:
    """The calibration of the encoder of that identity, else the neutral one."""
    encoders = _data()["encoders"]
    entry = encoders.get(name, encoders[NEUTRAL])
    prior, evidence, grounding = (entry[n] for n in ("cosine_prior", "evidence", "grounding"))
    return Calibration(
        entry["fusion_weights"],
        Spread(**prior) if prior else None,
        entry["near_subject"],
        EvidenceWeights(**evidence) if evidence else None,
        GroundingLevel(**grounding) if grounding else None,
    )


@cache
def words() -> WordCalibration:
    """What is used without an encoder."""
    own = _data()["words"]
    return WordCalibration(
        EvidenceWeights(**own["evidence"]),
        GroundingLevel(**own["grounding"]),
        own["min_clause_coverage"],
    )


@cache
def thresholds() -> Thresholds:
    """The numbers that hold for any encoder. Raises KeyError if the file is not whole."""
    known = _data()["thresholds"]
    return Thresholds(**{f.name: known[f.name]["value"] for f in fields(Thresholds)})


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data
