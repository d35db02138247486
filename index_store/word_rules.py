"""Word indexes of older stores, made by other rules: brought up to date by their next writer.

Not here: how words are stemmed (`analysis.stemming`), which entries are marked (`lexical_schema`).
"""

from __future__ import annotations

from collections.abc import Callable

from index_store import sync
from index_store.analysis.stemming import has_own_stemmer
from index_store.catalogue.reading import Table
from index_store.catalogue.writing import WritingCatalogue
from index_store.follower import TABLES
from index_store.lexical_index import LexicalIndex
from index_store.positions import Positions


def are_current(catalogue: WritingCatalogue) -> bool:
    """Whether texts are stemmed by language and the entries of misread documents are marked."""
    return catalogue.stems_by_language() and catalogue.marks_misreadings()


def renew(
    catalogue: WritingCatalogue, lexical: Callable[[Table], LexicalIndex], positions: Positions
) -> None:
    """Builds the word indexes anew where the rules would change any entry, and notes the rules.

    The word indexes are the caller's alone meanwhile.
    """
    stemmed, marked = catalogue.stems_by_language(), catalogue.marks_misreadings()
    unstemmed = not stemmed and any(map(has_own_stemmer, catalogue.values("lang")))
    if unstemmed or (not marked and catalogue.warned("ocr_noise")):
        for table in TABLES:
            sync.rebuild_lexical(catalogue, lexical(table), table, positions)
    catalogue.note_word_rules()
