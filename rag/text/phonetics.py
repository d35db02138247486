"""The sounds of words in Latin and Cyrillic letters, so that they can be compared.

`phonetic_variants` returns the sounds of a word in every plausible pronunciation, `consonants`
removes the vowels, and `skeletons` does both: Эйзенштейн and Eisenstein, Ворошилову and Voroshilov
have most of them in common. `outlines` are a first, coarse comparison of many words. Pre-reform
spelling is folded first.

Not here: whether two names are one (`rag.names.matching` is stricter), or meaning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from index_store.analysis.folding import fold
from rag.text.detection import is_cyrillic
from rag.text.transliteration import transliterate

VOWELS = "aeiou"
_NO_VOWELS = dict.fromkeys(map(ord, VOWELS))
_MAX_LENGTH = 60  # letters of a word that count; no name is longer

_CYRILLIC = {
    **{"дж": "J", "тс": "s", "тч": "C", "шч": "S", "шт": "st", "шп": "sp"},
    **dict(zip("бвгджзклмнпрстфхцчшщѳ", "bvgdSsklmnprstfgsCSSf", strict=True)),
    **dict(zip("аеёиійоуыэюяѣѵєїў", "aeeiiiouieuaeieiu", strict=True)),
}
_CYRILLIC_TOKEN = re.compile("|".join(sorted(_CYRILLIC, key=len, reverse=True)))
# Pattern, its sound in English and in German and Slavic spelling; the first that fits counts.
_LATIN_RULES = (
    ("schtsch|shtsch|schch|shch|szcz", "S", "S"),
    ("tsch|tch|tsh|cz|č|ć", "C", "C"),
    ("dsch|dzh|dj|dž", "J", "J"),
    ("(?<![a-z])s(?:ch|h)?(?=[tp])", "s", "s"),
    ("sch|sh|sz|zh|š|ž|ż", "S", "S"),
    ("kh", "g", "g"),
    ("ph", "f", "f"),
    ("th", "t", "t"),
    ("qu", "kv", "kv"),
    ("t[sz]|cs", "s", "s"),
    ("ck", "k", "k"),
    ("ch", "C", "g"),
    ("dg(?=[es])", "J", "dg"),
    ("gh(?=[ts]|$)", "", "g"),
    ("g(?=[eiy])", "J", "g"),
    ("(?<=[aeiouy])w(?![aeiouy])", "", "v"),
    ("(?<=[aeiouy])h(?![aeiouy])|(?<=[bcdgjklmnrtz])h", "", ""),
    ("h", "g", "g"),
    ("c(?=[eiy])", "s", "s"),
    ("(?<=[oe]vi)c$", "C", "C"),
    ("[cq]", "k", "k"),
    ("(?<=i)j|(?<=[aeou])j(?![aeiouy])", "i", "i"),
    ("j", "J", "i"),
    ("x", "ks", "ks"),
    ("z", "s", "s"),
    ("wh?", "v", "v"),
    ("oo", "u", "u"),
    ("y", "i", "i"),
    ("[abdefgiklmnoprstuv]", None, None),
)
_LATIN_TOKEN = re.compile("|".join(f"({pattern})" for pattern, _, _ in _LATIN_RULES))
_CARONS = "čćšžż"
_FINAL_F = re.compile(r"(?<=[eo])f$")
_AFTER_SIBILANT = re.compile(r"(?<=[SCJ])ov(?=[aeiou]*m?$)")
_CASE_ENDING = re.compile(r"(?:[oe]go|[oe]mu|[aeiou]+m)$")
_DOUBLED = re.compile(r"(.)\1+")


def consonants(sounds: str) -> str:
    """The sounds without vowels."""
    return sounds.translate(_NO_VOWELS)


@lru_cache(maxsize=1 << 16)
def phonetic_variants(word: str) -> tuple[str, ...]:
    """The sounds of one word in every pronunciation, the likeliest first, without a case ending.

    An ending that looks like a case may belong to the name (Максим): the last variants keep it.
    """
    word = unicodedata.normalize("NFC", word[:_MAX_LENGTH]).lower()
    word = word.removesuffix("'s").removesuffix("’s")
    if is_cyrillic(word):
        full = [_cyrillic(word)]
        if re.match("у[аеиоыэя]", word):
            full.append("v" + full[0][1:])
    else:
        english, german = _latin(word)
        marked = re.search("sch|[aeo]w(?:$|a$)|ow(?:itsch|sk)|^j[aeou].*(?:ow|ew|in)$", word)
        full = [german, english] if marked else [english, german]
    full = [_regular(sounds) for sounds in full]
    stripped = [_without_case(sounds) for sounds in full]
    return tuple(dict.fromkeys(stripped + full))


def _cyrillic(word: str) -> str:
    return "".join(_CYRILLIC[token] for token in _CYRILLIC_TOKEN.findall(word))


def _latin(word: str) -> tuple[str, str]:
    """The sounds in English and in German and Slavic spelling."""
    plain = word
    if not word.isascii():
        plain = "".join(c if c in _CARONS else transliterate(c) for c in word)
    english, german = [], []
    for match in _LATIN_TOKEN.finditer(plain):
        _, in_english, in_german = _LATIN_RULES[(match.lastindex or 1) - 1]
        english.append(match[0] if in_english is None else in_english)
        german.append(match[0] if in_german is None else in_german)
    return "".join(english), "".join(german)


def _regular(sounds: str) -> str:
    """Doubled sounds once, final -off as -ov, and -ov after ш, ж, ч as -ev (Хрущёв)."""
    sounds = _FINAL_F.sub("v", _DOUBLED.sub(r"\1", sounds))
    return _AFTER_SIBILANT.sub("ev", sounds)


def _without_case(sounds: str) -> str:
    stem = _CASE_ENDING.sub("", sounds)
    return stem if len(consonants(stem)) >= 2 else sounds


MIN_SKELETON_LENGTH = 3
"""Consonants of a skeleton: shorter ones agree by chance."""

_SOUND_ALIKE = (
    "а a", "б b", "в vw", "г gh", "д dj", "еёэ aeyoi", "ж jgz", "з zs", "ий iyj", "к ckq",
    "л l", "м m", "н n", "о oa", "п p", "р r", "с sc", "т t", "у uwo", "ф fpt", "х hck",
    "ц ctz", "ч ct", "шщ s", "ы y", "ю jyu", "я jyi",
)  # fmt: skip
"""Cyrillic letters and the Latin ones that may begin the same name."""


def spell(word: str) -> str:
    """The word in Latin letters, lower case."""
    return transliterate(fold(word))


@cache
def _initials() -> dict[str, str]:
    both: dict[str, str] = {}
    for line in _SOUND_ALIKE:
        cyrillic, latin = line.split()
        for a in cyrillic:
            for b in latin:
                both[a] = both.get(a, "") + b
                both[b] = both.get(b, "") + a
    return both


def initials(word: str) -> str:
    """Letters of the other alphabet that may begin a word which sounds like this one."""
    return _initials().get(fold(word)[:1], "")


@lru_cache(maxsize=1 << 18)
def skeletons(word: str) -> tuple[str, ...]:
    """The word's consonants in every pronunciation, the likeliest first."""
    return tuple(dict.fromkeys(consonants(sounds) for sounds in phonetic_variants(fold(word))))


class _Outline(dict[int, str]):
    """For `str.translate`: b, l, n and r in Latin letters, all other letters as none."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        sounds = _CYRILLIC.get(letter, "") if is_cyrillic(letter) else transliterate(letter)
        self[code] = "".join(sound for sound in sounds if sound in "blnr")
        return self[code]


_OUTLINE = _Outline({ord("\n"): "\n"})


def outlines(words: Sequence[str]) -> list[str]:
    """The sounds b, l, n and r of each word in lower case, of several in a row the first.

    Words in one alphabet that share a skeleton have the same outline, for these sounds have no
    other spelling; others may have it too. An outline is found many times faster.
    """
    lines = "\n".join(words).translate(_OUTLINE).split("\n") if words else []
    return [_DOUBLED.sub(r"\1", line) for line in lines]
