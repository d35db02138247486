"""Rarity of words: the inverse document frequency of BM25 (Robertson and Zaragoza 2009).

It is log(1 + (n - df + 0.5) / (df + 0.5)) for a word that stands in `df` of `n` texts. The 1 keeps
it above zero for words that stand in most of them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def idf(frequency: float, size: float) -> float:
    """The inverse document frequency of a word that stands in `frequency` of `size` texts."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def idf_of_each(frequencies: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """The same for each of several words; the last digit may differ from that of `idf`."""
    return np.log(1 + (size - frequencies + 0.5) / (frequencies + 0.5))
