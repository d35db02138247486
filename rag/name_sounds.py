"""The letters and sounds of names, the same for Latin and Cyrillic spellings.

`transliterate` spells; `readings` gives codes of sounds. Consonant codes are
b p v f g k d t s S C J l m n r, where g stands for г, h and х; s for с, з and ц; S for ш, ж and
щ; C for ч; J for дж. Vowel codes are a e i o u; a glide is i. A Latin spelling is read twice, as
English and as German or Slavic; Cyrillic once, and once more where У stands for an English W.

Not here: stress, palatalisation, voicing, and whether two names are the same (`rag.names`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

VOWELS = "aeiou"
_MAX_LENGTH = 60  # letters of a word that are heard; no name is longer

_CYRILLIC_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяѣіѳѵґєїјљњћђџў"
_THEIR_SPELLING = (
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya"
    " e i f i g ye yi j l n c d dz u"
)
_CYRILLIC_SPELLING = dict(zip(_CYRILLIC_LETTERS, _THEIR_SPELLING.split(" "), strict=True))
_LATIN_SPELLING = {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th"}
_SPELLING = {ord(k): v for k, v in (_CYRILLIC_SPELLING | _LATIN_SPELLING).items()}

_CYRILLIC = {
    **{"дж": "J", "тс": "s", "тч": "C", "шч": "S", "шт": "st", "шп": "sp"},
    **dict(zip("бвгджзклмнпрстфхцчшщѳ", "bvgdSsklmnprstfgsCSSf", strict=True)),
    **dict(zip("аеёиійоуыэюяѣѵєїў", "aeeiiiouieuaeieiu", strict=True)),
}
_CYRILLIC_TOKEN = re.compile("|".join(sorted(_CYRILLIC, key=len, reverse=True)))
# Pattern, the sound in English, the sound in German and Slavic spelling; the first that fits.
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
_IS_CYRILLIC = re.compile("[а-яѐ-џѣіѳѵ]", re.I)
_FINAL_F = re.compile(r"(?<=[eo])f$")
_AFTER_SIBILANT = re.compile(r"(?<=[SCJ])ov(?=[aeiou]*m?$)")
_CASE_ENDING = re.compile(r"(?:[oe]go|[oe]mu|[aeiou]+m)$")
_DOUBLED = re.compile(r"(.)\1+")


def transliterate(text: str) -> str:
    """Lower-case ASCII: Cyrillic by sound, other Latin letters without their marks.

    What has no ASCII form is dropped.
    """
    letters = unicodedata.normalize("NFC", text).lower().translate(_SPELLING)
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode("ascii")
    return plain.lower()  # letters without a small form, such as a mathematical A, become plain


def is_cyrillic(text: str) -> bool:
    return _IS_CYRILLIC.search(text) is not None


def consonants(sounds: str) -> str:
    """The codes without vowels."""
    return "".join(code for code in sounds if code not in VOWELS)


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[str, ...]:
    """The sounds of one word in every reading, the likeliest first, without a case ending.

    Where an ending that looks like a case may belong to the name (Максим), the last readings
    keep it.
    """
    word = unicodedata.normalize("NFC", word[:_MAX_LENGTH]).lower()
    word = word.removesuffix("'s").removesuffix("’s")
    if is_cyrillic(word):
        full = [_cyrillic(word)]
        if re.match("у[аеиоыэя]", word):
            full.append("v" + full[0][1:])
    else:
        english, german = _latin(word, english=True), _latin(word, english=False)
        marked = re.search("sch|[aeo]w(?:$|a$)|ow(?:itsch|sk)|^j[aeou].*(?:ow|ew|in)$", word)
        full = [german, english] if marked else [english, german]
    full = [_regular(sounds) for sounds in full]
    stripped = [_without_case(sounds) for sounds in full]
    return tuple(dict.fromkeys(stripped + full))


def _cyrillic(word: str) -> str:
    return "".join(_CYRILLIC[token] for token in _CYRILLIC_TOKEN.findall(word))


def _latin(word: str, english: bool) -> str:
    plain = "".join(c if c in _CARONS else transliterate(c) for c in word)
    sounds = []
    for match in _LATIN_TOKEN.finditer(plain):
        sound = _LATIN_RULES[(match.lastindex or 1) - 1][1 if english else 2]
        sounds.append(match[0] if sound is None else sound)
    return "".join(sounds)


def _regular(sounds: str) -> str:
    """Doubled sounds once, final -off as -ov, and -ov after ш, ж, ч as -ev (Хрущёв)."""
    sounds = _FINAL_F.sub("v", _DOUBLED.sub(r"\1", sounds))
    return _AFTER_SIBILANT.sub("ev", sounds)


def _without_case(sounds: str) -> str:
    stem = _CASE_ENDING.sub("", sounds)
    return stem if len(consonants(stem)) >= 2 else sounds
