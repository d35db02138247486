"""A question's words as weighted stems in one language of the store: a structured query.

Each word of the question becomes the stems that may stand for it (Darwish and Oard 2003, who
give each translation's occurrences the weight of its probability): itself and its synonyms where
the document's language is its own, else its translations. A stem that the lexicon has hardly
seen may be a name: stems of the store that sound like it join in.

Not here: how a structured query is scored (`index_store.lexical`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from index_store.analysis.stemming import query_stems
from rag.models.lexicon import LANGUAGES, Lexicon
from rag.retrieval.metonyms import of_capital
from rag.text.detection import is_cyrillic
from rag.text.phonetics import initials, skeletons

RARE = 60
"""A stem seen in fewer training pairs may be a name."""

SOUNDS = 0.5
"""Weight of a stem that sounds alike; shared by all that do."""

EVENING = 0.7

CONSONANTS = 4
"""Shorter skeletons agree by chance."""

Word = Mapping[str, float]
"""The stems that may stand for one word of a question, each with its weight, at most 1."""

Vocabulary = Callable[[str], Sequence[str]]
"""Prefix → the store's stems that begin with it."""


def words(text: str, lang: str, lexicon: Lexicon, vocabulary: Vocabulary) -> list[Word]:
    """The words of a question as they may stand in documents of language `lang`.

    A word that nothing can stand for is an empty mapping.
    """
    stems = dict.fromkeys(query_stems(text))
    return [word(stem, lang, lexicon, vocabulary) for stem in stems]


def word(stem: str, lang: str, lexicon: Lexicon, vocabulary: Vocabulary) -> Word:
    """The stems that may stand for one stem in documents of `lang`.

    Itself alone for a number and for a language that the lexicon does not know.
    """
    own = "ru" if is_cyrillic(stem) else "en"
    if lang not in LANGUAGES or not stem.isalpha():
        return {stem: 1.0}
    countries = of_capital(stem, own, lang)
    if own == lang:
        return {**countries, **lexicon.synonyms(stem, own), stem: 1.0}
    found = {**countries, **_evened(lexicon.translations(stem, own))}
    if lexicon.seen(stem, own) < RARE:
        alike = _sounding_like(stem, vocabulary)
        for other in alike:
            found[other] = max(found.get(other, 0.0), SOUNDS / len(alike) ** 0.5)
    if own == "en":  # a Latin word may stand in a Russian text as it is
        found[stem] = 1.0
    return found


def _evened(translations: Mapping[str, float]) -> dict[str, float]:
    """The probabilities nearer to each other: the lexicon is surer than it has a right to be."""
    powers = {stem: p**EVENING for stem, p in translations.items()}
    total = sum(powers.values())
    return {stem: power / total for stem, power in powers.items()}


def _sounding_like(stem: str, vocabulary: Vocabulary) -> list[str]:
    """Stems of the other alphabet with the same consonants in some reading."""
    wanted = {skeleton for skeleton in skeletons(stem) if len(skeleton) >= CONSONANTS}
    if not wanted:
        return []
    near = (_by_skeleton(tuple(vocabulary(letter))) for letter in initials(stem))
    found = {other for index in near for skeleton in wanted for other in index.get(skeleton, ())}
    return sorted(found)


@lru_cache(maxsize=128)
def _by_skeleton(stems: tuple[str, ...]) -> dict[str, list[str]]:
    """Stems by the consonants of each of their readings."""
    index: dict[str, list[str]] = {}
    for stem in stems:
        for skeleton in skeletons(stem):
            index.setdefault(skeleton, []).append(stem)
    return index
