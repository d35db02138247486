"""Capitals used for governments: "What did Paris say?" also matches "French".

The table was made for Fonds. Not here: the reverse, from a country to its capital.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from index_store.analysis.stemming import stems

FILE = Path(__file__).with_name("metonyms.tsv")
"""Per line: capital and words for its country in English, then the same in Russian."""

WEIGHT = 0.2
"""Weight of a country's stem; .4 helped one half of the archive questions and hurt the other."""


def country_stems(stem: str, own: str, lang: str) -> Mapping[str, float]:
    """Weighted stems, in language `lang`, of words for the country whose capital `stem` names.

    `own` is the language of `stem`. Empty when it is not the stem of a capital's name.
    """
    return dict.fromkeys(_table().get((own, stem, lang), ()), WEIGHT)


@cache
def _table() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """(language of the capital's name, its stem, other language) → stems."""
    table: dict[tuple[str, str, str], dict[str, None]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        capital, country, russian, russians = line.split("\t")
        for own, name in (("en", capital), ("ru", russian)):
            for lang, words in (("en", country), ("ru", russians)):
                for stem in stems(name):
                    known = table.setdefault((own, stem, lang), {})
                    known.update(dict.fromkeys(stems(words)))
    return {key: tuple(found) for key, found in table.items()}
