"""The similarity of a question's words to the words of a sentence, each in its context.

Each word of the question keeps its best cosine with any piece of the sentence (late interaction:
Khattab and Zaharia 2020, arXiv 2004.12832, here with the states of a model that was not trained for
it), so that "apartment" is found near "flat", which no word in common would show.

Among several sentences it counts whose word is the most similar: a word that all of them have, as
the name of what a passage is about, does not distinguish them.

Not here: which words count (`rag.answers.keywords`), what similarity is worth (`evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.models.encoder import EncodedText, Vectors

SHARPNESS = 20.0
"""What a difference of cosines is multiplied by; chosen by cross-validation on development data."""


def word_similarity(
    words: Sequence[tuple[int, int]], question: EncodedText, sentence: EncodedText
) -> Vectors:
    """The best cosine of each word of the question, float32 (words,).

    `words` are offsets in the question. A word without a piece of its own, as beyond the encoder's
    window, has 0.
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


def max_similarity(similarity: Vectors) -> Vectors:
    """How much more similar than the others each sentence is to the words, float32 (sentences,).

    `similarity` is of shape (sentences, words). The result is the mean over the words of the
    logarithm of a sentence's share, by softmax; 0 where there are no words.
    """
    if not similarity.size:
        return np.zeros(len(similarity), dtype=np.float32)
    sharp = SHARPNESS * (similarity - similarity.max(axis=0))
    shares: Vectors = (sharp - np.log(np.exp(sharp).sum(axis=0))).mean(axis=1)
    return shares
