"""The similarity of a question's words to a sentence, by contextual vectors of word pieces.

Each word of the question gets its best cosine with any word piece of the sentence (late
interaction: Khattab and Zaharia 2020, arXiv 2004.12832; the model here was not trained for it).
This finds "apartment" for "flat" although the two texts share no word.

Sentences are then compared with each other: a word that all of them have, such as the name of the
passage's subject, does not distinguish them.

Not here: which words count (`rag.answers.question_terms`), the weight of similarity
(`rag.answers.evidence`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index_store.types import Vectors
from rag.models.encoder import EncodedText

SHARPNESS = 20.0
"""Factor for cosines before the softmax; chosen by cross-validation on development data."""


def word_similarity(
    words: Sequence[tuple[int, int]], question: EncodedText, sentence: EncodedText
) -> Vectors:
    """The best cosine of each word of the question with the sentence, float32 (words,).

    `words` are (start, end) offsets in the question. A word without a word piece, for example
    beyond the encoder's window, gets 0.
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
    """The similarity of each sentence relative to the other sentences, float32 (sentences,).

    `similarity` is float32 of shape (sentences, words). The result is the log-softmax over the
    sentences, averaged over the words; 0 where there are no words.
    """
    if not similarity.size:
        return np.zeros(len(similarity), dtype=np.float32)
    sharp = SHARPNESS * (similarity - similarity.max(axis=0))
    shares: Vectors = (sharp - np.log(np.exp(sharp).sum(axis=0))).mean(axis=1)
    return shares
