"""The lexical indexes: BM25 over stemmed words of passages and of whole documents, by tantivy.

An index knows rows, not ids, and stores no text: the catalogue confirms what it returns. It can be
rebuilt from the catalogue at any time. What tantivy is given is in `lexical_schema`.

Scores use tantivy's statistics, which count deleted entries until they are merged away. `rebuild`
removes them, and the store calls it when a writer closes. Equal documents then score equally.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import tantivy
from tantivy import Occur, Query

from index_store.analysis.stemming import ANALYZER, SHARED, analyzer, query_stems, stems
from index_store.errors import StoreCorrupt, StoreError
from index_store.lexical_queries import WordQueries
from index_store.lexical_schema import (
    FIELDS,
    MISREAD,
    IndexEntry,
    filter_query,
    make_schema,
    term_query,
    to_tantivy,
)
from index_store.types import Filter

_WRITER_BYTES = 64_000_000
_MAX_PAIRS = 300
"""Pairs of words of a query that are searched for."""

_SIGNIFICANT_DIGITS = 5
"""Of a score: those that do not depend on the order of summation."""

_POWERS_OF_TEN = np.array([float(f"1e{n}") for n in range(_SIGNIFICANT_DIGITS + 7)])


class LexicalIndex:
    """One tantivy index in the folder `path`, made there if `create` is set and it is missing.

    Raises StoreCorrupt when it cannot be opened; it must then be rebuilt.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self._schema = make_schema()
        self._open(create)

    def _open(self, create: bool) -> None:
        path = self.path
        try:
            if create:
                path.mkdir(parents=True, exist_ok=True)
                self._index = tantivy.Index(self._schema, path=str(path))
            else:
                self._index = tantivy.Index.open(str(path))
            self._index.register_tokenizer(ANALYZER, analyzer())
            self._index.config_reader("manual")
            self._searcher = self._index.searcher()
        except (ValueError, OSError) as error:
            raise StoreCorrupt(
                f"the lexical index {path} cannot be opened ({error});"
                " `fonds doctor --repair` rebuilds it (a reader, too, must be allowed to"
                " write tantivy's lock file there)"
            ) from error

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def reload(self) -> None:
        """Makes searches see what was committed since. Raises StoreCorrupt."""
        try:
            self._index.reload()
        except (ValueError, OSError) as error:
            raise StoreCorrupt(f"the lexical index {self.path} cannot be read: {error}") from error
        self._searcher = self._index.searcher()

    def update(self, stale: Iterable[int], entries: Iterable[IndexEntry]) -> None:
        """Removes the stale rows and adds the entries, in one commit. Raises StoreError."""
        self._write(stale, entries, clear=False)

    def rebuild(self, entries: Iterable[IndexEntry]) -> None:
        """Replaces all entries, in one commit; no deleted ones remain. Raises StoreError."""
        self._write((), entries, clear=True)

    def replace(self, entries: Iterable[IndexEntry]) -> None:
        """Builds a new index in a folder beside this one, then swaps the folders.

        For use after a failed writer, which can leave files that stop all later writers. Raises
        StoreError, and leaves the old index in place, when the new one cannot be written.
        """
        fresh, old = (self.path.with_name(self.path.name + end) for end in (".new", ".old"))
        for folder in (fresh, old):
            shutil.rmtree(folder, ignore_errors=True)
        try:
            LexicalIndex(fresh, create=True).rebuild(entries)
        except StoreError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        self.path.rename(old)
        fresh.rename(self.path)
        shutil.rmtree(old, ignore_errors=True)
        self._open(create=False)

    def _write(self, stale: Iterable[int], entries: Iterable[IndexEntry], *, clear: bool) -> None:
        writer: tantivy.IndexWriter | None = None
        try:
            writer = self._index.writer(_WRITER_BYTES, 1)
            if clear:
                writer.delete_all_documents()
            for row in stale:
                writer.delete_documents_by_term("row", row)
            for entry in entries:
                writer.add_document(to_tantivy(entry))
            writer.commit()
            writer.wait_merging_threads()
        except (ValueError, OSError) as error:
            raise StoreError(
                f"the lexical index {self.path} cannot be written ({error}); the documents are"
                " safe in the catalogue, and the next writer completes the index"
            ) from error
        finally:
            writer = None  # an error keeps this frame, and the writer would keep its lock
        self.reload()

    def deleted(self) -> int:
        """The number of entries that are deleted but still counted by the statistics."""
        return int(self._searcher.doc_freq("kind", "original")) + int(
            self._searcher.doc_freq("kind", "translation")
        ) - len(self)  # fmt: skip

    def rows(self) -> list[int]:
        """All rows in the index, ascending."""
        if not len(self):
            return []
        return sorted(row for row, _ in self._hits(Query.all_query(), len(self)))

    def stems_from(self, prefix: str) -> list[str]:
        """The stems of texts that begin with `prefix`, in order."""
        return sorted(stem for stem, _ in self._searcher.terms_with_prefix("text", prefix))

    def has_misread(self) -> bool:
        """Whether any entry's document has the warning `ocr_noise`."""
        return bool(self._searcher.doc_freq("kind", MISREAD))

    def stem_frequency(self, stem: str) -> int:
        """The number of entries whose text or header has the stem."""
        anywhere = [(Occur.Should, term_query(self._schema, name, stem)) for name in FIELDS]
        found = self._searcher.search(Query.boolean_query(anywhere), 1, count=True)
        return int(found.count)  # type: ignore[attr-defined]

    def holding(self, groups: Sequence[Sequence[str]], filter: Filter) -> list[int]:
        """Rows, ascending, of the entries whose text has at least one stem of each group."""
        if not groups or not all(groups) or not len(self):
            return []
        clauses = [
            (Occur.Must, Query.term_set_query(self._schema, "text", list(group)))
            for group in groups
        ]
        condition = filter_query(self._schema, filter)
        if condition is not None:
            clauses.append((Occur.Must, condition))
        return sorted(row for row, _ in self._hits(Query.boolean_query(clauses), len(self)))

    def search(
        self,
        query: str,
        k: int,
        filter: Filter,
        fields: Mapping[str, float],
        langs: Sequence[str] = (SHARED,),
    ) -> list[tuple[int, float]]:
        """(row, score) of the best `k` entries and of all that tie with the last, best first.

        Scores are BM25 sums over the query's stems and the `fields`, each weighted as given there.
        They are rounded to five significant digits: the others depend on the order in which tantivy
        adds. The query is stemmed by the rules of each of `langs`. Raises StoreError for unknown
        fields.
        """
        words = sorted({stem for lang in langs for stem in query_stems(query, lang)})
        scored = [
            (Occur.Should, Query.boost_query(term_query(self._schema, name, word), boost))
            for word in words
            for name, boost in _known(fields).items()
            if boost > 0
        ]
        return self._best(scored, k, filter)

    def search_pairs(
        self, query: str, k: int, filter: Filter, langs: Sequence[str] = (SHARED,)
    ) -> list[tuple[int, float]]:
        """As `search`, by neighbouring words of the query, stop words too, that stand so in texts.

        For finding a quotation of which only some words are right. Of a long one the first hundreds
        of pairs are looked for.
        """
        pairs = dict.fromkeys(pair for lang in langs for pair in pairwise(stems(query, lang)))
        scored = [
            (Occur.Should, Query.phrase_query(self._schema, "text", list(pair)))
            for pair in islice(pairs, _MAX_PAIRS)
        ]
        return self._best(scored, k, filter)

    def search_words(
        self,
        words: Sequence[Mapping[str, float]],
        k: int,
        filter: Filter,
        fields: Mapping[str, float],
        misread: Sequence[Mapping[str, float]] = (),
    ) -> list[tuple[int, float]]:
        """As `search`, for a query whose words may each have several stems.

        `words` has for each word its stems with weights of at most 1. In each field a word scores
        as its best stem does, plus a tenth of the others' scores; see `lexical_queries`. `misread`
        has for each word, where it is given, further stems with their weights. They count in the
        texts of misread documents only; the scores of all others stay as they are.
        """
        size = len(self)
        if filter.lang is not None:
            size = int(self._searcher.doc_freq("lang", filter.lang))
        given = WordQueries(self._schema, self._searcher, size)
        scored = [
            (Occur.Should, query)
            for word, also in zip(words, misread or [{}] * len(words), strict=True)
            for name, boost in _known(fields).items()
            if (query := given.of(word, also, name, boost)) is not None
        ]
        return self._best(scored, k, filter)

    def _best(
        self, scored: list[tuple[Occur, Query]], k: int, filter: Filter
    ) -> list[tuple[int, float]]:
        if k <= 0 or not scored or not len(self):
            return []
        wanted = Query.boolean_query(scored)
        condition = filter_query(self._schema, filter)
        if condition is not None:
            unscored = Query.const_score_query(condition, 0.0)
            wanted = Query.boolean_query([(Occur.Must, wanted), (Occur.Must, unscored)])
        limit = k + 16
        while True:
            hits = self._hits(wanted, limit)
            if len(hits) < limit or hits[-1][1] < hits[k - 1][1]:
                break
            limit *= 4
        hits.sort(key=lambda hit: (-hit[1], hit[0]))
        return [hit for hit in hits if hit[1] >= hits[min(k, len(hits)) - 1][1]]

    def _hits(self, query: Query, limit: int) -> list[tuple[int, float]]:
        found = self._searcher.search(query, limit, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        scores = rounded([score for score, _ in found])
        return [
            (int(row), score) for row, score in zip(rows, scores, strict=True) if row is not None
        ]


def rounded(scores: Sequence[float]) -> list[float]:
    """The scores to five significant digits, as decimal formatting rounds them.

    Scores below 1e-7 are rounded to eleven decimals, those of 1e5 and more to whole numbers. Ten
    times as fast as formatting, and equal to it: a float32 is exact as float64 when scaled so, and
    the quotient of whole numbers is the float nearest to the decimal.
    """
    values = np.array(scores, dtype=np.float64)
    digits = np.floor(np.log10(np.where(values > 0, values, 1.0))).astype(np.int64)
    scale = _POWERS_OF_TEN[np.clip(_SIGNIFICANT_DIGITS - 1 - digits, 0, len(_POWERS_OF_TEN) - 1)]
    return list((np.rint(values * scale) / scale).tolist())


def _known(fields: Mapping[str, float]) -> Mapping[str, float]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise StoreError(f"no lexical field {sorted(unknown)}; known are {sorted(FIELDS)}")
    return fields
