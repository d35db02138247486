"""Figures of other systems that reports show beside ours, by suite.

"peer" is llama-index on Chroma with the same encoder and its own defaults, measured on the same
sets. The others are published; their protocols differ from ours in pool or split.
"""

from __future__ import annotations

from typing import Any

_PEER = "peer: llama-index on Chroma"
_BM25 = "stemmed BM25 alone"
_FUSION = "fusion of ranks, k 60"


def _anchor(what: str, task: str, group: str, measure: str, value: float) -> dict[str, Any]:
    return {"task": task, "group": group, "measure": measure, "value": value, "what": what}


_XQUAD = [
    _anchor(what, "retrieval", group, "nDCG@10", value)
    for what, values in (
        (_PEER, (0.943, 0.217, 0.137, 0.077)),
        (_BM25, (0.966, 0.951, 0.15, 0.15)),
        (_FUSION, (0.977, 0.555, 0.16, 0.11)),
    )
    for group, value in zip(("en→en", "ru→ru", "en→ru", "ru→en"), values, strict=True)
]
_SENTENCES = [
    _anchor("BM25 of sentences", "sentences", group, measure, value)
    for measure, values in (
        ("P@1 in the document", (0.793, 0.778)),
        ("RR in the pool", (0.834, 0.815)),
    )
    for group, value in zip(("en→en", "ru→ru"), values, strict=True)
]
_PUBLISHED = [
    _anchor(f"{name} (published, Russian paragraphs)", "retrieval", "ru→ru", "nDCG@10", value)
    for name, value in (("multilingual-e5-large", 0.973), ("bge-m3", 0.960))
]

ANCHORS: dict[str, list[dict[str, Any]]] = {
    "frus": [
        _anchor(what, "retrieval", "all", measure, value)
        for what, values in (
            (_PEER, (0.54, 0.92, 0.67)),
            ("stemmed BM25 with titles", (0.65, 0.96, 0.76)),
            ("simple fusion", (0.70, 0.98, 0.81)),
        )
        for measure, value in zip(("P@1", "R@10", "RR"), values, strict=True)
    ],
    "archives": [
        _anchor(what, "retrieval", "en→en", measure, value)
        for what, values in ((_PEER, (0.33, 0.68, 0.44)), (_BM25, (0.42, 0.74, 0.53)))
        for measure, value in zip(("P@1", "R@10", "RR"), values, strict=True)
    ]
    + [
        _anchor(what, "retrieval", "ru→en", measure, value)
        for what, values in ((_BM25, (0.13, 0.14)), ("translation lexicon", (0.61, 0.88)))
        for measure, value in zip(("P@1", "R@10"), values, strict=True)
    ],
    "xquad": _XQUAD + _SENTENCES + _PUBLISHED,
    "squad2-removed": [
        _anchor(what, "answers", "all", "AUROC", value)
        for what, value in (
            (f"{_PEER} (similarity)", 0.967),
            ("BM25 score by length", 0.929),
            ("simple fusion", 0.975),
        )
    ],
    "squad2-adversarial": [
        _anchor(what, "answers", "all", "AUROC", value)
        for what, value in ((f"{_PEER} (similarity)", 0.647), ("BM25 score by length", 0.519))
    ],
}
