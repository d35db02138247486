"""Names of people and places across alphabets, transliterations and Russian cases.

A name is reduced to its skeleton, the sounds of its consonants, so that Voroshilov, Woroschilow
and Ворошилову agree. Spelling is ambiguous between languages (German "ch" is Russian х, English
"ch" is ч), so two names are compared in every pronunciation of either, vowels included.

Not here: who a person is, pseudonyms, first names in translation (George is not Георгий), and
names that Russian renders by meaning or by old custom.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.names.parsing import _WORD, OFFICES, Name, parse_name, persons_in
from rag.text.detection import is_cyrillic
from rag.text.phonetics import VOWELS, consonants, phonetic_variants
from rag.text.transliteration import transliterate

MIN_CONSONANTS = 3
"""Shorter skeletons agree only if their vowels agree too."""

_SLAVIC = re.compile(r"(?:[oe]v|(?<![aeiou])in|sk|iC|enk|Svil|ids)[aeiou]*$")
_VOWEL_CLASS = {"a": "a", "o": "a", "e": "e", "i": "e", "u": "u"}
_CONSONANT = re.compile(f"[^{VOWELS}]")


@lru_cache(maxsize=1 << 17)
def skeleton(word: str) -> str:
    """The consonant sounds of one word in its likeliest pronunciation, with an initial vowel.

    Comparable across alphabets, transliterations and Russian cases. An ambiguous spelling may
    need the other pronunciations, which `same_word` tries.
    """
    sounds = phonetic_variants(word)[0]
    return _initial(sounds) + consonants(sounds)


def _initial(sounds: str) -> str:
    """The class of an initial vowel ("ya" is a), or nothing."""
    vowels = re.match(f"i*([{VOWELS}])", sounds)
    return _VOWEL_CLASS[vowels[1]] if vowels else ""


def same_word(a: str, b: str) -> bool:
    """Whether two single words are forms of one name."""
    if transliterate(a) == transliterate(b) != "":
        return True
    both_cyrillic = is_cyrillic(a) and is_cyrillic(b)
    if both_cyrillic:
        return _stem(a) == _stem(b)
    foreign = is_cyrillic(a) != is_cyrillic(b)
    return any(_agree(x, y, foreign) for x in phonetic_variants(a) for y in phonetic_variants(b))


def _agree(a: str, b: str, foreign: bool) -> bool:
    """Whether the consonants are equal and the vowels as similar as transliteration makes them."""
    common = consonants(a)
    if common != consonants(b) or _initial(a) != _initial(b):
        return False
    if len(common) < 2:
        return False
    slavic = bool(_SLAVIC.search(a) or _SLAVIC.search(b))
    lenient = foreign and not slavic and len(common) >= MIN_CONSONANTS
    allowed = 0 if not lenient else 1 if len(common) <= 5 else 2
    pairs = zip(_CONSONANT.split(a)[1:-1], _CONSONANT.split(b)[1:-1], strict=True)
    return sum(not _alike(x, y, slavic) for x, y in pairs) <= allowed


def _alike(a: str, b: str, exact: bool) -> bool:
    """Whether these vowels between the same two consonants may be one in transliteration.

    Slavic names are transliterated vowel by vowel (`exact`); of others only a class is kept.
    """
    if not a or not b:
        return set(a + b) <= {"e", "i"}
    if exact:
        return bool(_with_yo(a) & _with_yo(b))
    return bool({_VOWEL_CLASS[v] for v in a} & {_VOWEL_CLASS[v] for v in b})


def _with_yo(vowels: str) -> set[str]:
    """The vowels; for "yo", which is ё, also e."""
    return set(vowels) | ({"e"} if "io" in vowels else set())


_RUSSIAN_ENDING = re.compile(
    r"(?:[оеё]го|[оеё]му|[ыиоеё]м|ыми|ими|[ыо]й|ий|ей|[ую]ю|ая|яя|ою|[ауыеиюяьйо])$"
)


def _stem(word: str) -> str:
    """A Russian name without its case ending, ё as е."""
    word = word.lower().replace("ё", "е")
    stem = _RUSSIAN_ENDING.sub("", word)
    return stem if len(stem) >= 3 else word


def same_name(typed: str, stored: str) -> bool:
    """Whether the name that a reader typed is that of a stored person (or office).

    A full word must agree, and no other part may contradict: given names and initials agree in
    their first sound. Words after a person in the stored value ("Mr R.G. Casey, Treasurer,") do
    not count as names; further persons in it ("…, and Mr S.M. Bruce") do.
    """
    wanted = parse_name(typed.replace(",", " "))
    return bool(wanted.words) and any(_fits(wanted, person) for person in persons_in(stored))


def same_spelling(a: str, b: str) -> bool:
    """Whether a person in `b` has the same spelling as `a`, ignoring alphabet and case, with the
    same number of words and the same initials."""
    wanted = parse_name(a.replace(",", " "))
    return bool(wanted.words) and any(_spelt(wanted, person) for person in persons_in(b))


def _spelt(a: Name, b: Name) -> bool:
    if len(a.words) != len(b.words) or len(a.initials) != len(b.initials):
        return False
    words = list(b.words)
    for word in a.words:
        match = next((other for other in words if same_word(word, other)), None)
        if match is None:
            return False
        words.remove(match)
    return all(_same_initial(x, y) for x, y in zip(a.initials, b.initials, strict=True))


def keys(name: str) -> frozenset[str]:
    """Keys of a name. Two names that may be the same have at least one in common, so that few
    names have to be compared."""
    found = set()
    whole = re.findall(_WORD, name)
    for word in (*whole, *(part for w in whole if "-" in w for part in w.split("-"))):
        found |= {consonants(sounds) for sounds in phonetic_variants(word)}
        found |= {transliterate(word), _stem(word)}
    return frozenset(found)


def _fits(typed: Name, stored: Name) -> bool:
    words, initials = list(stored.words), list(stored.initials)
    unmatched = []
    for word in typed.words:
        match = next((other for other in words if _is_part(word, other)), None)
        if match is None:
            unmatched.append(word)
        else:
            words.remove(match)
    if len(unmatched) == len(typed.words):
        return False
    unmatched = [word for word in unmatched if word.lower() not in OFFICES]
    if not words and not initials:
        return True
    for word in unmatched:
        match = next((i for i in initials if _same_initial(word, i)), None)
        if match is not None:
            initials.remove(match)
        elif not any(_prefix(word, other) for other in words):
            return False
    given = initials + words
    for initial in typed.initials:
        match = next((other for other in given if _same_initial(initial, other)), None)
        if match is None:
            return False
        given.remove(match)
    return True


def _is_part(word: str, stored: str) -> bool:
    """Whether a typed word is the stored one, or one of those that hyphens join in it."""
    parts = stored.split("-") if "-" in stored and "-" not in word else []
    return same_word(word, stored) or any(same_word(word, part) for part in parts if part)


def _prefix(a: str, b: str) -> bool:
    """Whether the names begin with the same three sounds: Klim and Kliment."""
    x, y = phonetic_variants(a)[-1][:3], phonetic_variants(b)[-1][:3]
    return len(x) == 3 and x == y


def _same_initial(a: str, b: str) -> bool:
    return bool(_first_sounds(a) & _first_sounds(b))


def _first_sounds(word: str) -> set[str]:
    """The first sound in every pronunciation; for J and Y before a vowel also that vowel and i."""
    found = set()
    for sounds in phonetic_variants(word):
        found.add(sounds[:1])
        if sounds[:1] == "i" and sounds[1:2] in tuple(VOWELS):
            found.add(sounds[1:2])
    return found
