"""Capitals that stand for governments: "what did Paris say?" asks what the French said.

The table is Fonds' own. Not here: the reverse, for a country is rarely asked of by its capital.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from index_store.analysis.stemming import stems

FILE = Path(__file__).with_name("metonyms.tsv")
"""A line each: the capital and the words of its country in English, the same in Russian."""

WEIGHT = 0.2
"""Of each such stem; with .4 the reporting half of the archive questions lost what the other
gained."""


def of_capital(stem: str, own: str, lang: str) -> Mapping[str, float]:
    """Stems of `lang` for the country whose capital the stem of language `own` is, weighted."""
    return dict.fromkeys(_table().get((own, stem, lang), ()), WEIGHT)


@cache
def _table() -> dict[tuple[str, str, str], tuple[str, ...]]:
    table: dict[tuple[str, str, str], dict[str, None]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        capital, country, russian, russians = line.split("\t")
        for own, name in (("en", capital), ("ru", russian)):
            for lang, words in (("en", country), ("ru", russians)):
                for stem in stems(name):
                    known = table.setdefault((own, stem, lang), {})
                    known.update(dict.fromkeys(stems(words)))
    return {key: tuple(found) for key, found in table.items()}
