"""Stems of English and Russian words, by tantivy's Snowball stemmers."""

from __future__ import annotations

import functools

import tantivy
from tantivy import Filter as TokenFilter

from index_store.analysis.folding import fold
from index_store.analysis.stopwords import STOP_WORDS

ANALYZER = "fonds"
"""The name under which an index registers `analyzer`."""

_MAX_WORD_BYTES = 80  # longer runs of letters are noise


@functools.cache
def analyzer() -> tantivy.TextAnalyzer:
    """Splits text that `fold` has folded into words, and stems them."""
    # The two stemmers touch disjoint alphabets, so they can be chained.
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(TokenFilter.remove_long(_MAX_WORD_BYTES))
        .filter(TokenFilter.lowercase())
        .filter(TokenFilter.ascii_fold())  # "Ceaușescu" is typed "Ceausescu"
        .filter(TokenFilter.stemmer("english"))
        .filter(TokenFilter.stemmer("russian"))
        .build()
    )


@functools.cache
def _splitter() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(TokenFilter.remove_long(_MAX_WORD_BYTES))
        .filter(TokenFilter.lowercase())
        .filter(TokenFilter.ascii_fold())
        .build()
    )


def stems(text: str) -> list[str]:
    """The stems under which `text` is indexed, one for each word, in order."""
    return list(analyzer().analyze(fold(text)))


def query_stems(text: str) -> list[str]:
    """The stems of `text` without English and Russian stop words; with them if all are."""
    words = _splitter().analyze(fold(text))
    kept = [word for word in words if word not in STOP_WORDS]
    return stems(" ".join(kept or words))
