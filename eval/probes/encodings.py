"""How often the encoding of a Russian text is recognised, of five encodings.

A sample is a stretch of a text, 40 to 4,000 characters (as many short as long ones), in one
encoding. It is right when it is decoded code point for code point, refused when the reader says
that it cannot tell the encoding, and wrong otherwise. Not here: the decoding
(`rag.readers.encoding`).
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.sets.jsonl import read_lines
from rag.errors import ReadError
from rag.readers.encoding import decode

ENCODINGS = ("utf-8", "utf-16", "cp1251", "koi8-r", "cp866")
SHORTEST, LONGEST = 40, 4000  # characters
# What is written instead of characters that koi8-r and cp866 lack.
_SIMPLER = str.maketrans("«»“”„—–−’…", '"""""---\'.')
_SETS = (
    "xquad/passages.jsonl", "tolstoy_letters_ru/docs.jsonl", "danetqa_ru/passages.jsonl",
)  # fmt: skip


def russian_texts(data: Path) -> list[str]:
    """The Russian texts of the development sets, long enough for the shortest sample."""
    texts = []
    for name in _SETS:
        texts += [
            r["text"]
            for r in read_lines(data / name)
            if r["lang"] == "ru" and len(r["text"]) > SHORTEST
        ]
    return texts


def survey(texts: Sequence[str], each: int = 200, seed: int = 1917) -> dict[str, Counter[str]]:
    """Counts of "right", "refused" and "wrong" for each encoding, over `each` samples of it."""
    choose = random.Random(seed)
    return {
        encoding: Counter(
            outcome(sample(choose.choice(texts), encoding, choose), encoding) for _ in range(each)
        )
        for encoding in ENCODINGS
    }


def sample(text: str, encoding: str, choose: random.Random) -> str:
    """A random stretch of the text, in characters that the encoding has."""
    longest = min(LONGEST, len(text))
    length = int(math.exp(choose.uniform(math.log(SHORTEST), math.log(longest))))
    start = choose.randint(0, len(text) - length)
    stretch = text[start : start + length]
    if encoding in ("koi8-r", "cp866"):
        stretch = stretch.translate(_SIMPLER)
    return stretch.encode(encoding, "ignore").decode(encoding)


def outcome(text: str, encoding: str) -> str:
    """Whether the text in that encoding is decoded: "right", "wrong" or "refused"."""
    try:
        return "right" if decode(text.encode(encoding)) == text else "wrong"
    except ReadError:
        return "refused"


def measure(data: Path) -> dict[str, Any]:
    """The survey over the development sets in `data`, with its sums."""
    found = survey(russian_texts(data))
    total = sum(found.values(), Counter())
    return {**{name: dict(counts) for name, counts in found.items()}, "all": dict(total)}
