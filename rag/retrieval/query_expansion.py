"""Expands a question's words to weighted stems in one language of the store.

The result is a structured query (probabilistic structured queries: Darwish and Oard, SIGIR 2003):
each word becomes a set of stems, each weighted by its translation probability. In documents of the
word's own language this is the stem alone, otherwise its translations. A stem that is rare in the
lexicon may be a name, so stems of the store that sound like it are added. Documents in a third
language are searched for the question's words, stemmed by the rules of that language.

Not here: how a structured query is scored (`index_store.lexical_index`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from index_store.analysis.stemming import query_stems
from rag.models.lexicon import LANGUAGES, Lexicon
from rag.retrieval.metonyms import country_stems
from rag.text.detection import CYRILLIC, is_cyrillic
from rag.text.phonetics import initials, outlines, skeletons

RARE_BELOW = 60
"""A stem in fewer training pairs of the lexicon may be a name or a term of the archive."""

SOUND_ALIKE_WEIGHT = 0.5
"""Weight of a stem that sounds alike; divided by the square root of their number."""

SMOOTHING_EXPONENT = 0.7
"""Translation probabilities are raised to this power, because the lexicon is overconfident."""

MIN_VOCABULARY_SKELETON = 4
"""Consonants that sound-alike stems must share; shorter skeletons agree by chance."""

WeightedStems = Mapping[str, float]
"""The stems that one word of a question is searched by, each with its weight, at most 1."""

Vocabulary = Callable[[str], Sequence[str]]
"""Prefix → the store's stems that begin with it."""


def expand_query(
    text: str,
    lang: str,
    lexicon: Lexicon,
    vocabulary: Vocabulary,
    written_in: str = "en",
    stem_language: str | None = None,
) -> list[WeightedStems]:
    """The stems for each word of a question in documents of language `lang`.

    `written_in` is the question's language, `stem_language` that by whose rules the documents are
    stemmed, where it is not `lang`. The mapping of a word without any translation is empty.
    """
    stems = dict.fromkeys(query_stems(text, stem_language or lang, written_in))
    return [expand_stem(stem, lang, lexicon, vocabulary) for stem in stems]


def translates(written_in: str, lang: str) -> bool:
    """Whether the words of a question can be found in documents of another language, or are in
    that language."""
    return written_in == lang or {written_in, lang} <= set(LANGUAGES)


def expand_stem(stem: str, lang: str, lexicon: Lexicon, vocabulary: Vocabulary) -> WeightedStems:
    """The stems for one word of a question, a `stem` as the documents of language `lang` have it.

    Words in Latin letters count as English, whatever the question is written in: many are names or
    common to both. In a language that the lexicon does not know a word has only its stem, and those
    that sound alike where it is written in another alphabet.
    """
    own = "ru" if is_cyrillic(stem) else "en"
    if not stem.isalpha():
        return {stem: 1.0}
    if lang not in LANGUAGES:
        foreign = (lang in CYRILLIC) != is_cyrillic(stem)
        return {**(_names_like(stem, own, lexicon, vocabulary) if foreign else {}), stem: 1.0}
    countries = country_stems(stem, own, lang)
    if own == lang:
        return {**countries, stem: 1.0}
    found = {**countries, **_smoothed(lexicon.translations(stem, own))}
    for other, weight in _names_like(stem, own, lexicon, vocabulary).items():
        found[other] = max(found.get(other, 0.0), weight)
    if own == "en":  # a Russian text may contain a word in Latin letters
        found[stem] = 1.0
    return found


def _smoothed(translations: Mapping[str, float]) -> dict[str, float]:
    """The probabilities moved closer to each other, with sum 1."""
    powers = {stem: p**SMOOTHING_EXPONENT for stem, p in translations.items()}
    total = sum(powers.values())
    return {stem: power / total for stem, power in powers.items()}


def _names_like(stem: str, own: str, lexicon: Lexicon, vocabulary: Vocabulary) -> dict[str, float]:
    """Stems of the store that sound like a stem of language `own`, if it is rare in the lexicon."""
    if lexicon.frequency(stem, own) >= RARE_BELOW:
        return {}
    alike = _sounding_like(stem, vocabulary)
    return dict.fromkeys(alike, SOUND_ALIKE_WEIGHT / len(alike) ** 0.5) if alike else {}


def _sounding_like(stem: str, vocabulary: Vocabulary) -> list[str]:
    """Stems of the store with the same consonants in one of their phonetic variants."""
    wanted = {skeleton for skeleton in skeletons(stem) if len(skeleton) >= MIN_VOCABULARY_SKELETON}
    if not wanted:
        return []
    (outline,) = outlines([stem])
    indexes = (_by_outline(tuple(vocabulary(letter))) for letter in initials(stem))
    found = {other for index in indexes for other in index.get(outline, ())}
    return sorted(other for other in found if not wanted.isdisjoint(skeletons(other)))


@lru_cache(maxsize=128)
def _by_outline(stems: tuple[str, ...]) -> dict[str, list[str]]:
    """Stems by their outlines."""
    index: dict[str, list[str]] = {}
    for stem, outline in zip(stems, outlines(stems), strict=True):
        index.setdefault(outline, []).append(stem)
    return index
