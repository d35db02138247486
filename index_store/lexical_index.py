"""The lexical indexes: BM25 over stemmed words of passages and of whole documents, by tantivy.

The only file that imports tantivy. An index knows rows, not ids, and stores no text: what it
returns must be confirmed by the catalogue. It can be rebuilt from the catalogue at any time.

Scores use tantivy's statistics, which count deleted entries until they are merged away; `rebuild`
removes them, and the store does so when a writer closes. Equal documents then score equally.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tantivy
from tantivy import Occur, Query

from index_store.analysis.folding import fold
from index_store.analysis.stemming import ANALYZER, analyzer, query_stems
from index_store.catalogue.entry import check_day
from index_store.errors import StoreCorrupt, StoreError
from index_store.types import Document, Filter

FIELDS: Mapping[str, float] = {"text": 1.0, "header": 0.5}
_HEAP = 64_000_000
_FIRST_DAY, _LAST_DAY = 0, 4_000_000  # ordinals outside any calendar date
_EXACT = 5  # significant digits of a score that do not depend on the order of summation
_POWERS = np.array([float(f"1e{n}") for n in range(_EXACT + 7)])
_SATURATION = 1.2  # k1 of tantivy's BM25
_TIE = 0.1
"""Share of a word's lesser stems in its score."""

_COLUMNS = {
    "authors": "author",
    "recipients": "recipient",
    "collections": "collection",
    "documents": "document_id",
}


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry of an index: a passage or a whole document, under its catalogue row."""

    row: int
    text: str
    header: str
    document: Document


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: tantivy-py's delete by term does not reach unsigned fields.
    builder.add_integer_field("row", indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="position")
    for name in ("document_id", "lang", "kind", "author", "recipient", "collection"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("date_from", "date_to"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


class LexicalIndex:
    """One tantivy index in `path`. `create` makes it when missing.

    Raises StoreCorrupt when it cannot be opened: it must then be rebuilt.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self._schema = _schema()
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
        """Sees what has been committed since."""
        try:
            self._index.reload()
        except (ValueError, OSError) as error:
            raise StoreCorrupt(f"the lexical index {self.path} cannot be read: {error}") from error
        self._searcher = self._index.searcher()

    def update(self, stale: Iterable[int], words: Iterable[IndexEntry]) -> None:
        """Removes the stale rows and adds entries, in one commit."""
        self._write(stale, words, clear=False)

    def rebuild(self, words: Iterable[IndexEntry]) -> None:
        """Replaces everything, in one commit; leaves no deleted entries behind."""
        self._write((), words, clear=True)

    def replace(self, words: Iterable[IndexEntry]) -> None:
        """Builds the index anew beside itself and takes its place, whole or not at all.

        For what a writer that failed has left, which can stop all later ones.
        """
        fresh, old = (self.path.with_name(self.path.name + end) for end in (".new", ".old"))
        for folder in (fresh, old):
            shutil.rmtree(folder, ignore_errors=True)
        try:
            LexicalIndex(fresh, create=True).rebuild(words)
        except StoreError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        self.path.rename(old)
        fresh.rename(self.path)
        shutil.rmtree(old, ignore_errors=True)
        self._open(create=False)

    def _write(self, stale: Iterable[int], words: Iterable[IndexEntry], *, clear: bool) -> None:
        try:
            writer = self._index.writer(_HEAP, 1)
            if clear:
                writer.delete_all_documents()
            for row in stale:
                writer.delete_documents_by_term("row", row)
            for entry in words:
                writer.add_document(_to_tantivy(entry))
            writer.commit()
            writer.wait_merging_threads()
        except (ValueError, OSError) as error:
            raise StoreError(
                f"the lexical index {self.path} cannot be written ({error}); the documents are"
                " safe in the catalogue, and the next writer completes the index"
            ) from error
        self.reload()

    def deleted(self) -> int:
        """Entries deleted but still counted by the statistics."""
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

    def stem_frequency(self, stem: str) -> int:
        """Entries whose text or header has the stem."""
        anywhere = [(Occur.Should, self._term(name, stem)) for name in FIELDS]
        found = self._searcher.search(Query.boolean_query(anywhere), 1, count=True)
        return int(found.count)  # type: ignore[attr-defined]

    def holding(self, groups: Sequence[Sequence[str]], filter: Filter) -> list[int]:
        """Rows of all entries whose text has, of each group of stems, at least one; ascending."""
        if not groups or not all(groups) or not len(self):
            return []
        clauses = [
            (Occur.Must, Query.term_set_query(self._schema, "text", list(group)))
            for group in groups
        ]
        condition = self._condition(filter)
        if condition is not None:
            clauses.append((Occur.Must, condition))
        return sorted(row for row, _ in self._hits(Query.boolean_query(clauses), len(self)))

    def search(
        self, query: str, k: int, filter: Filter, fields: Mapping[str, float]
    ) -> list[tuple[int, float]]:
        """(row, score) of the best `k` entries and of all that tie with the last, best first.

        Scores are BM25 sums over the query's stems, to five significant digits: what remains
        is the order in which tantivy happens to add. Raises StoreError for unknown fields.
        """
        words = sorted(set(query_stems(query)))
        scored = [
            (Occur.Should, Query.boost_query(self._term(name, word), boost))
            for word in words
            for name, boost in _known(fields).items()
            if boost > 0
        ]
        return self._best(scored, k, filter)

    def search_words(
        self,
        words: Sequence[Mapping[str, float]],
        k: int,
        filter: Filter,
        fields: Mapping[str, float],
    ) -> list[tuple[int, float]]:
        """As `search`, for a structured query: each word a choice of stems with weights to 1.

        A word's score in a field is that of its best stem, with a little of the others. A stem
        counts as often as its weight says: its BM25 term uses the word's soft document frequency
        Σ weight·df among documents of the filter's language, and its weight inside the saturation
        (Darwish and Oard 2003), exact where the stem stands once. Measured against soft counts
        summed inside BM25, the ranking is as good, and tantivy can do it.
        """
        own = len(self)
        if filter.lang is not None:
            own = int(self._searcher.doc_freq("lang", filter.lang))
        scored = []
        for word in words:
            for name, boost in _known(fields).items():
                choices = self._choices(word, name, boost, own)
                if choices:
                    scored.append((Occur.Should, Query.disjunction_max_query(choices, _TIE)))
        return self._best(scored, k, filter)

    def _choices(
        self, word: Mapping[str, float], field: str, boost: float, size: int
    ) -> list[Query]:
        """One query a stem of the word that the field has, boosted to its share."""
        found = {stem: int(self._searcher.doc_freq(field, stem)) for stem in sorted(word)}
        soft = sum(word[stem] * frequency for stem, frequency in found.items())
        soft_idf = _idf(min(soft, size), size)
        return [
            Query.boost_query(
                self._term(field, stem),
                boost
                * (soft_idf / _idf(frequency, max(len(self), frequency)))
                * word[stem]
                * (1 + _SATURATION)
                / (word[stem] + _SATURATION),
            )
            for stem, frequency in found.items()
            if frequency and boost > 0
        ]

    def _best(
        self, scored: list[tuple[Occur, Query]], k: int, filter: Filter
    ) -> list[tuple[int, float]]:
        if k <= 0 or not scored or not len(self):
            return []
        wanted = Query.boolean_query(scored)
        condition = self._condition(filter)
        if condition is not None:
            quiet = Query.const_score_query(condition, 0.0)
            wanted = Query.boolean_query([(Occur.Must, wanted), (Occur.Must, quiet)])
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

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, index_option="freq")

    def _condition(self, filter: Filter) -> Query | None:
        """The filter as a query that all hits must match, None when it does not restrict."""
        clauses: list[tuple[Occur, Query]] = []
        for name in ("lang", "kind"):
            if (value := getattr(filter, name)) is not None:
                clauses.append((Occur.Must, self._term(name, value)))
        for name, column in _COLUMNS.items():
            if (choices := getattr(filter, name)) is not None:
                clauses.append((Occur.Must, self._any_of(column, choices)))
        if filter.date_from is not None or filter.date_to is not None:
            first = check_day(filter.date_from, "filter") if filter.date_from else _FIRST_DAY
            last = check_day(filter.date_to, "filter") if filter.date_to else _LAST_DAY
            clauses.append((Occur.Must, self._days("date_to", first, _LAST_DAY)))
            clauses.append((Occur.Must, self._days("date_from", _FIRST_DAY, last)))
        if filter.exclude:
            clauses.append((Occur.Must, Query.all_query()))
            clauses.append((Occur.MustNot, self._any_of("document_id", filter.exclude)))
        return Query.boolean_query(clauses) if clauses else None

    def _any_of(self, column: str, choices: Sequence[str]) -> Query:
        if not choices:
            return Query.empty_query()
        return Query.term_set_query(self._schema, column, list(choices))

    def _days(self, column: str, first: int, last: int) -> Query:
        return Query.range_query(
            self._schema, column, tantivy.FieldType.Integer, lower_bound=first, upper_bound=last
        )


def rounded(scores: Sequence[float]) -> list[float]:
    """BM25 scores to `_EXACT` significant digits from 1e-7 up to 1e5; smaller and larger ones
    to eleven decimals and to whole numbers.

    As decimal formatting would round them, and ten times as fast: what float32 holds is exact
    as float64 when scaled so, and a quotient of whole numbers is the nearest to the decimal.
    """
    values = np.array(scores, dtype=np.float64)
    digits = np.floor(np.log10(np.where(values > 0, values, 1.0))).astype(np.int64)
    scale = _POWERS[np.clip(_EXACT - 1 - digits, 0, len(_POWERS) - 1)]
    return list((np.rint(values * scale) / scale).tolist())


def _idf(frequency: float, size: int) -> float:
    """BM25's inverse document frequency."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def _known(fields: Mapping[str, float]) -> Mapping[str, float]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise StoreError(f"no lexical field {sorted(unknown)}; known are {sorted(FIELDS)}")
    return fields


def _to_tantivy(entry: IndexEntry) -> tantivy.Document:
    document = entry.document
    out = tantivy.Document()
    out.add_integer("row", entry.row)
    out.add_text("text", fold(entry.text))
    out.add_text("header", fold(entry.header))
    for name in ("document_id", "lang", "kind", "author", "recipient", "collection"):
        value = getattr(document, name)
        if value is not None:
            out.add_text(name, value)
    if document.date_from is not None or document.date_to is not None:
        first, last = document.date_from, document.date_to
        out.add_integer("date_from", check_day(first, "document") if first else _FIRST_DAY)
        out.add_integer("date_to", check_day(last, "document") if last else _LAST_DAY)
    return out
