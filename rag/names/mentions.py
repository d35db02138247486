"""Personal names in running text."""

from __future__ import annotations

import re

from rag.text.languages import either, union

_CAPITALISED = r"(?:Mc|Mac|[OoDd]['’])?[A-ZА-ЯЁІЇЄ][^\W\d_]+(?:['’\-][^\W\d_]+){0,3}"
_INITIALS = r"(?:(?:Дж|[A-ZА-ЯЁ])\.\s?){1,3}+"
ADDRESS = rf"(?i:{either(lambda language: language.names.address)})\."
"""A pattern for a form of address or rank with a full stop, as "Mrs."."""

_NAME = re.compile(
    rf"(?<![\w.])(?P<address>(?:{ADDRESS}\s)+)?(?P<before>{_INITIALS})?(?P<word>{_CAPITALISED})(?P<after>\s{_INITIALS}(?!\s?[A-ZА-ЯЁ]))?"
)
NAMES = (
    rf"(?:{_INITIALS})?{_CAPITALISED}(?:\s(?:{_INITIALS})?{_CAPITALISED}){{0,2}}"
    rf"(?:\s{_INITIALS}(?!\s?[A-ZА-ЯЁ]))?"
)
"""A pattern for a name of one to three capitalised words with their initials."""
_SURNAME = re.compile(
    rf"(?:{either(lambda language: language.names.surname)})"
    rf"(?:{either(lambda language: language.names.surname_case)})?$"
)
_OPENS = re.compile(r"(?:^|[.!?…:]|\n)[\s\"'«“„(\[—–-]*$")
_COMMON = union(lambda language: language.names.common)


def without_common(name: str) -> str:
    """The name without the function words, months and days in front of it."""
    words = name.split()
    while words and words[0].lower() in _COMMON:
        del words[0]
    return " ".join(words)


def like_surname(word: str) -> bool:
    """Whether the word ends as Russian surnames do, in either alphabet and any case."""
    return _SURNAME.search(word.lower()) is not None


def names_in(text: str) -> list[str]:
    """Names in a text, with the initials beside them, in order and as written, each once.

    The first word of a sentence is left out unless it ends as surnames do, has initials, stands
    before another capitalised word or is capitalised elsewhere too. Function words, months and
    days are never names. Takes time linear in the text.
    """
    found: dict[str, str] = {}
    openers = set()
    sure = set()
    for match in _NAME.finditer(text):
        word = match["word"]
        if word.lower() in _COMMON:
            continue
        name = match[0].removeprefix(match["address"] or "").strip()
        found[name] = word
        if _merely_opens(text, match):
            openers.add(name)
        else:
            sure.add(word)
    return [name for name, word in found.items() if name not in openers or word in sure]


def _merely_opens(text: str, match: re.Match[str]) -> bool:
    """Whether this is the first word of a sentence and nothing indicates a name."""
    if match["address"] or match["before"] or match["after"]:
        return False
    if not _OPENS.search(text[max(0, match.start() - 6) : match.start()]):
        return False
    followed = re.match(r" [A-ZА-ЯЁ]", text[match.end() : match.end() + 2])
    return not (followed or like_surname(match["word"]))
