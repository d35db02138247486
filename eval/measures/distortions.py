"""Distorted quotations: in another typography, with a word changed, badly scanned, invented.

Every choice is drawn from the generator that the caller gives. Not here: how Fonds is asked about
them (`quotations`).
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]{4,}")
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
_QUOTES = str.maketrans("«»“”„’", '"""""\'')
_DASHES = str.maketrans("—–", "--")


def in_other_form(text: str, draw: random.Random) -> str:
    """The same words with other line ends, quotes, dashes or composition, one word hyphenated."""
    words = text.split()
    breaks = set(draw.sample(range(1, len(words)), max(1, len(words) // 8)))
    out = "".join(("\n" if i in breaks else " " if i else "") + w for i, w in enumerate(words))
    long = [m for m in _WORD.finditer(out) if len(m.group()) > 6]
    if long:
        word = draw.choice(long)
        middle = word.start() + len(word.group()) // 2
        out = f"{out[:middle]}-\n{out[middle:]}"
    changes = (
        lambda t: t.translate(_QUOTES),
        lambda t: t.translate(_DASHES),
        lambda t: unicodedata.normalize("NFD", t),
    )
    for change in changes:
        if draw.random() < 0.5:
            out = change(out)
    return out


def mutated(text: str, vocabulary: Sequence[str], draw: random.Random) -> str:
    """The text with one word or digit changed, left out or added; never the same words."""
    words = list(_WORD.finditer(text))
    digits = list(re.finditer(r"\d", text))
    for _ in range(20):
        kind = draw.choice(("replace", "drop", "insert", "digit"))
        if kind == "digit" and digits:
            place = draw.choice(digits)
            new = str((int(place.group()) + draw.randint(1, 9)) % 10)
        elif kind == "digit" or not (places := words[1:-1] if kind == "drop" else words):
            continue
        else:
            place = draw.choice(places)
            other = draw.choice(vocabulary)
            new = {"replace": other, "drop": "", "insert": f"{place.group()} {other}"}[kind]
        out = text[: place.start()] + new + text[place.end() :]
        if out.split() != text.split():
            return out
    return f"{draw.choice(vocabulary)} {text}"


def noisy(text: str, rate: float, draw: random.Random) -> str:
    """The text with letters lost, replaced or followed by another, with the probability `rate`."""
    out = []
    for letter in text:
        if not letter.isalpha() or draw.random() >= rate:
            out.append(letter)
            continue
        alphabet = _ALPHABETS["а" <= letter.lower() <= "ё"]
        other = draw.choice([a for a in alphabet if a != letter.lower()])
        other = other.upper() if letter.isupper() else other
        out.append(draw.choice((other, other, "", letter + other)))
    return "".join(out)


def invented(vocabulary: Sequence[str], draw: random.Random, words: int = 14) -> str:
    """A sentence of words of the archive in random order."""
    return " ".join(draw.choice(vocabulary) for _ in range(words)).capitalize() + "."


def vocabulary_of(texts: Sequence[str]) -> list[str]:
    """The words of four letters or more in the texts, in lower case, each once, sorted."""
    return sorted({word.lower() for text in texts for word in _WORD.findall(text)})
