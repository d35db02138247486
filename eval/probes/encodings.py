"""How often the encoding of a Russian text is told: stretches of real texts in five encodings.

A sample is a stretch of a text, 40 to 4,000 characters (as many short as long ones), in one
encoding. It is right when it comes back code point for code point, refused when the reader says
that it cannot be told, and wrong otherwise. Not here: what reads them (`rag.readers.decoding`).
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rag.errors import ReadError
from rag.readers.encoding import decode

ENCODINGS = ("utf-8", "utf-16", "cp1251", "koi8-r", "cp866")
SHORTEST, LONGEST = 40, 4000  # characters
# What a writer puts where koi8-r and cp866 have no such character.
_SIMPLER = str.maketrans("«»“”„—–−’…", '"""""---\'.')
_SETS = (
    "xquad/passages.jsonl", "tolstoy_letters_ru/docs.jsonl", "danetqa_ru/passages.jsonl",
)  # fmt: skip


def russian_texts(data: Path) -> list[str]:
    """The Russian texts of the development sets, long enough for the shortest sample."""
    texts = []
    for name in _SETS:
        lines = (data / name).read_text(encoding="utf-8").splitlines()
        records = map(json.loads, lines)
        texts += [r["text"] for r in records if r["lang"] == "ru" and len(r["text"]) > SHORTEST]
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
    """A stretch of the text as the encoding can hold it."""
    longest = min(LONGEST, len(text))
    length = int(math.exp(choose.uniform(math.log(SHORTEST), math.log(longest))))
    start = choose.randint(0, len(text) - length)
    stretch = text[start : start + length]
    if encoding in ("koi8-r", "cp866"):
        stretch = stretch.translate(_SIMPLER)
    return stretch.encode(encoding, "ignore").decode(encoding)


def outcome(text: str, encoding: str) -> str:
    """What becomes of the text in that encoding."""
    try:
        return "right" if decode(text.encode(encoding)) == text else "wrong"
    except ReadError:
        return "refused"


def figures(data: Path) -> dict[str, object]:
    """The survey over the development sets in `data`, with its sums."""
    found = survey(russian_texts(data))
    total = sum(found.values(), Counter())
    return {**{name: dict(counts) for name, counts in found.items()}, "all": dict(total)}
