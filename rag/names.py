"""Names of people and places across alphabets, transliterations and Russian cases.

A name is reduced to its skeleton, the sounds of its consonants, so that Voroshilov, Woroschilow
and Ворошилову agree. Spelling is ambiguous between languages (German "ch" is Russian х, English
"ch" is ч), so two names are compared in every reading of either, and their vowels have a say.

Not here: who a person is, pseudonyms, first names in translation (George is not Георгий), and
names that Russian renders by meaning or by old custom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.name_sounds import VOWELS, consonants, is_cyrillic, readings, transliterate

__all__ = ["is_title", "names_in", "same_name", "same_word", "skeleton", "transliterate"]

MIN_CONSONANTS = 3
"""Shorter skeletons agree only when their vowels agree too."""

_SLAVIC = re.compile(r"(?:[oe]v|(?<![aeiou])in|sk|iC|enk|Svil|ids)[aeiou]*$")
_VOWEL_CLASS = {"a": "a", "o": "a", "e": "e", "i": "e", "u": "u"}
_CONSONANT = re.compile(f"[^{VOWELS}]")


def skeleton(word: str) -> str:
    """The consonant sounds of one word in its likeliest reading, with an initial vowel.

    Comparable across alphabets, transliterations and Russian cases. An ambiguous spelling may
    need the other readings that `same_word` tries.
    """
    sounds = readings(word)[0]
    return _initial(sounds) + consonants(sounds)


def _initial(sounds: str) -> str:
    """The class of an initial vowel ("ya" is a), or nothing."""
    vowels = re.match(f"i*([{VOWELS}])", sounds)
    return _VOWEL_CLASS[vowels[1]] if vowels else ""


def same_word(a: str, b: str) -> bool:
    """Are these two single words forms of one name?"""
    if transliterate(a) == transliterate(b) != "":
        return True
    both_cyrillic = is_cyrillic(a) and is_cyrillic(b)
    if both_cyrillic:
        return _stem(a) == _stem(b)
    foreign = is_cyrillic(a) != is_cyrillic(b)
    return any(_agree(x, y, foreign) for x in readings(a) for y in readings(b))


def _agree(a: str, b: str, foreign: bool) -> bool:
    """Same consonants, and vowels that differ no more than transliteration makes them."""
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
    """May these vowels between the same two consonants stand for one another?

    Slavic names are transliterated vowel by vowel (`exact`); others keep no more than a class.
    """
    if not a or not b:
        return set(a + b) <= {"e", "i"}
    if exact:
        return bool(_with_yo(a) & _with_yo(b))
    return bool({_VOWEL_CLASS[v] for v in a} & {_VOWEL_CLASS[v] for v in b})


def _with_yo(vowels: str) -> set[str]:
    """The vowels; "yo" is ё, which is also written е."""
    return set(vowels) | ({"e"} if "io" in vowels else set())


_RUSSIAN_ENDING = re.compile(
    r"(?:[оеё]го|[оеё]му|[ыиоеё]м|ыми|ими|[ыо]й|ий|ей|[ую]ю|ая|яя|ою|[ауыеиюяьйо])$"
)


def _stem(word: str) -> str:
    """A Russian name without its case ending, ё as е."""
    word = word.lower().replace("ё", "е")
    stem = _RUSSIAN_ENDING.sub("", word)
    return stem if len(stem) >= 3 else word


_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*"
_INITIAL = re.compile(r"(?<!\w)(?:Дж|Ch|Ш|Щ|[^\W\d_])\.", re.I)
_TITLE_WORDS = """
mr mrs ms miss sir lord lady dr prof professor gen general col colonel lt maj major capt captain
marshal admiral comrade count prince princess baron rev tov von van de der of the to
т тов товарищ товарищу товарища г гн господин господину граф графу князь князю генерал генералу
маршал маршалу проф профессор профессору в фон дер
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_BREAK = re.compile(r"[;/]|,?\s{1,3}(?:and|и)\s|,")
_POSITION_START = re.compile(
    r"(?:mr|mrs|miss|ms|sir|lord|lady|dr|prof|lt|col|gen|тов|граф|князь)\b|\w{1,2}\.", re.I
)


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[str, ...]
    initials: tuple[str, ...]
    titled: bool


def same_name(typed: str, stored: str) -> bool:
    """Does what a reader typed name the person (or office) stored?

    A full word must agree, and what else either has must not contradict: given names and
    initials agree in their first sound. What follows a person in the stored value ("Mr R.G.
    Casey, Treasurer,") does not name him; further persons in it ("…, and Mr S.M. Bruce") count.
    """
    wanted = _name(typed.replace(",", " "))
    return bool(wanted.words) and any(_fits(wanted, person) for person in _persons(stored))


def _persons(stored: str) -> list[_Name]:
    parts = [part.strip() for part in _BREAK.split(stored) if part.strip()]
    if not parts:
        return []
    first = _name(parts[0])
    if not first.titled and not first.initials:
        if len(parts) == 2 and "," in stored and len(first.words) == 1:
            return [_name(stored.replace(",", " "))]  # "Tolstoy, Leo"
        return [_name(stored.replace(",", " "))] if ";" not in stored else [_name(p) for p in parts]
    return [first] + [_name(part) for part in parts[1:] if _POSITION_START.match(part)]


def _name(text: str) -> _Name:
    initials = tuple(match[0][:-1] for match in _INITIAL.finditer(text) if len(match[0]) <= 3)
    tokens = re.findall(_WORD, _INITIAL.sub(" ", text))
    words = tuple(token for token in tokens if token.lower() not in _TITLES and len(token) > 1)
    single = tuple(token for token in tokens if len(token) == 1 and token.isupper())
    return _Name(words, initials + single, len(words) < len(tokens) - len(single))


def _fits(typed: _Name, stored: _Name) -> bool:
    words, initials = list(stored.words), list(stored.initials)
    unmatched = []
    for word in typed.words:
        match = next((other for other in words if same_word(word, other)), None)
        if match is None:
            unmatched.append(word)
        else:
            words.remove(match)
    if len(unmatched) == len(typed.words):
        return False
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


def _prefix(a: str, b: str) -> bool:
    """Klim and Kliment."""
    x, y = readings(a)[-1][:3], readings(b)[-1][:3]
    return len(x) == 3 and x == y


def _same_initial(a: str, b: str) -> bool:
    return bool(_first_sounds(a) & _first_sounds(b))


def _first_sounds(word: str) -> set[str]:
    """First sound in every reading; J and Y before a vowel also count as that vowel and as i."""
    found = set()
    for sounds in readings(word):
        found.add(sounds[:1])
        if sounds[:1] == "i" and sounds[1:2] in tuple(VOWELS):
            found.add(sounds[1:2])
    return found


_CAPITALISED = r"(?:Mc|Mac|[OoDd]['’])?[A-ZА-ЯЁІЇЄ][^\W\d_]+(?:['’\-][^\W\d_]+){0,3}"
_INITIALS = r"(?:(?:Дж|[A-ZА-ЯЁ])\.\s?){1,3}+"
_NAME = re.compile(
    rf"(?<![\w.])(?P<before>{_INITIALS})?(?P<word>{_CAPITALISED})(?P<after>\s{_INITIALS}(?!\s?[A-ZА-ЯЁ]))?"
)
_SURNAME = re.compile(
    r"(?:[oe]v|[oe]va|sky|ski|skii|vich|enko|shvili|dze|ов|ев|ёв|ин|ский|ич|енко|швили|дзе)"
    r"(?:[ауы]|у|ым|ом|ем|ого|ому|им|ой)?$"
)
_OPENS = re.compile(r"(?:^|[.!?…:]|\n)[\s\"'«“„(\[—–-]*$")
_COMMON_WORDS = """
a an the this that these those there here what when where which who whom whose why how did do does
is are was were has have had can could will would should may might must in on at of to by for from
with without and or but if as it its he she they we you i my his her their our your not no yes
after before during since until while although because let all some any each dear yours sincerely
source letter telegram report note memorandum please tell show find list give describe explain
according mr mrs sir dr january february march april june july august september october november
december monday tuesday wednesday thursday friday saturday sunday
что кто кого кому кем чём чем где когда куда откуда почему зачем как какой какая какое какие какого
каком каких который сколько чей в во на о об от до из к ко с со у по за для при над под без через
между после перед и а но или если же ли бы не ни да нет это этот эта эти тот та те там тут здесь он
она оно они мы вы я мой ваш наш его её их все всё письмо телеграмма записка источник найди найдите
покажи покажите расскажи дорогой уважаемый том
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def has_initials(name: str) -> bool:
    return _INITIAL.search(name) is not None


def like_surname(word: str) -> bool:
    """Does the word end as Russian surnames do, in either alphabet and any case?"""
    return _SURNAME.search(word.lower()) is not None


def is_title(name: str) -> bool:
    """Does a name consist of a rank or form of address alone ("Captain")?"""
    return all(word.lower() in _TITLES for word in re.findall(r"[^\W\d_]+", name))


def names_in(text: str) -> list[str]:
    """Capitalised words, with the initials beside them, in order and as written, each once.

    A word that merely opens a sentence is left out unless it is like a surname, has initials,
    stands before another capitalised word or is capitalised elsewhere too. Function words,
    months and days are never names. Takes time linear in the text.
    """
    found: dict[str, str] = {}
    openers = set()
    sure = set()
    for match in _NAME.finditer(text):
        word = match["word"]
        if word.lower() in _COMMON:
            continue
        name = match[0].strip()
        found[name] = word
        if _merely_opens(text, match):
            openers.add(name)
        else:
            sure.add(word)
    return [name for name, word in found.items() if name not in openers or word in sure]


def _merely_opens(text: str, match: re.Match[str]) -> bool:
    """Is this the capital of a sentence's beginning, with nothing that speaks for a name?"""
    if match["before"] or match["after"]:
        return False
    if not _OPENS.search(text[max(0, match.start() - 6) : match.start()]):
        return False
    followed = re.match(r" [A-ZА-ЯЁ]", text[match.end() : match.end() + 2])
    return not (followed or like_surname(match["word"]))
