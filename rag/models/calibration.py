"""Weights and thresholds fitted on development data, read from `calibrations.json`.

The file describes each number, names the data it was fitted on and, where it depends on cosines,
the encoder. An encoder without an entry gets the neutral entry, so that no number fitted to one
encoder's cosines is used with another encoder.

Not here: how the numbers are fitted (`eval.training`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from index_store.types import ScoreStats

FILE = Path(__file__).with_name("calibrations.json")
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """Weights that rank sentences and decide whether the best one answers the question.

    `rank` are linear weights of sentence features, `passage` is the weight of the passage's score.
    `confidence` and `intercept` are a logistic model of "the best sentence answers the question";
    an answer is given from the probability `threshold` on, and is a clear one from `clear` on.
    """

    rank: Mapping[str, float]
    passage: float
    confidence: Mapping[str, float]
    intercept: float
    threshold: float
    clear: float


@dataclass(frozen=True, slots=True)
class GroundingLevel:
    """A logistic model of "the passage supports the statement".

    Its features are the share of the statement's words that the passage has (`cover`) and the
    `cosine` of the two. A statement counts as supported from the probability `threshold` on.
    """

    intercept: float
    cover: float
    cosine: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The numbers fitted to one encoder; None where nothing was fitted.

    `fusion_weights`: the share of each search list in a hit's score. `cosine_prior`:
    pseudo-observations that stabilize mean and variance of cosines when there are few passages.
    `near_subject`: the cosine from which a passage is on the question's subject.
    """

    fusion_weights: Mapping[str, float]
    cosine_prior: ScoreStats | None = None
    near_subject: float | None = None
    grounding: GroundingLevel | None = None


@dataclass(frozen=True, slots=True)
class ReaderCalibration:
    """The numbers fitted to the reader. `rerank`: how much its log-odds count beside a hit's
    score."""

    evidence: EvidenceWeights
    rerank: float


@dataclass(frozen=True, slots=True)
class WordCalibration:
    """The numbers used without a reader, and those without a calibrated encoder."""

    evidence: EvidenceWeights
    grounding: GroundingLevel
    min_clause_coverage: float
    """Share of each clause's words that the passage must have.

    It is required of every clause, so that a true clause cannot carry an invented one.
    """


@dataclass(frozen=True, slots=True)
class PointingWeights:
    """A logistic model of "the passages answer", of log-odds that were `found` without a language
    model and those that it `said`; `yes` and `no` stand for the latter's probabilities where it
    tells none."""

    intercept: float
    found: float
    said: float
    yes: float
    no: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers that do not depend on the encoder; `calibrations.json` describes each."""

    likely_boost: float
    single_passage_boost: float
    foreign_words_share: float
    pooled_passages: int
    min_deviation_share: float
    on_subject: float
    min_relaxed_confidence: float
    contradiction_factor: float
    field_confidence: float
    unproven_field_confidence: float
    topic_share: float
    conversation_share: float
    same_document_log_odds: float
    other_document_log_odds: float


def known(name: str) -> bool:
    """Whether an encoder with this identity name was calibrated."""
    return name in _data()["encoders"]


def for_encoder(name: str) -> Calibration:
    """The calibration of the encoder with this identity name, or the neutral one."""
    encoders = _data()["encoders"]
    entry = encoders.get(name, encoders[NEUTRAL])
    prior, grounding = entry["cosine_prior"], entry["grounding"]
    return Calibration(
        entry["fusion_weights"],
        ScoreStats(**prior) if prior else None,
        entry["near_subject"],
        GroundingLevel(**grounding) if grounding else None,
    )


@cache
def reader() -> ReaderCalibration:
    """The calibration of the bundled reader."""
    own = _data()["reader"]
    return ReaderCalibration(EvidenceWeights(**own["evidence"]), own["rerank"])


@cache
def pointing() -> PointingWeights:
    """How much a language model's yes or no counts."""
    return PointingWeights(**_data()["pointing"])


@cache
def words() -> WordCalibration:
    """The calibration used without an encoder."""
    own = _data()["words"]
    return WordCalibration(
        EvidenceWeights(**own["evidence"]),
        GroundingLevel(**own["grounding"]),
        own["min_clause_coverage"],
    )


@cache
def thresholds() -> Thresholds:
    """The numbers that do not depend on the encoder. Raises KeyError if one is missing."""
    known = _data()["thresholds"]
    return Thresholds(**{f.name: known[f.name]["value"] for f in fields(Thresholds)})


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data
