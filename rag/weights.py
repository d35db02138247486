"""The shares of the lists in a hit's score, as settings write them: `lexical=0.1 document=0.45 …`.

Not here: how they are fitted (`python -m eval weights`), how lists are fused (`retrieve`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from rag.errors import SettingsError

FITTED: Mapping[str, float] = {
    "lexical": 0.1,
    "document": 0.45,
    "dense": 0.4,
    "dense_document": 0.05,
}
"""With the bundled encoder, on development sets (docs/evaluation.md)."""


def written(weights: Mapping[str, float]) -> str:
    """The shares as a setting."""
    return " ".join(f"{name}={weights[name]:g}" for name in FITTED)


def parse(text: str, origin: str = "weights") -> dict[str, float]:
    """The shares that a setting gives; what it leaves out is 0. Raises SettingsError."""
    weights = dict.fromkeys(FITTED, 0.0)
    for part in text.replace(",", " ").split():
        name, _, number = part.partition("=")
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if name not in weights or not 0 <= share <= 1:
            raise SettingsError(
                f"{origin}: {part!r} is not understood; give shares from 0 to 1 as in"
                f" {written(FITTED)!r}"
            )
        weights[name] = share
    if not weights["lexical"] + weights["document"]:
        raise SettingsError(f"{origin}: lexical or document must count, words are always there")
    return weights
