"""How reliably are near-copies distinguished from texts that only follow the same template?

Each document of some length is changed in ways in which copies differ (misread, cut, given a
heading, respelled, corrected), and into texts that are not copies (other numbers, names or
sentences in the same template). The limits of `rag.records.similarity` were chosen on the
development sets; the passages of other sets show whether they hold elsewhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.sets.jsonl import read_lines
from rag.records.minhash import pairs, sketch
from rag.records.similarity import MIN_WORDS, alike, worded
from rag.text.normalization import key

CHOSEN_ON = ("frus/docs", "dfat/docs", "tolstoy_letters_ru/docs")
ELSEWHERE = ("squad2_dev/passages", "clapnq/passages", "danetqa_ru/passages")

Changed = Callable[[str, random.Random, str], str]
"""A change of a text: given the text, a generator, and another text in its language."""

_LOOKS_LIKE = {"e": "c", "c": "e", "o": "0", "l": "1", "i": "l", "n": "u", "u": "n", "h": "b",
               "m": "rn", "0": "O", "1": "l", "3": "8", "5": "S", "6": "b", "7": "1", "и": "н",
               "н": "и", "п": "л", "л": "п", "е": "с", "с": "е", "т": "г", "ш": "щ",
               "а": "в"}  # fmt: skip
_LETTERS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщыьэюя")
_BRITISH = (("our", "or"), ("ise", "ize"), ("isa", "iza"), ("tre", "ter"), ("ence", "ense"),
            ("ll", "l"), ("to-day", "today"))  # fmt: skip
_NAMES = (
    ["Harwood", "Ellison", "Prentice", "Oakley", "Marlow", "Denby", "Whitford", "Stroud"],
    ["Зимин", "Каретников", "Лобанов", "Щукарёв", "Ордин", "Пестов", "Яхонтов", "Гурин"],
)
_NAME = re.compile(r"(?<=[\w,;] )[A-ZА-ЯЁ][a-zа-яё]{3,}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def misread(text: str, chance: random.Random, share: float) -> str:
    """With letters, digits, spaces and signs misread as by OCR, the given share of them."""

    def read(character: str) -> str:
        fate = chance.random() / share
        if character == " ":
            return "" if fate < 0.5 else " "
        if fate >= 1:
            return character
        if fate < 0.6:
            return _LOOKS_LIKE.get(character.lower()) or _other(character, chance)
        return "" if fate < 0.75 else character + (" " if fate < 0.85 else chance.choice(".,'-"))

    return "".join(map(read, text))


def _other(character: str, chance: random.Random) -> str:
    if character.isdigit():
        return chance.choice("0123456789")
    return chance.choice(_LETTERS[_russian(character)]) if character.isalpha() else character


def cut(text: str, chance: random.Random, other: str = "") -> str:
    """Without a seventh of its sentences, at one place."""
    parts = _SENTENCE_END.split(text)
    n = max(1, len(parts) // 7)
    at = chance.randrange(max(1, len(parts) - n + 1))
    return " ".join(parts[:at] + parts[at + n :])


def headed(text: str, chance: random.Random, other: str) -> str:
    """With some words of the other text before it, as an editor's heading."""
    words = other.split()
    n = min(len(words), 40, max(9, len(text.split()) // 4))
    at = chance.randrange(len(words) - n + 1)
    return " ".join(words[at : at + n]) + "\n\n" + text


def hyphenated(text: str, chance: random.Random, other: str = "") -> str:
    """With words hyphenated at line ends."""
    part = re.compile(r"\b(\w{4})(\w{5,})")
    return part.sub(lambda m: m[1] + ("-\n" if chance.random() < 0.2 else "") + m[2], text)


def respelled(text: str, chance: random.Random, other: str = "") -> str:
    """In American spelling; a Russian text in that before 1918."""
    if not _russian(text):
        for british, american in _BRITISH:
            text = text.replace(british, american)
        return text
    text = re.sub(r"([бвгджзклмнпрстфхцчшщ])\b", r"\1ъ", text)
    text = re.sub("и(?=[аеийоуыэюя])", "і", text)
    return re.sub("е", lambda _: "ѣ" if chance.random() < 0.3 else "е", text)


def corrected(text: str, chance: random.Random, other: str = "") -> str:
    """With one word in a hundred replaced; names and numbers stay."""
    words = text.split(" ")
    plain = [n for n, word in enumerate(words) if len(word) > 3 and word.islower()]
    for n in chance.sample(plain, min(len(plain), len(words) // 100)):
        words[n] = words[chance.choice(plain)]
    return " ".join(words)


def renumbered(text: str, chance: random.Random, other: str = "", share: float = 1.0) -> str:
    """With other numbers."""

    def number(match: re.Match[str]) -> str:
        kept = chance.random() >= share
        return match[0] if kept else "".join(chance.choice("123456789") for _ in match[0])

    return re.sub(r"\d+", number, text)


def renamed(text: str, chance: random.Random, other: str = "", share: float = 1.0) -> str:
    """With other names, each replaced throughout."""
    names = sorted(set(_NAME.findall(text)))
    chosen = _NAMES[_russian(text)]
    instead = {name: chance.choice(chosen) for name in names if chance.random() < share}
    return _NAME.sub(lambda match: instead.get(match[0], match[0]), text)


def one_name(text: str, chance: random.Random, other: str = "") -> str:
    """With one name changed throughout."""
    names = sorted(set(_NAME.findall(text)))
    if not names:
        return text
    name = re.escape(chance.choice(names))
    return re.sub(rf"\b{name}\b", chance.choice(_NAMES[_russian(text)]), text)


def one_number(text: str, chance: random.Random, other: str = "") -> str:
    """With one number changed throughout."""
    numbers = sorted(set(re.findall(r"\b\d+\b", text)))
    if not numbers:
        return text
    number = chance.choice(numbers)
    return re.sub(rf"\b{number}\b", str(int(number) + chance.randint(1, 40)), text)


def retold(text: str, chance: random.Random, other: str) -> str:
    """With a tenth of the longer sentences replaced by some of the other text."""
    parts = _SENTENCE_END.split(text)
    longer = [n for n, sentence in enumerate(parts) if len(sentence.split()) > 6]
    foreign = [s for s in _SENTENCE_END.split(other) if len(s.split()) > 6] or [other]
    for n in chance.sample(longer, min(len(longer), 1 + len(longer) // 10)):
        parts[n] = chance.choice(foreign)
    return " ".join(parts)


def _misread(share: float) -> Changed:
    return lambda text, chance, other: misread(text, chance, share)


def refilled(text: str, chance: random.Random, other: str = "") -> str:
    """With half of the numbers and names changed."""
    return renamed(renumbered(text, chance, share=0.5), chance, share=0.5)


def refilled_misread(text: str, chance: random.Random, other: str = "") -> str:
    """With half of the numbers and names changed, and misread."""
    changed = refilled(text, chance)
    return text if changed == text else misread(changed, chance, 0.01)


COPIES: Mapping[str, Changed] = {
    "0.5% of the letters misread": _misread(0.005),
    "1% of the letters misread": _misread(0.01),
    "3% of the letters misread": _misread(0.03),
    "5% of the letters misread": _misread(0.05),
    "a seventh left out": cut,
    "the same, 2% misread": lambda t, c, o: misread(cut(t, c), c, 0.02),
    "an editor's head": headed,
    "the same, 1% misread": lambda t, c, o: misread(headed(t, c, o), c, 0.01),
    "hyphens at line ends": hyphenated,
    "another spelling": respelled,
    "1% of the words corrected": corrected,
}
OTHERS: Mapping[str, Changed] = {
    "other numbers": renumbered,
    "other names": renamed,
    "half of both": refilled,
    "the same, 1% misread": refilled_misread,
    "a tenth of the sentences": retold,
    "one name alone": one_name,
    "one number alone": one_number,
}


def measure(data: Path) -> dict[str, Any]:
    """For each kind of change, the number of texts, and of those called near-copies."""
    return {
        name: _figures([text for part in parts for text in _texts(data / f"{part}.jsonl")])
        for name, parts in (("chosen on", CHOSEN_ON), ("elsewhere", ELSEWHERE))
    }


def _texts(path: Path) -> list[str]:
    return [row["text"] for row in read_lines(path) if len(worded(row["text"]).words) >= MIN_WORDS]


def _figures(texts: Sequence[str]) -> dict[str, Any]:
    kinds = {"copies": COPIES, "others": OTHERS}
    out: dict[str, Any] = {"texts": len(texts)}
    pools = [[text for text in texts if _russian(text) == russian] for russian in (False, True)]
    for kind, changes in kinds.items():
        out[kind] = {}
        for name, change in changes.items():
            called = of = 0
            for n, text in enumerate(texts):
                chance = random.Random(f"{name} {n}")
                changed = change(text, chance, chance.choice(pools[_russian(text)]))
                if worded(changed).words != worded(text).words or change is hyphenated:
                    of += 1
                    called += near(text, changed)
            out[kind][name] = {"called": called, "of": of}
    sketches = [sketch(key(text)) for text in texts]
    met = [(n, m) for n, m in pairs(sketches) if alike(worded(texts[n]), worded(texts[m]))]
    out["among the texts themselves"] = len(met)
    return out


def near(one: str, other: str) -> bool:
    """Whether the two would be found and called near-copies."""
    found = pairs([sketch(key(one)), sketch(key(other))])
    return bool(found) and alike(worded(one), worded(other)) > 0


def _russian(text: str) -> bool:
    return sum("а" <= letter <= "я" for letter in text.lower()) > len(text) / 3
