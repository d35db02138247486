"""Clean sentence pairs for training, from parallel text.

`DATA/parallel_open/*.tsv.gz` holds lines `English TAB Russian`. In encyclopaedia titles, words in
brackets are removed, "Фамилия, Имя" is turned round, and the surname is paired with the English one
once more. A pair that shares seven words in a row with any other text under DATA is dropped, so
that nothing is learned from evaluation data.

Not here: stems and alignment (`ibm1`), and where the text comes from (PROVENANCE.md).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from eval.training.lexicon.sound_alike import alike
from index_store.analysis.folding import fold
from rag.errors import UsageError

FOLDER = "parallel_open"
SHARED_WORDS = 7
"""Words in a row that a pair may not share with evaluation text."""

MAX_WORDS = 120
"""Words of a side; a longer one is rarely a single sentence."""

TERMS = Path(__file__).with_name("terms.tsv")
"""Words of archives that are missing or too rare in the other sources, collected for Fonds."""

WEIGHTS = {"wikidict_titles": 0.5, "wd_names": 0.3, "openrussian": 0.7, "terms": 3.0}
"""Weights of pairs by source; a sentence has 1. Names are many and teach little."""

SURNAME_WEIGHT = 3.0
"""Of a surname that sounds alike on both sides, which is reliable evidence."""

TITLES = "wikidict_titles"
DICTIONARIES = ("openrussian", "terms")
TRAINED_ON = frozenset({"ntrex_en_ru.jsonl"})
"""Files beside the evaluation sets that repeat a training set (data/MANIFEST.md)."""

LATER_SETS = ("archive_train", "xquad_more")
"""Sets that came after the shipped lexicon was trained and were not held out of it. Hold them out,
by emptying this, when a new lexicon is trained."""

_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_LATIN = re.compile(r"[a-z]", re.I)
_CYRILLIC = re.compile(r"[а-яѐ-џѣіѳѵ]", re.I)


@dataclass(frozen=True, slots=True)
class Pair:
    """An English and a Russian text with the same meaning, and the weight of the pair.

    `entry`: the Russian side is one word in its dictionary form.
    """

    en: str
    ru: str
    weight: float
    entry: bool = False


def read_pairs(data: Path) -> Iterator[Pair]:
    """The clean pairs under `data`, by file name and line.

    Raises UsageError when there are none, or for a line that is not two columns.
    """
    files = sorted((data / FOLDER).glob("*.tsv.gz"))
    if not files:
        raise UsageError(f"{data / FOLDER} has no .tsv.gz files; name the folder that holds it")
    held_out = spans(evaluation_texts(data))
    for path in [*files, TERMS]:
        source = path.name.split(".")[0]
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            for n, line in enumerate(lines, 1):
                sides = line.rstrip("\n").split("\t")
                if len(sides) != 2:
                    raise UsageError(f"{path}:{n}: expected English, a tab, Russian")
                for pair in clean(source, *sides):
                    if held_out.isdisjoint(spans([pair.en, pair.ru])):
                        yield pair


def clean(source: str, en: str, ru: str) -> list[Pair]:
    """The pair as it is used in training, with the pair of a surname; empty if it is unusable."""
    weight = WEIGHTS.get(source, 1.0)
    extra: list[Pair] = []
    if source == TITLES:
        en, ru = _BRACKETS.sub("", en), _BRACKETS.sub("", ru)
        surname, comma, given = ru.partition(", ")
        if comma and "," not in given and "," not in en:
            ru = f"{given} {surname}"
            last = en.split()[-1] if en.split() else ""
            if alike(last, surname):
                extra = [Pair(last, surname, SURNAME_WEIGHT)]
    if not _fits(en, ru):
        return []
    return [Pair(en, ru, weight, source in DICTIONARIES and len(ru.split()) == 1), *extra]


def _fits(en: str, ru: str) -> bool:
    """Whether each side is in its alphabet, and neither is too long for the other or in itself."""
    a, b = len(_WORD.findall(en)), len(_WORD.findall(ru))
    if not 0 < a <= MAX_WORDS or not 0 < b <= MAX_WORDS or max(a, b) > 3 * min(a, b) + 3:
        return False
    if len(_CYRILLIC.findall(en)) > len(_LATIN.findall(en)):
        return False
    return _CYRILLIC.search(ru) is not None


def spans(texts: Iterable[str]) -> set[int]:
    """Hashes of all runs of seven words, for comparison within one process."""
    found: set[int] = set()
    for text in texts:
        words = _WORD.findall(fold(text))
        rows = (islice(words, n, None) for n in range(SHARED_WORDS))
        found.update(hash(span) for span in zip(*rows, strict=False))
    return found


def evaluation_texts(data: Path) -> Iterator[str]:
    """Every string in the JSON Lines files under `data`, except `TRAINED_ON` and `LATER_SETS`."""
    for path in sorted(data.glob("*/*.jsonl")):
        if path.name not in TRAINED_ON and path.parent.name not in LATER_SETS:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    yield from _strings(json.loads(line))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
