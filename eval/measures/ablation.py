"""Ablations by one switch: a named part of the product replaced for the length of a run.

The product has no switches for this. Each ablation names what it replaces; where the name has
gone, the ablation says so instead of measuring the whole product under a wrong label.

Not here: what comes of them (`compare`).
"""

from __future__ import annotations

import contextlib
import importlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rag.answers import evidence
from rag.errors import UsageError
from rag.models.bundle import Models
from rag.models.calibration import Calibration, EvidenceWeights
from rag.retrieval.fusion import PHRASE_WEIGHT

Lists = Mapping[str, Mapping[str, float]]
"""List → passage → score; `rag.retrieval.fusion.fuse` is given those of each language."""

Fused = list[tuple[str, float]]
Change = tuple[str, str, Callable[[Any], Any]]
"""Module (or module and class), name in it, and the new value made from the old one."""


def _weights(change: Callable[[Mapping[str, float]], Mapping[str, float]]) -> Change:
    """Other shares of the lists than those of the encoder's calibration."""

    def changed(for_encoder: Callable[[str], Calibration]) -> Callable[[str], Calibration]:
        def calibrated(name: str) -> Calibration:
            own = for_encoder(name)
            return replace(own, fusion_weights=change(own.fusion_weights))

        return calibrated

    return ("rag.models.calibration", "for_encoder", changed)


def _only(*kept: str) -> Change:
    return _weights(
        lambda old: {"phrase": 0.0} | {n: share if n in kept else 0.0 for n, share in old.items()}
    )


def _threshold(**values: float) -> Change:
    """Other numbers than those chosen on development data."""
    return (
        "rag.models.calibration",
        "thresholds",
        lambda old: lambda: replace(old(), **values),
    )


def _reading(reads: Callable[[Any, str], bool]) -> tuple[Change, ...]:
    """Other languages than those that the encoder is used for."""
    return (("rag.models.bundle:Models", "reads", lambda _: reads),)


def _ranks(k: int) -> Callable[[Any], Any]:
    """Reciprocal rank fusion (Cormack et al., SIGIR 2009), every list with the same weight.

    Ranks are those within a language, so that the languages' passages are interleaved.
    """

    def fuse(
        languages: Mapping[str, tuple[Lists, Any]], weights: Mapping[str, float], *_: Any
    ) -> Fused:
        weights = {"phrase": PHRASE_WEIGHT, **weights}
        fused: dict[str, float] = defaultdict(float)
        for lists, _stats in languages.values():
            for name, scores in lists.items():
                if weights.get(name, 0.0) > 0:
                    ordered = sorted(scores, key=lambda p: (-scores[p], p))
                    for rank, passage in enumerate(ordered, 1):
                        fused[passage] += 1 / (k + rank)
        return sorted(fused.items(), key=lambda item: (-item[1], item[0]))

    return lambda _: fuse


def _itself(stem: str, *_: Any) -> Mapping[str, float]:
    """A word without translations and names that sound alike."""
    return {stem: 1.0}


def _without_header(search: Callable[..., Any]) -> Callable[..., Any]:
    def lexical_search(*given: Any, **named: Any) -> Any:
        return search(*given, **named | {"fields": {"text": 1.0}})

    return lexical_search


def _without_feature(feature: str) -> Callable[[Any], Any]:
    def change(old: property) -> property:
        def without(models: Models) -> EvidenceWeights:
            weights: EvidenceWeights = old.__get__(models)
            return replace(
                weights,
                rank={**weights.rank, feature: 0.0},
                confidence={**weights.confidence, feature: 0.0},
            )

        return property(without)

    return change


_NO_READER: tuple[Change, ...] = (
    ("rag.models.registry", "BundledReader", lambda _: lambda *_: None),
)

ABLATIONS: dict[str, tuple[Change, ...]] = {
    "lexical": (*_reading(lambda models, lang: False), *_NO_READER),
    "dense": (_only("dense", "dense_document"),),
    "no-document-bm25": (_only("dense", "lexical", "dense_document"),),
    "no-dense-document": (_only("dense", "lexical", "document"),),
    "no-likely": (_threshold(likely_boost=0.0),),
    "no-least-spread": (_threshold(min_deviation_share=0.0),),
    "equal-weights": (_weights(lambda old: dict.fromkeys(old, 1.0)),),
    "rank-fusion-10": (("rag.retrieval.fusion", "fuse", _ranks(10)),),
    "rank-fusion-60": (("rag.retrieval.fusion", "fuse", _ranks(60)),),
    "no-translation": (
        ("rag.retrieval.query_expansion", "expand_stem", lambda _: _itself),
        ("rag.answers.question_terms", "stand_ins", lambda _: _itself),
    ),
    "no-misreadings": (("rag.retrieval.candidates", "misreadings", lambda _: lambda *_: []),),
    "no-rerank": (("rag.retrieval.search", "reranked_hits", lambda _: lambda models: 0),),
    "no-reader": _NO_READER,
    "no-headers": (
        ("rag.document_writer", "header_of", lambda _: lambda document: ""),
        ("rag.answers.evidence", "header_of", lambda _: lambda document: ""),
        ("rag.retrieval.search", "header_of", lambda _: lambda document: ""),
        ("index_store.store:IndexStore", "lexical_search", _without_header),
    ),
    "one-quotation": (("rag.answers.selection", "MAX_QUOTATIONS", lambda _: 1),),
    **{
        f"feature-{name}": (("rag.models.bundle:Models", "evidence", _without_feature(name)),)
        for name in evidence.FEATURES
    },
}


@contextlib.contextmanager
def applied(name: str | None) -> Iterator[None]:
    """The product with one ablation, or whole with None. Raises UsageError for unknown names."""
    if name is not None and name not in ABLATIONS:
        raise UsageError(f"no ablation {name!r}; known are {', '.join(ABLATIONS)}")
    with contextlib.ExitStack() as undo:
        for place, attribute, change in ABLATIONS[name] if name else ():
            owner = _owner(place)
            if not hasattr(owner, attribute):
                raise UsageError(f"ablation {name}: {place} has no {attribute} any more")
            old = getattr(owner, attribute)
            undo.callback(setattr, owner, attribute, old)
            setattr(owner, attribute, change(old))
        yield


def _owner(place: str) -> Any:
    module, _, inside = place.partition(":")
    owner = importlib.import_module(module)
    return getattr(owner, inside) if inside else owner
