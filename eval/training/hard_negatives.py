"""Passages that a trained encoder takes for answers and that are none.

An encoder learns most from its own errors (Xiong and others 2021, arXiv:2007.00808). A passage that
it finds nearly as good as the right one may be right too, so it is not taken (Moreira and others
2024, arXiv:2407.15831).

Not here: the pairs (`finder_examples`), the training (`finder`, `reader`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from eval.training.finder_examples import Examples
from rag.models.encoder import Encoder

LIKELY = 0.95
"""A passage with more than this share of the right one's cosine is not taken."""

NEAREST = 20
"""The best others, among which some are drawn."""


def hard_negatives(
    examples: Examples, encoder: Encoder, count: int = 1, seed: int = 0
) -> list[list[str]]:
    """For each pair, `count` passages near its question that are not known to answer it.

    Fewer where there are not as many; those farthest from the question where all are likely.
    """
    texts, pairs = examples.passages, examples.pairs
    vectors = encoder.encode_passages(texts)
    place = {text: i for i, text in enumerate(texts)}
    asked = encoder.encode_queries([pair.question for pair in pairs])
    draw, found = random.Random(seed), []
    for pair, question in zip(pairs, asked, strict=True):
        cosines = vectors @ question
        right = cosines[place[pair.passage]]
        known = examples.positives[pair.question]
        order: Sequence[int] = np.argsort(-cosines, kind="stable").tolist()
        others = [i for i in order if texts[i] not in known]
        unlike = [i for i in others if cosines[i] <= LIKELY * right] or others[-count:]
        nearest = unlike[: max(NEAREST, count)]
        found.append([texts[i] for i in draw.sample(nearest, min(count, len(nearest)))])
    return found
