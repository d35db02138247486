"""SearchingStore: what can be searched for in an open store.

Each method passes the question to `Search`. Not here: documents and passages by their ids
(`reader`), opening and writing (`store`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from index_store.analysis.near_stems import NearStems
from index_store.catalogue.reading import Table
from index_store.reader import StoreReader
from index_store.types import Filter, Scored, ScoreStats, Vectors


class SearchingStore(StoreReader):
    """The searches of a store; safe to share between threads.

    Every method raises StoreError when the store cannot be read and StoreCorrupt for damage.
    """

    def dense_search(
        self,
        vector: Vectors,
        k: int,
        filter: Filter = Filter(),
    ) -> list[Scored]:
        """The `k` passages of highest cosine with `vector` (of norm 1), ties by passage id.

        Exhaustive for filtered searches and up to `exact_limit` passages. Beyond that Chroma
        proposes candidates, which are scored exactly; where Chroma cannot be used the search is
        exhaustive as well.
        """
        return self._search.dense(vector, k, filter)

    def dense_stats(self, vector: Vectors, filter: Filter = Filter()) -> ScoreStats:
        """Number, mean and deviation of the cosines of all passages under the filter.

        Of more than a thousand passages a fixed sample is taken.
        """
        return self._search.dense_stats(vector, filter)

    def size(
        self, filter: Filter = Filter(), *, level: Literal["passage", "document"] = "passage"
    ) -> int:
        """The number of passages or documents under the filter."""
        return self._search.size(filter, "passages" if level == "passage" else "documents")

    def lexical_search(
        self,
        query: str | Sequence[Mapping[str, float]],
        k: int,
        filter: Filter = Filter(),
        *,
        level: Literal["passage", "document"] = "passage",
        fields: Mapping[str, float] | None = None,
        misread: Sequence[Mapping[str, float]] = (),
    ) -> list[Scored]:
        """The `k` best by BM25 over the stems of `query`, ties by id.

        A query may also be given as words: for each word the stems that may replace it, with
        weights of at most 1. `fields` are the weights of "text" and "header". `misread` has for
        each of such words the stems that it may be misread as, with weights; they count in the
        texts of documents with the warning `ocr_noise` only. At document level `passage_id` holds
        the id of the document.
        """
        table: Table = "passages" if level == "passage" else "documents"
        return self._search.lexical_search(query, k, filter, table, fields, misread)

    def pairs_search(self, text: str, k: int) -> list[Scored]:
        """The `k` passages best by BM25 over pairs of neighbouring words of `text`, ties by id.

        It finds a text of which a part is misread, where its single words are too common.
        """
        return self._search.pairs_search(text, k)

    def near_stems(self) -> NearStems | None:
        """The stems of the passages' texts, to look for near ones.

        None while no document has the warning `ocr_noise`.
        """
        return self._search.near_stems()

    def stem_language(self, lang: str) -> str:
        """The language by whose rules the index stems texts of `lang`, for `analysis.stemming`.

        `lang` itself, but English in a store made before each language had its stemmer; the next
        writer brings that up to date.
        """
        return self._search.stem_language(lang)

    def stem_rules(self, filter: Filter = Filter()) -> list[str]:
        """A language for each way in which the index stems texts in the filter's languages, sorted.

        Languages that are stemmed alike, as English and Russian, are one. Empty for an empty store.
        """
        return self._search.stem_rules(filter)

    def stems_from(self, prefix: str) -> list[str]:
        """The stems of the passages' texts that begin with `prefix`, in order."""
        return self._search.stems_from(prefix)

    def stem_frequency(self, stem: str) -> int:
        """The number of passages whose text or header has the stem."""
        return self._search.stem_frequency(stem)

    def holding(self, groups: Sequence[Sequence[str]], filter: Filter = Filter()) -> list[str]:
        """Ids, sorted, of the documents whose text has at least one stem of each group."""
        return self._search.holding(groups, filter)

    def capitalised(self) -> frozenset[str]:
        """The words that begin with a capital anywhere in the texts, or did while this was open."""
        return self._capitals.words()

    def matching(self, filter: Filter) -> int:
        """The number of documents that meet the filter."""
        return self._search.matching(filter)

    def containing(self, search_key: str, document_id: str | None = None) -> list[str]:
        """Ids, sorted, of the documents whose search key contains this one; of one or of all."""
        if document_id is None:
            return self._keys.containing(search_key)
        return self._catalogue.containing(search_key, document_id)

    def values(self, field: str) -> list[str]:
        """The distinct values of author, recipient, collection, lang …, sorted."""
        return self._search.values(field)
