"""Writing the lexicon's file. Reading it is in `rag.models.lexicon`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.training.lexicon.ibm1 import Table
from rag.models.lexicon import PROBABILITY_STEPS, Lexicon, PackedWordList, Side


def make_side(
    words: Sequence[str], seen: Sequence[float], table: Table, renumber: NDArray[np.int64]
) -> Side:
    """One side of the lexicon from a table whose sources are indexes of `words`.

    `seen` has how often each word occurs; `renumber` gives the new number of each target.
    """
    starts = np.searchsorted(table.source, np.arange(len(words) + 1))
    steps = np.maximum(np.round(table.p * PROBABILITY_STEPS), 1).astype(np.uint8)
    return Side(
        PackedWordList(words),
        np.minimum(np.round(seen), 65_535).astype(np.uint16),
        starts.astype(np.int64),
        renumber[table.target].astype(np.int32),
        steps / PROBABILITY_STEPS,
    )


def save(lexicon: Lexicon, path: Path) -> None:
    """Writes the file. The same lexicon gives the same bytes."""
    arrays: dict[str, NDArray[np.generic]] = {"forms": _packed(lexicon.forms)}
    for lang, side in lexicon.sides.items():
        arrays[f"{lang}_words"] = _packed(side.words)
        arrays[f"{lang}_seen"] = side.frequencies
        arrays[f"{lang}_counts"] = np.diff(side.starts).astype(np.uint8)
        arrays[f"{lang}_targets"] = side.targets
        arrays[f"{lang}_p"] = np.round(side.p * PROBABILITY_STEPS).astype(np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    path.write_bytes(buffer.getvalue())


def _packed(words: PackedWordList) -> NDArray[np.uint8]:
    return np.frombuffer(words.joined, dtype=np.uint8)
