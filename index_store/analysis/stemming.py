"""Stems of words, by the Snowball stemmers of tantivy, in the language of each text.

English, Russian and every language without a stemmer share one analyzer, which stems English and
Russian words alike: the two alphabets are disjoint. Other languages with a stemmer have their own
(`has_own_stemmer`), so that their words have other stems than the same letters in English.

Not here: what the language of a text is (`rag.text.detection`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import tantivy
from tantivy import Filter as TokenFilter

from index_store.analysis.folding import fold
from index_store.analysis.stopwords import ASKING, LISTED, STOP_WORDS

ANALYZER = "fonds"
"""The name under which an index registers `analyzer()`."""

SHARED = "en"
"""A language of the analyzer that English, Russian and languages without a stemmer share."""

_MAX_WORD_BYTES = 80  # longer runs of letters are noise

_STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""ISO 639-1 code → tantivy's name of the stemmer, without English and Russian."""


def has_own_stemmer(lang: str) -> bool:
    """Whether words of this language are stemmed by rules other than `SHARED`."""
    return lang in _STEMMERS


def analyzer(lang: str = SHARED) -> tantivy.TextAnalyzer:
    """Splits text that `fold` has folded into words, and stems them as words of `lang`."""
    return _analyzer(_STEMMERS.get(lang))


@functools.cache
def _analyzer(stemmer: str | None) -> tantivy.TextAnalyzer:
    words = _words()
    if stemmer is None:
        # The two stemmers touch disjoint alphabets, so they can be chained.
        words = words.filter(TokenFilter.ascii_fold())  # "Ceaușescu" is typed "Ceausescu"
        stemmed = words.filter(TokenFilter.stemmer("english"))
    else:  # its endings have diacritics: "habitación"
        stemmed = words.filter(TokenFilter.stemmer(stemmer)).filter(TokenFilter.ascii_fold())
    return stemmed.filter(TokenFilter.stemmer("russian")).build()


def _words() -> tantivy.TextAnalyzerBuilder:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(TokenFilter.remove_long(_MAX_WORD_BYTES))
        .filter(TokenFilter.lowercase())
    )


@functools.cache
def _splitter(stemmer: str | None, ascii_only: bool) -> tantivy.TextAnalyzer:
    """Splits folded text into words without the stop words that tantivy lists for a language."""
    words = _words()
    if stemmer in LISTED:
        words = words.filter(TokenFilter.stopword(stemmer))
    return words.filter(TokenFilter.ascii_fold()).build() if ascii_only else words.build()


def stems(text: str, lang: str = SHARED) -> list[str]:
    """The stems under which a text of language `lang` is indexed, one for each word, in order."""
    return list(analyzer(lang).analyze(fold(text)))


def stems_in(word: str, langs: Iterable[str]) -> list[str]:
    """The stems of `word` in texts of any of the languages, sorted."""
    return sorted({stem for lang in langs for stem in stems(word, lang)})


def stems_of_words(text: str, langs: Sequence[str]) -> list[list[str]]:
    """For each word of `text`, in order and once, its stems in texts of any of the languages."""
    return _of_each(_splitter(None, _is_shared(langs)).analyze(fold(text)), langs)


def query_stems_of_words(text: str, langs: Sequence[str]) -> list[list[str]]:
    """As `stems_of_words` without English and Russian stop words; with them if all are."""
    words = _splitter(None, _is_shared(langs)).analyze(fold(text))
    return _of_each([word for word in words if word not in STOP_WORDS] or words, langs)


def _is_shared(langs: Iterable[str]) -> bool:
    return not any(map(has_own_stemmer, langs))


def _of_each(words: Iterable[str], langs: Sequence[str]) -> list[list[str]]:
    groups = dict.fromkeys(tuple(stems_in(word, langs)) for word in words)
    return [list(group) for group in groups if group]


def query_stems(text: str, lang: str = SHARED, written_in: str = SHARED) -> list[str]:
    """The stems of a query in texts of language `lang`, without stop words; with them if all are.

    `written_in` is the language of the query, whose stop words these are; English and Russian ones
    go as well.
    """
    folded = fold(text)
    splitter = _splitter(_STEMMERS.get(written_in), not has_own_stemmer(lang))
    kept = [word for word in splitter.analyze(folded) if not _is_listed(word, written_in)]
    return stems(" ".join(kept) or folded, lang)


def is_stop_word(word: str, lang: str = SHARED) -> bool:
    """Whether a single word is a stop word of `lang`, of English or of Russian."""
    folded = fold(word)
    if _is_listed(folded, lang):
        return True
    return has_own_stemmer(lang) and not _splitter(_STEMMERS[lang], False).analyze(folded)


def _is_listed(word: str, lang: str) -> bool:
    return word in STOP_WORDS or word in ASKING.get(lang, ())
