"""Personal names in running text."""

from __future__ import annotations

import re

_CAPITALISED = r"(?:Mc|Mac|[OoDd]['’])?[A-ZА-ЯЁІЇЄ][^\W\d_]+(?:['’\-][^\W\d_]+){0,3}"
_INITIALS = r"(?:(?:Дж|[A-ZА-ЯЁ])\.\s?){1,3}+"
_NAME = re.compile(
    rf"(?<![\w.])(?P<before>{_INITIALS})?(?P<word>{_CAPITALISED})(?P<after>\s{_INITIALS}(?!\s?[A-ZА-ЯЁ]))?"
)
NAMES = (
    rf"(?:{_INITIALS})?{_CAPITALISED}(?:\s(?:{_INITIALS})?{_CAPITALISED}){{0,2}}"
    rf"(?:\s{_INITIALS}(?!\s?[A-ZА-ЯЁ]))?"
)
"""A pattern for a name of one to three capitalised words with their initials."""
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


def without_common(name: str) -> str:
    """The name without the function words, months and days that merely begin with a capital."""
    words = name.split()
    while words and words[0].lower() in _COMMON:
        del words[0]
    return " ".join(words)


def like_surname(word: str) -> bool:
    """Does the word end as Russian surnames do, in either alphabet and any case?"""
    return _SURNAME.search(word.lower()) is not None


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
