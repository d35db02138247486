"""Queries for words that may each have several stems, as tantivy scores them.

In each field a word scores as its best stem does, plus a tenth of the others' scores. After Darwish
and Oard (2003) a stem's BM25 term uses the word's soft document frequency, the sum of weight times
document frequency among entries of the filter's language, and the term frequency times the weight;
the latter is exact for a stem that stands once. The method proper sums these counts inside BM25;
that ranked no better when measured, and tantivy cannot do it.

Not here: searching (`lexical_index`), which stems a word has (`rag.retrieval`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from index_store.analysis.rarity import idf
from index_store.lexical_schema import MISREAD, term_query

_SATURATION = 1.2
"""k1 of tantivy's BM25."""

_OTHER_STEMS_SHARE = 0.1
"""What the stems of a word that score less than its best stem add to its score."""

_Stems = Mapping[str, float]
"""Stem → weight, at most 1."""


@dataclass(frozen=True, slots=True)
class WordQueries:
    """Makes queries over what `searcher` sees; `size` entries are in the filter's language."""

    schema: tantivy.Schema
    searcher: tantivy.Searcher
    size: int

    def of(self, word: _Stems, misread: _Stems, field: str, boost: float) -> Query | None:
        """The query for a word in one field, None where no entry has one of its stems.

        The stems that it may be misread as count in the texts of misread documents only, and do not
        change what the others score.
        """
        choices = self._of_each(word, field, boost)
        if misread and field == "text":
            own = self._soft_frequency(word, field)
            if also := self._of_each(misread, field, boost, own):
                marked = Query.const_score_query(term_query(self.schema, "kind", MISREAD), 0.0)
                best = Query.disjunction_max_query(also, _OTHER_STEMS_SHARE)
                choices.append(Query.boolean_query([(Occur.Must, best), (Occur.Must, marked)]))
        return Query.disjunction_max_query(choices, _OTHER_STEMS_SHARE) if choices else None

    def _soft_frequency(self, word: _Stems, field: str) -> float:
        return sum(w * int(self.searcher.doc_freq(field, stem)) for stem, w in word.items())

    def _of_each(self, word: _Stems, field: str, boost: float, others: float = 0.0) -> list[Query]:
        """A query for each stem of the word that the field has, with its part of the score.

        `others` is the soft document frequency of further stems of the word.
        """
        found = {stem: int(self.searcher.doc_freq(field, stem)) for stem in sorted(word)}
        soft = others + sum(word[stem] * frequency for stem, frequency in found.items())
        soft_idf = idf(min(soft, self.size), self.size)
        whole = int(self.searcher.num_docs)
        return [
            Query.boost_query(
                term_query(self.schema, field, stem),
                boost
                * (soft_idf / idf(frequency, max(whole, frequency)))
                * word[stem]
                * (1 + _SATURATION)
                / (word[stem] + _SATURATION),
            )
            for stem, frequency in found.items()
            if frequency and boost > 0
        ]
