"""How near the words of a question stand to the words of a sentence, each in its context.

Each asked word keeps its best cosine with any piece of the sentence (late interaction: Khattab and
Zaharia 2020, arXiv 2004.12832, here by the states of a model that was not trained for it), so that
"apartment" is found near "flat", which no word in common would show.

Beside other sentences it counts whose word is the nearest: one that all of them have, as the
name of what a passage is about, tells none from another.

Not here: which words are asked for (`asked`), what their nearness is worth (`evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index_store.types import Vectors
from rag.models.encoder import EncodedText

SHARP = 20.0
"""What a difference of cosines is multiplied by; chosen by cross-validation on development data."""


def nearness(
    words: Sequence[tuple[int, int]], question: EncodedText, sentence: EncodedText
) -> Vectors:
    """The nearest that the sentence comes to each stretch of the question, float32 (words,).

    A stretch that has no piece of its own, as beyond an encoder's window, is 0.
    """
    found = np.zeros(len(words), dtype=np.float32)
    if not len(question.pieces) or not len(sentence.pieces):
        return found
    best = (question.pieces @ sentence.pieces.T).max(axis=1)
    starts = np.array(question.starts)
    for n, (start, end) in enumerate(words):
        own = best[(starts >= start) & (starts < end)]
        if len(own):
            found[n] = own.mean()
    return found


def max_similarity(near: Vectors) -> Vectors:
    """How much nearer than the others each sentence comes to the asked words, (sentences,).

    `near` are their nearnesses, (sentences, words): the mean over the words of the logarithm of a
    sentence's share. 0 where no word is asked for.
    """
    if not near.size:
        return np.zeros(len(near), dtype=np.float32)
    sharp = SHARP * (near - near.max(axis=0))
    shares: Vectors = (sharp - np.log(np.exp(sharp).sum(axis=0))).mean(axis=1)
    return shares
